"""Killed at every step, the service keeps what it acknowledged: whole, once, and announced.

A nursery forks victims: the real application, whose driver, file flushes and letters are counted
on the way. A victim kills itself with SIGKILL at the step it was told, after losing what was not
flushed to the disk, as in a power cut. No hook is needed in the product.
"""
