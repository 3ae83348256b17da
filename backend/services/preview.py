"""« Voir comme »: what somebody else would see of a record, asked of the policy as that person.

Only of what the reader may know: a professional may see what its patient does not yet.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, or_, select

from backend.access import Action, note
from backend.access.actors import NOBODY, Patient, Professional, Supposed
from backend.access.scopes import Moment, documents_for
from backend.access.scopes.care import consultations_for, links_for
from backend.domain.documents import DocumentLine
from backend.domain.errors import NotFound
from backend.services.lines import line_of, shown_of
from backend.services.professionals import Practitioner, named, works_at
from backend.storage.care import CareLink, Consultation
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, Version
from backend.storage.records import Record, key_of

SHOWN_AT_MOST = 50


class Seen(Struct, frozen=True):
    """What they would see, of how many documents."""

    lines: tuple[DocumentLine, ...]
    seen: int
    total: int


async def as_profession(db: AsyncSession, actor: Patient, at: Moment, profession: str) -> Seen:
    """Anyone of this profession, once let in."""
    return await _seen(db, actor, at, [Supposed.of(profession, actor.record_id)])


async def as_professional(
    db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID
) -> tuple[Practitioner, Seen]:
    """One professional as they stand today, wherever they work; NotFound when never met here."""
    met = [
        links_for(actor, at).where(CareLink.professional_id == professional_id),
        consultations_for(actor, at).where(Consultation.professional_id == professional_id),
    ]
    if not any([await db.scalar(select(query.exists())) for query in met]):
        raise NotFound
    who = (await named(db, [professional_id]))[professional_id]
    places = (await works_at(db, [professional_id])).get(professional_id, [])
    eyes = [
        Professional(professional_id, place, who.profession)
        for place in [one.id for one in places] or [NOBODY]
    ]
    return who, await _seen(db, actor, at, eyes)


async def _seen(db: AsyncSession, actor: Patient, at: Moment, eyes: Sequence[Professional]) -> Seen:
    theirs = [documents_for(one, at).with_only_columns(Document.id) for one in eyes]
    mine = documents_for(actor, at)
    both = mine.where(or_(*(Document.id.in_(ids.correlate(None)) for ids in theirs)))
    query = (
        both.join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
        .order_by(Document.dated_on.desc(), Document.id.desc())
        .limit(SHOWN_AT_MOST)
    )
    lines = tuple(
        line_of(document, shown_of(key_of(db, record), version))
        for document, version, record in await db.execute(query)
    )
    note(db, actor, Action.LIST_DOCUMENTS, actor.record_id)
    count = func.count(Document.id)
    seen, total = [await db.scalar(q.with_only_columns(count)) or 0 for q in (both, mine)]
    return Seen(lines, seen, total)
