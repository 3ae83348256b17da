"""Reads the settings of Pro Santé Connect, by which professionals come in."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backend.settings.reading import Reader
from backend.settings.values import Mode

WELL_KNOWN = "/.well-known/wallet-openid-configuration"
HERE = {"localhost", "127.0.0.1"}


@dataclass(frozen=True)
class Psc:
    """Our name at Pro Santé Connect, one proof of it, and where its own description lies."""

    client_id: str
    url: str
    secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    """PEM: the proof is signed (private_key_jwt) and no secret is shared."""


def read_psc(read: Reader, mode: Mode) -> Psc | None:
    """None: the emulator in a demonstration, a closed door elsewhere."""
    client_id, url = read.text("PSC_CLIENT_ID"), read.text("PSC_URL")
    secret, key = read.text("PSC_CLIENT_SECRET"), read.text("PSC_PRIVATE_KEY")
    if not (client_id or url or secret or key):
        return None
    parts = urlsplit(url)
    local = mode is Mode.DEMO and parts.scheme == "http" and parts.hostname in HERE
    if not (parts.scheme == "https" or local) or not url.endswith(WELL_KNOWN):
        read.refuse("PSC_URL", f"must start with https:// and end with {WELL_KNOWN}")
    if not client_id:
        read.refuse("PSC_CLIENT_ID", "is required with the other REPERES_PSC_ settings.")
    if bool(secret) == bool(key):
        read.refuse("PSC_CLIENT_SECRET", "or REPERES_PSC_PRIVATE_KEY is required, one of them.")
    if key and "-----BEGIN" not in key:
        read.refuse("PSC_PRIVATE_KEY", "must be a private key in PEM.")
    return Psc(client_id, url, secret, key)
