"""Reads how the téléservice INSi is reached: its address, our authorisation, our certificate."""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from backend.settings.reading import Reader
from backend.settings.values import InsiAccess, Mode

LOOPBACK = {"localhost", "127.0.0.1"}


def read_insi(read: Reader, mode: Mode, public_url: str) -> InsiAccess | None:
    """None without an address: a demonstration then has an emulator, production says it has none.

    The organisation’s certificate (INSI-MANU or INSI-AUTO) is in PEM.
    """
    url, idam = read.text("INSI_URL"), read.text("INSI_IDAM")
    certificate, key = _file(read, "INSI_CERTIFICATE"), _file(read, "INSI_KEY")
    authorities = _file(read, "INSI_AUTHORITIES")
    password = read.text("INSI_KEY_PASSWORD")
    if not url:
        return None
    parts = urlsplit(url)
    here = mode is not Mode.PRODUCTION and parts.hostname in LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and here)):
        read.refuse("INSI_URL", "must start with https://")
    if certificate and not key:
        read.refuse("INSI_KEY", "is required with REPERES_INSI_CERTIFICATE.")
    if mode is Mode.PRODUCTION and not (certificate and idam):
        read.refuse("INSI_URL", "needs REPERES_INSI_CERTIFICATE and REPERES_INSI_IDAM as well.")
    instance = str(uuid5(NAMESPACE_URL, public_url))
    return InsiAccess(url, idam or "DEMO", instance, certificate, key, authorities, password)


def _file(read: Reader, name: str) -> Path | None:
    given = read.text(name)
    if not given:
        return None
    path = Path(given).absolute()
    if not path.is_file():
        read.refuse(name, "must name a file that can be read.")
    return path
