"""The kinds of choices an operator has."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """A demonstration has fictional people and makes its own keys; production is asked for all."""

    DEMO = "demo"
    PRODUCTION = "production"


class Worker(StrEnum):
    """Where promised work is done: beside the pages, or by `reperes worker`."""

    INPROCESS = "inprocess"
    EXTERNAL = "external"


class Release(StrEnum):
    """When a withheld result shows: one month after its deposit (R.1111-53 CSP), or by hand."""

    LAW = "law"
    MANUAL = "manual"


class Security(StrEnum):
    """How the mail server is spoken to."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class LogLevel(StrEnum):
    """The least grave line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True)
class Mllp:
    """Where laboratories’ systems open an MLLP line, and how each side shows who it is.

    The files are PEM; they are read again when they change.
    """

    host: str
    port: int
    certificate: Path
    """Ours, with what links it to its authority."""
    key: Path
    authorities: Path
    """Those whose certificates are looked at: the IGC-Santé in production."""
    revoked: Path | None
    """What those authorities took back."""


@dataclass(frozen=True)
class Reading:
    """How many different records one professional may open, and from how many on it is told."""

    hour: int = 40
    day: int = 200
    told_hour: int = 20
    told_day: int = 100


@dataclass(frozen=True)
class Smtp:
    """The mail server."""

    host: str
    port: int
    security: Security
    sender: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Sms:
    """The operator’s webhook, called with a bearer token."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class InsiAccess:
    """How the téléservice INSi is reached, and who we are there."""

    url: str
    idam: str
    """The number of our authorisation, given by the CNDA."""
    instance: str
    """Of this installation: the same at each start."""
    certificate: Path | None = None
    key: Path | None = None
    authorities: Path | None = None
    key_password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Mssante:
    """Our operator of MSSanté: where mails leave by SMTP and come in by IMAP."""

    host: str
    port: int
    security: Security
    sender: str
    """The applicative mailbox: From, and where reports come back."""
    user: str = ""
    password: str = field(default="", repr=False)
    certificate: str = ""
    """Files: our certificate (IGC-Santé), its key, the authority of the operator’s."""
    key: str = ""
    authority: str = ""
    domains: tuple[str, ...] = ("mssante.fr",)
    """The espace de confiance: nothing is sent elsewhere."""
    largest: int = 7_000_000
    imap_host: str = ""
    """Empty: nothing is read."""
    imap_port: int = 993
    imap_security: Security = Security.TLS
    imap_user: str = ""
    imap_password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Annuaire:
    """The Annuaire santé, asked with an API key."""

    url: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Official:
    """The official files that check CDA documents, and what becomes of a deposit."""

    folder: Path
    """A copy of the public repository, as it is laid out there."""
    refuses: bool = False
    """A document that breaks a rule; otherwise its sender is warned."""
    refuses_unchecked: bool = False
    """A document that could not be checked; the same."""
