"""« Partage ponctuel »: documents shown by a code to a doctor outside, taken back at any time.

The code is never in an address: it is typed, or read from the part of a link that browsers keep
for themselves. Each visit is in the journal and told to the person at once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from secrets import choice
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, records_for
from backend.access.scopes.guests import showings_of, visits_of
from backend.domain.activation import ALPHABET, CODE_LENGTH
from backend.domain.errors import NotFound, Refused
from backend.domain.showings import (
    DOCUMENTS_AT_MOST,
    SHOWN_AT_ONCE,
    Visitor,
)
from backend.services import limits
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document
from backend.storage.records import Record, key_of
from backend.storage.showings import Showing, Visit
from backend.storage.vault import RecordKey


class Came(Struct, frozen=True):
    """One visit, as the person is told of it."""

    name: str
    at: datetime


class Shown(Struct, frozen=True):
    """One showing, as its person sees it."""

    id: UUID
    whom: str
    documents: int
    created_at: datetime
    until: datetime
    running: bool
    code: str
    """Empty once it is over."""
    visits: Sequence[Came]


async def show(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    document_ids: Collection[UUID],
    *,
    lasting: timedelta,
    whom: str,
) -> Rejected | None:
    """Make a code for these documents of the record on the screen.

    Refused for none or too many of them, or beyond `SHOWN_AT_ONCE`; NotFound when one of them is
    not theirs to see.
    """
    await present(db, actor)
    if not 0 < len(set(document_ids)) <= DOCUMENTS_AT_MOST:
        raise Refused(f"Choisissez entre 1 et {DOCUMENTS_AT_MOST} documents.")
    record = await _record(db, actor, at)
    known = documents_for(actor, at).where(Document.id.in_(document_ids))
    found = set(await db.scalars(known.with_only_columns(Document.id)))
    if found != set(document_ids):
        raise NotFound
    if wait := await limits.hit(db, "showing", str(actor.id)):
        return too_often(wait)
    shown = await db.scalars(showings_of(actor, at).where(Showing.until > at.now))
    if sum(is_running(one, at) for one in shown) >= SHOWN_AT_ONCE:
        raise Refused("Cinq partages sont en cours. Arrêtez d’abord l’un d’eux.")
    showing = _showing(db, record, "".join(choice(ALPHABET) for _ in range(CODE_LENGTH)), whom)
    showing.account_id, showing.document_ids = actor.id, sorted(found)
    showing.created_at, showing.until = at.now, at.now + lasting
    authorise(db, actor, Action.SHOW_DOCUMENTS, showing)
    db.add(showing)
    return None


async def of(db: AsyncSession, actor: Patient, at: Moment) -> list[Shown]:
    """What is shown of the record on the screen, and the latest that was."""
    record = await _record(db, actor, at)
    key = key_of(db, record)
    rows = (await db.scalars(showings_of(actor, at).limit(20))).all()
    came = (await db.scalars(visits_of(actor, at).limit(200))).all()
    authorise(db, actor, Action.LIST_SHOWINGS, record)
    return [_shown(key, row, [one for one in came if one.showing_id == row.id], at) for row in rows]


async def end(db: AsyncSession, actor: Patient, at: Moment, showing_id: UUID) -> None:
    """Taken back: from the commit on nothing of it is served. NotFound when it is not theirs."""
    one = showings_of(actor, at).where(Showing.id == showing_id).with_for_update(of=Showing)
    showing = await db.scalar(one, execution_options={"populate_existing": True})
    if showing is None:
        raise NotFound
    if showing.revoked_at is None:
        authorise(db, actor, Action.END_SHOWING, showing)
        showing.revoked_at = at.now


async def names_of_guests(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID | None, str]:
    """Who each visitor said they were, by visit."""
    key = key_of(db, await _record(db, actor, at))
    return {
        visit.id: visitor_of(key, visit).name for visit in await db.scalars(visits_of(actor, at))
    }


def visitor_of(key: RecordKey, visit: Visit) -> Visitor:
    """Who the visitor said they were."""
    return key.open_value(Visitor, visit.sealed_visitor, visit.id, "visitor")


def _showing(db: AsyncSession, record: Record, code: str, whom: str) -> Showing:
    key, id_ = key_of(db, record), uuid4()
    return Showing(
        id=id_,
        record_id=record.id,
        code_index=vault_of(db).index("showing", code),
        sealed_code=key.seal_value(code, id_, "code"),
        sealed_whom=key.seal_value(whom, id_, "whom"),
    )


async def _record(db: AsyncSession, actor: Patient, at: Moment) -> Record:
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    return record


def _shown(key: RecordKey, row: Showing, visits: Sequence[Visit], at: Moment) -> Shown:
    running = is_running(row, at)
    return Shown(
        id=row.id,
        whom=key.open_value(str, row.sealed_whom, row.id, "whom"),
        documents=len(row.document_ids),
        created_at=row.created_at,
        until=row.revoked_at or row.until,
        running=running,
        code=key.open_value(str, row.sealed_code, row.id, "code") if running else "",
        visits=[Came(visitor_of(key, visit).name, visit.at) for visit in visits],
    )


def is_running(row: Showing, at: Moment) -> bool:
    """Whether its code still opens something."""
    return row.revoked_at is None and row.until > at.now
