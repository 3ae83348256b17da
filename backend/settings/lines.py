"""Reads where the MLLP line of laboratories is, and the certificates of its two ends."""

from pathlib import Path

from backend.settings.reading import Reader
from backend.settings.values import Mllp, Mode

PORT = 2575
"""The one that IANA keeps for HL7."""
FILES = ("MLLP_CERTIFICATE", "MLLP_KEY", "MLLP_CLIENT_CA")
DEMO = ("server.crt", "server.key", "ca.crt")
"""What a demonstration makes for itself, under `var_dir`, when it opens its line."""


def read_mllp(read: Reader, mode: Mode, var_dir: Path) -> Mllp | None:
    """All of it, or nothing: a line without certificates is never opened."""
    host = read.text("MLLP_HOST", "127.0.0.1")
    port = read.number("MLLP_PORT", PORT, least=1, most=65535)
    given = [_path(read, name) for name in FILES]
    revoked = _path(read, "MLLP_CRL")
    if not any(given) and not revoked:
        if mode is Mode.PRODUCTION:
            return None
        given = [var_dir / "mllp" / name for name in DEMO]
    for name, path in zip(FILES, given, strict=True):
        if path is None:
            read.refuse(name, f"is missing: {', '.join(FILES)} go together.")
    if mode is Mode.PRODUCTION and revoked is None:
        read.refuse("MLLP_CRL", "is missing: a line lets nobody in whose certificate was revoked.")
    certificate, key, authorities = (path or Path() for path in given)
    return Mllp(host, port, certificate, key, authorities, revoked)


def _path(read: Reader, name: str) -> Path | None:
    """A file that is there and that we may read; None when none is named."""
    text = read.text(name)
    if not text:
        return None
    path = Path(text).absolute()
    try:
        with path.open("rb") as file:
            if b"-----BEGIN " not in file.read(100_000):
                read.refuse(name, f"names {path}, which is not PEM.")
    except OSError as error:
        read.refuse(name, f"names {path}, which cannot be read: {error.strerror}.")
    return path
