"""What `reperes doctor` looks at. Counts and states only: nothing about anyone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from backend.gateways.files import open_files
from backend.gateways.official import OfficialChecks
from backend.services import certificates, journal
from backend.settings import Official, Settings
from backend.storage.db import AsyncSession, make_engine, make_sessions, utcnow
from backend.storage.migrate import is_current
from backend.storage.outbox import OutboxRow, OutboxState
from backend.storage.vault import Vault

LATE = timedelta(minutes=10)
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    ok: bool
    what: str
    say: str


async def look_around(settings: Settings) -> list[Finding]:
    """Every check, each one on its own: one that fails does not hide the others."""
    engine = make_engine(settings.database_url or "")
    sessions = make_sessions(engine, Vault(settings.root_key))
    findings = []
    checks: dict[str, Callable[[], Awaitable[Finding]]] = {
        "schema": lambda: _schema(settings),
        "files": lambda: _files(settings),
    }
    if chosen := settings.official:
        checks["official checks"] = lambda: _official(chosen)
    for what, check in checks.items():
        findings.append(await _safely(what, check))
    for what, ask in (("promised work", _outbox), ("journal", _journal), ("lines", _lines)):
        async with sessions() as db:
            findings.append(await _safely(what, lambda db=db, ask=ask: ask(db)))  # type: ignore[misc]
    await engine.dispose()
    return findings


async def _safely(what: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - a doctor reports, whatever happens
        return Finding(ok=False, what=what, say=f"cannot be checked ({type(error).__name__})")


async def _schema(settings: Settings) -> Finding:
    current = is_current(settings.database_url or "")
    say = "up to date" if current else "migrations are missing: reperes migrate"
    return Finding(current, "schema", say)


async def _files(settings: Settings) -> Finding:
    files = open_files(settings.storage_url)
    name = f"doctor/{uuid4().hex}"
    await files.put(name, b"doctor")
    ok = await files.get(name) == b"doctor"
    await files.remove(name)
    return Finding(ok, "files", "written, read and removed")


async def _official(chosen: Official) -> Finding:
    """Every schematron that may apply runs; without the engine, the schema is alone."""
    async with OfficialChecks(chosen) as official:
        ready = await official.ready()
    if ready is None or not ready.schema:
        return Finding(ok=False, what="official checks", say="the schema cannot be loaded")
    if not ready.engine:
        return Finding(ok=False, what="official checks", say="saxonche is missing: schema alone")
    broken = f"; cannot be run: {', '.join(ready.broken)}" if ready.broken else ""
    count = len(ready.schematrons)
    return Finding(bool(count), "official checks", f"the schema, {count} schematrons{broken}")


async def _outbox(db: AsyncSession) -> Finding:
    failed = await db.scalar(select(func.count()).where(OutboxRow.state == OutboxState.FAILED))
    late = await db.scalar(
        select(func.count()).where(
            OutboxRow.state == OutboxState.DUE, OutboxRow.created_at < utcnow() - LATE
        )
    )
    return Finding(not failed and not late, "promised work", f"{failed} given up, {late} late")


async def _journal(db: AsyncSession) -> Finding:
    found = await journal.verify(db)
    return Finding(found.ok, "journal", f"{found.lines} lines, {found.faults} broken chains")


async def _lines(db: AsyncSession) -> Finding:
    """A laboratory whose certificate is over sends nothing any more: it is told before."""
    soon = await certificates.count_expiring(db, utcnow() + SOON)
    return Finding(not soon, "lines", f"{soon} certificates without a successor expire in 30 days")
