"""The doors for machines, tried by programs that read their description."""
