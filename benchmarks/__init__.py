"""How fast the service is, beside the limits of the machine it runs on: `make bench`."""
