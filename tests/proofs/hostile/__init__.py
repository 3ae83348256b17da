"""What strangers send, made by code, and what must come of each."""
