"""Reads the settings that take more than one line, each with its rule."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from backend.settings.keys import BadKey, check_for_production, demo_key, read_key
from backend.settings.reading import Reader
from backend.settings.values import PORTS, Mode, Security, Sms, Smtp

BREACHED = re.compile(rb"[0-9A-F]{40}(:\d+)?\s*$")
HOST_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[a-z0-9-]+\.)+[a-z]{2,}")
EXAMPLE = "signalements@reperes.example"
EMULATOR = re.compile(r"http://(?:localhost|127\.0\.0\.1):\d+")
BROWSERS_HOSTS = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""Chrome and its family, Firefox, Safari, Edge."""
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - recognised, not bound


def read_shell_host(env: Mapping[str, str], mode: Mode) -> str:
    """`make run HOST=…`; some shells keep there a name that is nobody’s to listen on.

    A demonstration can be opened on a phone of the same network; production waits for a proxy.
    """
    host = env.get("HOST", "")
    if host == "localhost" or _is_address(host):
        return host
    return "0.0.0.0" if mode is Mode.DEMO else "127.0.0.1"  # noqa: S104 - fictional people


def read_shell_port(env: Mapping[str, str]) -> int:
    """`make run PORT=…`"""
    port = env.get("PORT", "")
    return int(port) if port.isascii() and port.isdigit() else 8000


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def read_public_url(read: Reader, mode: Mode, host: str, port: int) -> str:
    """Where people find the service: the address in letters, and what passkeys belong to."""
    name = "localhost" if host in EVERYWHERE | {"127.0.0.1", "::1"} else host
    url = read.text("PUBLIC_URL", f"http://{name}:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        read.refuse("PUBLIC_URL", f"is “{url}”: an address like https://example.org is expected.")
    elif mode is Mode.PRODUCTION and parts.scheme != "https":
        read.refuse("PUBLIC_URL", "must be given and start with https:// in production.")
    return url


def read_allowed_hosts(read: Reader, mode: Mode, host: str, public_url: str) -> tuple[str, ...]:
    """The names that a request may be addressed to."""
    given = tuple(name.strip() for name in read.text("ALLOWED_HOSTS").split(",") if name.strip())
    if not given and mode is Mode.DEMO and host in EVERYWHERE:
        return ("*",)
    public = given or (urlsplit(public_url).hostname or host,)
    return tuple(dict.fromkeys((*public, "localhost", "127.0.0.1")))  # the probes of health


def read_database_url(read: Reader, mode: Mode) -> str | None:
    """For SQLAlchemy with psycopg; None when the embedded server is to be used."""
    url = read.text("DATABASE_URL")
    if not url:
        if mode is Mode.PRODUCTION:
            read.refuse("DATABASE_URL", "is required in production.")
        return None
    scheme, separator, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"} or not separator:
        read.refuse("DATABASE_URL", "must start with postgresql://")
    return f"postgresql+psycopg://{rest}"


def read_storage_url(read: Reader, var_dir: Path) -> str:
    """Where sealed files are kept."""
    url = read.text("STORAGE_URL", f"file://{var_dir / 'blobs'}")
    if not url.startswith(("file:///", "s3://")) or url in {"file:///", "s3://"}:
        read.refuse("STORAGE_URL", "must be like file:///folder or s3://bucket/prefix")
    return url


def read_clamav_url(read: Reader) -> str:
    """Where clamd listens."""
    url = read.text("CLAMAV_URL")
    parts = urlsplit(url)
    tcp = parts.scheme == "tcp" and parts.hostname
    if url and not tcp and not (parts.scheme == "unix" and parts.path.startswith("/")):
        read.refuse("CLAMAV_URL", "must be like tcp://host:3310 or unix:///run/clamav/clamd.ctl")
    return url


def read_letters_url(read: Reader) -> str:
    """Where paper letters are left for the printing house; empty when there is none."""
    url = read.text("LETTERS_URL")
    if url and (not url.startswith(("file:///", "s3://")) or url in {"file:///", "s3://"}):
        read.refuse("LETTERS_URL", "must be like file:///folder or s3://bucket/prefix")
    return url


def read_reports_email(read: Reader, mode: Mode) -> str:
    """Where a reported access is told; a demonstration shows the letter on its page."""
    given = read.text("REPORTS_EMAIL", EXAMPLE if mode is Mode.DEMO else "")
    if given and not ADDRESS.fullmatch(given):
        read.refuse("REPORTS_EMAIL", "must be one plain address, like dpo@example.org")
    return given


def read_breached_passwords(read: Reader) -> Path | None:
    """The list of passwords known from breaches; None without one."""
    given = read.text("BREACHED_PASSWORDS")
    if not given:
        return None
    path = Path(given).absolute()
    if not _is_list(path):
        read.refuse("BREACHED_PASSWORDS", "must be a file of lines like “SHA-1:count”, in order.")
    return path


def _is_list(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return BREACHED.match(file.readline(80)) is not None
    except OSError:
        return False


def read_processes(read: Reader, mode: Mode) -> int:
    """How many web processes."""
    processes = read.number("PROCESSES", 1, least=1, most=256)
    if processes > 1 and mode is Mode.DEMO:
        read.refuse("PROCESSES", "is 1 in a demonstration: its letters live in one process.")
    return processes


def read_smtp(read: Reader, mode: Mode) -> Smtp | None:
    """The mail server; None in a demonstration that shows its letters on a page."""
    host, sender = read.text("SMTP_HOST"), read.text("SMTP_FROM")
    security = read.one_of("SMTP_SECURITY", Security, Security.STARTTLS)
    port = read.number("SMTP_PORT", PORTS[security], least=1, most=65535)
    user, password = read.text("SMTP_USER"), read.text("SMTP_PASSWORD")
    if not host:
        if mode is Mode.PRODUCTION:
            read.refuse("SMTP_HOST", "is required in production: codes are sent by e-mail.")
        return None
    if "@" not in sender:
        read.refuse("SMTP_FROM", "must be the address that letters come from.")
    if bool(user) != bool(password):
        read.refuse("SMTP_USER", "and REPERES_SMTP_PASSWORD go together.")
    if mode is Mode.PRODUCTION and security is Security.NONE and host != "localhost":
        read.refuse("SMTP_SECURITY", "may be none in production only for localhost.")
    return Smtp(host, port, security, sender, user, password)


def read_absolute_minutes(read: Reader) -> int:
    """How long a session lasts, whatever its person does."""
    return read.number("SESSION_ABSOLUTE_MINUTES", 8 * 60, least=5, most=24 * 60)


def read_sms(read: Reader) -> Sms | None:
    """The SMS operator, if there is one."""
    url, token = read.text("SMS_URL"), read.text("SMS_TOKEN")
    if not url:
        return None
    if not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        read.refuse("SMS_URL", "must start with https://")
    if not token:
        read.refuse("SMS_TOKEN", "is required with REPERES_SMS_URL.")
    return Sms(url, token)


def read_push_hosts(read: Reader, mode: Mode) -> tuple[str, ...]:
    """Names of push services; a demonstration may name an emulator, `http://localhost:port`."""
    given = tuple(name.strip() for name in read.text("PUSH_HOSTS").split(",") if name.strip())
    for name in given:
        emulator = EMULATOR.fullmatch(name) and mode is Mode.DEMO
        if not emulator and not HOST_NAME.fullmatch(name):
            read.refuse("PUSH_HOSTS", f"holds “{name}”: names like push.example.org are expected.")
    return given or BROWSERS_HOSTS


def read_root_key(read: Reader, mode: Mode, var_dir: Path) -> bytes:
    """32 bytes; made on first use in a demonstration."""
    text = read.text("ROOT_KEY")
    try:
        if mode is Mode.DEMO:
            return read_key(text) if text else demo_key(var_dir / "keys/root.key")
        key = read_key(text)
        check_for_production(key)
    except (BadKey, OSError) as error:
        read.refuse("ROOT_KEY", str(error))
        return b""
    return key
