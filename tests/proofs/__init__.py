"""What the service promises on a bad day, proven by doing it: `make prove`."""
