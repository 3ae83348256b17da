"""Where a service that is started as a command listens."""

import socket
from contextlib import suppress
from random import SystemRandom

QUIET = range(20_000, 30_000)
"""Below those that a system gives by itself: a client that calls again and again while nobody
listens there would end up connected to itself, and the port taken when the service comes back."""


def quiet_port() -> int:
    """One that nothing else is given while the service starts, stops and starts again."""
    while True:
        port = SystemRandom().choice(QUIET)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
