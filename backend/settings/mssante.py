"""Reads the settings of MSSanté and of the Annuaire santé."""

from backend.settings.parts import ADDRESS, EMULATOR, HOST_NAME
from backend.settings.reading import Reader
from backend.settings.values import Annuaire, Mode, Mssante, Security

PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
GATEWAY = "https://gateway.api.esante.gouv.fr/fhir/v2"


def read_mssante(read: Reader, mode: Mode) -> Mssante | None:
    """The operator; None when there is none: a demonstration then has its own."""
    host = read.text("MSSANTE_HOST")
    security = _security(read, mode, "MSSANTE_SECURITY")
    imap_security = _security(read, mode, "MSSANTE_IMAP_SECURITY", Security.TLS)
    port = read.number("MSSANTE_PORT", PORTS[security], least=1, most=65535)
    imap_port = read.number("MSSANTE_IMAP_PORT", IMAP_PORTS[imap_security], least=1, most=65535)
    sender = read.text("MSSANTE_FROM")
    found = Mssante(
        host=host,
        port=port,
        security=security,
        sender=sender,
        user=read.text("MSSANTE_USER"),
        password=read.text("MSSANTE_PASSWORD"),
        certificate=read.text("MSSANTE_CERTIFICATE"),
        key=read.text("MSSANTE_KEY"),
        authority=read.text("MSSANTE_AUTHORITY"),
        domains=_domains(read),
        largest=read.number("MSSANTE_MAX_BYTES", 7_000_000, least=100_000, most=18_000_000),
        imap_host=read.text("MSSANTE_IMAP_HOST"),
        imap_port=imap_port,
        imap_security=imap_security,
        imap_user=read.text("MSSANTE_IMAP_USER"),
        imap_password=read.text("MSSANTE_IMAP_PASSWORD"),
    )
    if not host:
        return None
    if not ADDRESS.fullmatch(sender):
        read.refuse("MSSANTE_FROM", "must be the address of the applicative mailbox.")
    if found.key and not found.certificate:
        read.refuse("MSSANTE_KEY", "goes with REPERES_MSSANTE_CERTIFICATE.")
    if found.password and security is Security.NONE:
        read.refuse("MSSANTE_PASSWORD", "is never sent in clear: use TLS.")
    return found


def read_annuaire(read: Reader, mode: Mode) -> Annuaire | None:
    """The Annuaire santé; None without a key."""
    url = read.text("ANNUAIRE_URL", GATEWAY).rstrip("/")
    key = read.text("ANNUAIRE_KEY")
    local = mode is Mode.DEMO and EMULATOR.match(url)
    if not url.startswith("https://") and not local:
        read.refuse("ANNUAIRE_URL", "must start with https://")
    return Annuaire(url, key) if key else None


def _security(
    read: Reader, mode: Mode, name: str, default: Security = Security.STARTTLS
) -> Security:
    found = read.one_of(name, Security, default)
    if found is Security.NONE and mode is Mode.PRODUCTION:
        read.refuse(name, "may not be none in production.")
    return found


def _domains(read: Reader) -> tuple[str, ...]:
    given = read.text("MSSANTE_DOMAINS", "mssante.fr").split(",")
    names = tuple(name.strip().lower() for name in given if name.strip())
    if not names or not all(HOST_NAME.fullmatch(name) for name in names):
        read.refuse("MSSANTE_DOMAINS", "must be names like mssante.fr, separated by commas.")
    return names
