"""« Signaler cet accès »: who looked is blocked at once, and a report waits for the operator."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import Moment, records_for
from backend.access.scopes.care import reports_for, reports_that_wait
from backend.domain.errors import NotFound, Refused
from backend.domain.jobs import TellOperator
from backend.services import activity, blocking
from backend.services.activity import Line
from backend.storage.care import AccessReport, ReportState
from backend.storage.db import AsyncSession, utcnow
from backend.storage.outbox import enqueue
from backend.storage.records import Record, key_of

OPERATOR = Robot("operator")
WORDS_AT_MOST = 500
REPORTABLE = frozenset({"Professional", "Machine", "Agent"})


class Report(Struct, frozen=True):
    """One report, as its person follows it."""

    number: str
    at: datetime
    closed_at: datetime | None


def read_words(text: str) -> str:
    """What a person adds, if anything."""
    words = text.strip()
    if len(words) > WORDS_AT_MOST:
        raise Refused(f"Écrivez {WORDS_AT_MOST} caractères au plus.")
    return words


async def look(db: AsyncSession, actor: Patient, at: Moment, trace_id: UUID) -> Line:
    """The line that may be reported; NotFound for any other."""
    _, line = await activity.find(db, actor, at, trace_id)
    if line.who.kind not in REPORTABLE:
        raise NotFound
    return line


async def report(db: AsyncSession, actor: Patient, at: Moment, trace_id: UUID, words: str) -> str:
    """Report a line of the journal: the number to quote. A professional is blocked with it.

    Reported twice, it keeps its number.
    """
    line = await look(db, actor, at, trace_id)
    held = records_for(actor, at).where(Record.id == actor.record_id)
    record = (await db.scalars(held.with_for_update(of=Record, key_share=True))).one()
    again = await db.scalar(reports_for(actor, at).where(AccessReport.trace_id == trace_id))
    if again is not None:
        return again.number
    if line.who.kind == "Professional" and line.who.id:
        await blocking.block(db, actor, at, [line.who.id])
    id_ = uuid4()
    fresh = AccessReport(
        id=id_,
        record_id=actor.record_id,
        account_id=actor.id,
        trace_id=trace_id,
        number=f"S-{at.now:%Y%m%d}-{token_hex(4).upper()}",
        state=ReportState.SENT,
        at=at.now,
        sealed_words=key_of(db, record).seal_value(words, id_, "words") if words else None,
    )
    authorise(db, actor, Action.REPORT_ACCESS, fresh)
    db.add(fresh)
    await db.flush()
    await enqueue(db, TellOperator(report_id=id_), key=f"tell-operator/{id_}")
    return fresh.number


async def waiting(db: AsyncSession) -> Sequence[AccessReport]:
    """For whoever runs the service: those that nobody closed, the oldest first."""
    return (await db.scalars(reports_that_wait(OPERATOR).order_by(AccessReport.at))).all()


async def still_waits(db: AsyncSession, report_id: UUID) -> AccessReport | None:
    """One that nobody closed."""
    return await db.scalar(reports_that_wait(OPERATOR).where(AccessReport.id == report_id))


async def close(db: AsyncSession, number: str) -> bool:
    """Dealt with; False when no report of this number waits."""
    query = reports_that_wait(OPERATOR).where(AccessReport.number == number)
    found = await db.scalar(query.with_for_update())
    if found is None:
        return False
    authorise(db, OPERATOR, Action.CLOSE_REPORT, found)
    found.state, found.closed_at = ReportState.CLOSED, utcnow()
    return True


async def reports(db: AsyncSession, actor: Patient, at: Moment) -> list[Report]:
    """Those about the record on the screen, the latest first."""
    rows = await db.scalars(reports_for(actor, at).order_by(AccessReport.at.desc()))
    return [Report(row.number, row.at, row.closed_at) for row in rows]
