"""« Qui a ouvert mon dossier »: the journal of a record in sentences, for its people.

What others did comes first: who, what their profession is, where, what they opened, and in an
emergency why. Nothing is said of a document that the reader may not know; of one that they knew
and that is gone, only that somebody opened it.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, func, select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, records_for
from backend.access.scopes.journals import TOLD_OF_DOCUMENTS, traces_for
from backend.domain.documents import DocumentLine
from backend.domain.errors import NotFound
from backend.services.doers import Doer, Doers, doers_of
from backend.services.doings import Doings, doings_of
from backend.storage.db import AsyncSession
from backend.storage.records import Record
from backend.storage.traces import Trace

PAGE = 30
AT_ONCE = 1000
"""Lines looked at together when all of them are taken away."""
FILING = frozenset({Action.DEPOSIT_DOCUMENT, Action.REPLACE_DOCUMENT, Action.RELEASE_DOCUMENT})
"""Done by a laboratory with its own documents."""
ONESELF = frozenset({"Newcomer"})
"""Kinds of actor that are the person, before they had an account."""


class Asked(Struct, frozen=True):
    """Which lines: what others did, what everybody did, or one of them."""

    who: UUID | None = None
    everybody: bool = False
    before: datetime | None = None


class Line(Struct, frozen=True):
    """One thing done."""

    id: UUID
    who: Doer
    action: str
    at: datetime
    allowed: bool
    what: DocumentLine | None = None
    """The document concerned, while it may be seen."""
    gone: bool = False
    """It was about a document that was withdrawn or deleted since: nothing more is said of it."""
    where: str = ""
    urgent: bool = False
    reason: str = ""
    """What was written when the emergency was declared."""
    report: str = ""
    """Number of the report about this line."""


class Timeline(Struct, frozen=True):
    """The lines, and what else the page says."""

    lines: tuple[Line, ...]
    following: datetime | None
    """Before when the next page starts."""
    people: tuple[Doer, ...]
    """Whose lines may be asked for alone."""


async def read(db: AsyncSession, actor: Patient, at: Moment, asked: Asked) -> Timeline:
    """The latest first, about `PAGE` at a time.

    Pages are cut at moments: a line's number would tell how many lines are not shown.
    """
    record = await _record(db, actor, at)
    everything = _asked(traces_for(actor, at), actor, asked)
    query = everything.order_by(Trace.at.desc(), Trace.number.desc())
    older = query.where(Trace.at < asked.before) if asked.before else query
    found = list((await db.scalars(older.limit(PAGE))).all())
    following = None
    if len(found) == PAGE:
        last = found[-1]
        same = query.where(Trace.at == last.at, Trace.number < last.number)
        found += (await db.scalars(same)).all()
        rest = everything.where(Trace.at < last.at)
        following = last.at if await db.scalar(select(rest.exists())) else None
    doers = await doers_of(db, actor, at)
    doings = await doings_of(db, actor, at, found)
    people = await _people(db, actor, at, doers)
    authorise(db, actor, Action.READ_JOURNAL, record)
    return Timeline(_lines(found, doers, doings), following, people)


async def every_line(db: AsyncSession, actor: Patient, at: Moment) -> AsyncIterator[Line]:
    """What everybody did, the latest first: to take away."""
    record = await _record(db, actor, at)
    doers = await doers_of(db, actor, at)
    authorise(db, actor, Action.READ_JOURNAL, record)
    query = traces_for(actor, at).order_by(Trace.number.desc()).limit(AT_ONCE)
    found = (await db.scalars(query)).all()
    while found:
        for line in _lines(found, doers, await doings_of(db, actor, at, found)):
            yield line
        found = (await db.scalars(query.where(Trace.number < found[-1].number))).all()


async def find(db: AsyncSession, actor: Patient, at: Moment, trace_id: UUID) -> tuple[Trace, Line]:
    """One line that somebody else wrote; NotFound when it is none of theirs to know."""
    query = _asked(traces_for(actor, at), actor, Asked()).where(Trace.id == trace_id)
    trace = await db.scalar(query)
    if trace is None:
        raise NotFound
    doings = await doings_of(db, actor, at, [trace])
    (line,) = _lines([trace], await doers_of(db, actor, at), doings)
    return trace, line


async def last_look(db: AsyncSession, actor: Patient, at: Moment) -> datetime | None:
    """When a professional last came in: what a laboratory files, or lets show, opens nothing."""
    came = (Trace.actor_kind == "Professional", Trace.allowed, Trace.action.not_in(FILING))
    looks = traces_for(actor, at).where(*came)
    return await db.scalar(looks.with_only_columns(func.max(Trace.at)))


async def _record(db: AsyncSession, actor: Patient, at: Moment) -> Record:
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    return record


def _asked(query: Select[Trace], actor: Patient, asked: Asked) -> Select[Trace]:
    if asked.who:
        return query.where(Trace.actor_id == asked.who)
    if asked.everybody:
        return query
    return query.where(Trace.actor_id != actor.id, Trace.actor_kind.not_in(ONESELF))


async def _people(db: AsyncSession, actor: Patient, at: Moment, doers: Doers) -> tuple[Doer, ...]:
    """Who else is in the journal: each once, by name."""
    others = _asked(traces_for(actor, at), actor, Asked())
    rows = await db.execute(others.with_only_columns(Trace.actor_kind, Trace.actor_id).distinct())
    found = {doer.id: doer for doer in (doers.who(kind, id_) for kind, id_ in rows) if doer.id}
    return tuple(sorted(found.values(), key=lambda doer: (doer.name, str(doer.id))))


def _lines(found: Sequence[Trace], doers: Doers, doings: Doings) -> tuple[Line, ...]:
    return tuple(
        Line(
            id=trace.id,
            who=doers.who(trace.actor_kind, trace.actor_id),
            action=trace.action,
            at=trace.at,
            allowed=trace.allowed,
            what=doings.document(trace),
            gone=trace.action in TOLD_OF_DOCUMENTS and doings.document(trace) is None,
            where=doings.place(trace),
            urgent=doings.urgent(trace),
            reason=doings.reason(trace),
            report=doings.report(trace),
        )
        for trace in found
    )
