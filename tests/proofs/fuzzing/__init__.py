"""Readers of what strangers send, fed by a program that looks for what makes them fall."""
