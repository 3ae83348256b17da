"""Web push: what a browser gives to be told, and what it is told."""

from base64 import urlsafe_b64decode
from binascii import Error

import msgspec
from msgspec import Struct

from backend.domain.errors import Refused

POINT, SECRET = 65, 16
"""Bytes of an uncompressed P-256 point and of the authentication secret (RFC 8291)."""
LONGEST = 2_000


class Subscription(Struct, frozen=True):
    """`PushSubscription` as the browser gives it."""

    endpoint: str
    p256dh: bytes
    auth: bytes


class _Keys(Struct):
    p256dh: str
    auth: str


class _Given(Struct):
    endpoint: str
    keys: _Keys


class Message(Struct, frozen=True):
    """What the service worker shows: nothing medical, nobody named."""

    title: str
    body: str


def read_subscription(text: str) -> Subscription:
    """`JSON.stringify(subscription)`; Refused when it is anything else."""
    try:
        given = msgspec.json.decode(text[: 2 * LONGEST], type=_Given)
        keys = [urlsafe_b64decode(key + "==") for key in (given.keys.p256dh, given.keys.auth)]
    except (msgspec.MsgspecError, Error, ValueError) as error:
        raise _odd() from error
    if [len(key) for key in keys] != [POINT, SECRET] or len(given.endpoint) > LONGEST:
        raise _odd()
    return Subscription(given.endpoint, *keys)


def message(words: str, *, discreet: bool) -> Message:
    """`words` under our name; on a discreet screen, only that there is something."""
    return Message("Message", "Un message vous attend.") if discreet else Message("Repères", words)


def _odd() -> Refused:
    return Refused("Ce navigateur n’a pas pu être inscrit. Essayez de nouveau.")
