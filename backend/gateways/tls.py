"""The authorities that this machine trusts, read once a process: it takes 40 ms each time."""

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """For clients: names checked, certificates required."""
    return ssl.create_default_context()
