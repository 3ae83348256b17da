"""The child process that alone opens PDF files: one job at a time, under limits, with no secrets.

Whoever holds a hostile file can at worst take over a process that has no environment, no
database, no key, no right to write a file, and that is thrown away. See `backend.gateways.pdf`.
"""
