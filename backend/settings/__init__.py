"""What an operator decides, read once from the environment. Nothing else reads it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Self

from backend.settings.insi import read_insi
from backend.settings.lines import read_mllp
from backend.settings.mssante import read_annuaire, read_mssante
from backend.settings.official import read_official
from backend.settings.parts import (
    read_absolute_minutes,
    read_allowed_hosts,
    read_breached_passwords,
    read_clamav_url,
    read_database_url,
    read_letters_url,
    read_processes,
    read_public_url,
    read_push_hosts,
    read_reports_email,
    read_root_key,
    read_shell_host,
    read_shell_port,
    read_sms,
    read_smtp,
    read_storage_url,
)
from backend.settings.psc import Psc, read_psc
from backend.settings.reading import Reader
from backend.settings.records import USUAL, read_records
from backend.settings.values import (
    Annuaire,
    InsiAccess,
    LogLevel,
    Mllp,
    Mode,
    Mssante,
    Official,
    Reading,
    Release,
    Security,
    Sms,
    Smtp,
    Worker,
)
from backend.settings.vitale import read_vitale_url

__all__ = [
    "Annuaire",
    "BadSettings",
    "InsiAccess",
    "LogLevel",
    "Mllp",
    "Mode",
    "Mssante",
    "Official",
    "Psc",
    "Reading",
    "Release",
    "Security",
    "Settings",
    "Sms",
    "Smtp",
    "Worker",
]

ROOT = Path(__file__).parents[2]
DAY = 24 * 60


class BadSettings(Exception):
    """The application cannot start; `problems` are sentences for the operator."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """Every choice, checked. Secrets have no place in its `repr`."""

    mode: Mode
    host: str
    port: int
    public_url: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: int
    """How many proxies in front may be believed about the caller’s address."""

    var_dir: Path
    database_url: str | None = field(repr=False)
    """None: the embedded server, under `var_dir`."""

    storage_url: str
    root_key: bytes = field(repr=False)
    smtp: Smtp | None
    sms: Sms | None
    push_hosts: tuple[str, ...]
    """The services that browsers may be written to through: names, their subdomains included."""
    letters_url: str
    """Where paper letters are left for the printing house; empty: none is sent."""
    reports_email: str
    """Who runs the service: told of each access that a person reports; empty: nobody is."""
    clamav_url: str
    """The clamd that scans what people add; empty: nothing is scanned."""
    breached_passwords: Path | None
    """A list of passwords that nobody may choose, in the form of « Have I Been Pwned »."""
    session_idle_minutes: int
    session_absolute_minutes: int
    worker: Worker
    processes: int
    """Web processes behind one address; a demonstration has one, with its letters."""
    withheld_release: Release
    masked_visible_to_treating_physician: bool
    blocked_author_reads: bool
    caregivers: bool
    deposit_max_bytes: int
    backup_recipient: str
    """The public key that backups are sealed for; empty: none are made."""
    log_level: LogLevel
    psc: Psc | None
    """Pro Santé Connect; None: the emulator in a demonstration, a closed door elsewhere."""
    mllp: Mllp | None
    """None: a production that names no certificate has no line."""
    mssante: Mssante | None
    """The operator of MSSanté; None: a demonstration has its own, production sends nothing."""
    annuaire: Annuaire | None
    records: Reading = USUAL
    """How many different records one professional may open."""
    insi: InsiAccess | None = None
    """None: the emulator in a demonstration, nothing elsewhere."""
    official: Official | None = None
    """The official checks of CDA documents; None: none is made."""
    vitale_url: str = ""
    """Of the connector on each desk’s machine; empty: an emulator, or no card is read."""

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def mailbox_every(self) -> float:
        """Seconds between two looks into the mailbox of MSSanté."""
        return 3.0 if self.is_demo else 60.0

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read `REPERES_*`, or raise BadSettings with all that is wrong.

        A demonstration’s root key is made on first use, under `var_dir`.
        """
        read = Reader(env)
        settings = cls._read(read, env)
        insi = read_insi(read, settings.mode, settings.public_url)
        vitale, records, official = read_vitale_url(read), read_records(read), read_official(read)
        settings = replace(
            settings, insi=insi, vitale_url=vitale, records=records, official=official
        )
        read.check_spelling()
        if read.problems:
            raise BadSettings(read.problems)
        return settings

    def describe(self) -> list[str]:
        """The settings in force, one a line, secrets hidden."""
        return [f"{name} = {value}" for name, value in _lines(self)]

    @classmethod
    def _read(cls, read: Reader, env: Mapping[str, str]) -> Self:
        mode, number = read.one_of("MODE", Mode, Mode.DEMO), read.number
        host = read.text("HOST", read_shell_host(env, mode))
        port = number("PORT", read_shell_port(env), most=65535)
        public_url = read_public_url(read, mode, host, port)
        var_dir = Path(read.text("VAR_DIR", str(ROOT / "var"))).absolute()
        return cls(
            mode=mode,
            host=host,
            port=port,
            public_url=public_url,
            allowed_hosts=read_allowed_hosts(read, mode, host, public_url),
            trusted_proxies=number("TRUSTED_PROXIES", 0, most=10),
            var_dir=var_dir,
            database_url=read_database_url(read, mode),
            storage_url=read_storage_url(read, var_dir),
            **_neighbours(read, mode),
            push_hosts=read_push_hosts(read, mode),
            letters_url=read_letters_url(read),
            reports_email=read_reports_email(read, mode),
            clamav_url=read_clamav_url(read),
            breached_passwords=read_breached_passwords(read),
            session_idle_minutes=number("SESSION_IDLE_MINUTES", 15, least=1, most=60),
            session_absolute_minutes=read_absolute_minutes(read),
            worker=read.one_of("WORKER", Worker, Worker.INPROCESS),
            processes=read_processes(read, mode),
            withheld_release=read.one_of("WITHHELD_RELEASE", Release, Release.LAW),
            masked_visible_to_treating_physician=read.flag(
                "MASKED_VISIBLE_TO_TREATING_PHYSICIAN", default=False
            ),
            blocked_author_reads=read.flag("BLOCKED_AUTHOR_READS", default=False),
            caregivers=read.flag("CAREGIVERS", default=False),
            deposit_max_bytes=number("DEPOSIT_MAX_BYTES", 20_000_000, least=100_000),
            backup_recipient=read.text("BACKUP_RECIPIENT"),
            log_level=read.one_of("LOG_LEVEL", LogLevel, LogLevel.INFO),
            mllp=read_mllp(read, mode, var_dir),
            root_key=read_root_key(read, mode, var_dir),
            mssante=read_mssante(read, mode),
            annuaire=read_annuaire(read, mode),
        )


def _neighbours(read: Reader, mode: Mode) -> dict[str, Any]:
    """Whom the service talks to, each None without a setting."""
    return {"smtp": read_smtp(read, mode), "sms": read_sms(read), "psc": read_psc(read, mode)}


def _lines(values: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    for part in fields(values):  # type: ignore[arg-type]
        value: Any = getattr(values, part.name)
        name = prefix + part.name
        if is_dataclass(value):
            yield from _lines(value, f"{name}.")
        elif part.repr:
            yield name, "-" if value is None else value
        else:
            yield name, "(hidden)" if value else "-"
