"""What goes together in the medical profile: the scopes are asked each time it is shown."""

from collections.abc import Mapping
from uuid import UUID

from backend.access import Action, note
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.domain.medical_profile import (
    Answer,
    Around,
    FieldKind,
    Offered,
    Section,
    linked_documents,
    offer,
)
from backend.services import listing, masking
from backend.storage.db import AsyncSession

MOST_OFFERED = 50
"""Documents to tick, the latest ones; those that are ticked already are there too."""


async def around(
    db: AsyncSession, actor: Patient, at: Moment, answers: Mapping[str, Answer]
) -> Around:
    """The profile with the linked documents that this person may know."""
    ids = linked_documents(answers.values())
    return Around(dict(answers), await listing.named(db, actor, at, ids))


async def offered(
    db: AsyncSession, actor: Patient, at: Moment, section: Section, *, entry_id: UUID, known: Around
) -> Offered:
    """What may be ticked on each link of an entry."""
    documents = []
    if any(field.kind is FieldKind.DOCUMENTS for field in section.fields):
        latest = await listing.latest(db, actor, at, MOST_OFFERED)
        there = {line.id for line in latest}
        documents = [*latest, *(one for id_, one in known.documents.items() if id_ not in there)]
    return offer(section, entry_id, known, documents)


def saw_documents(db: AsyncSession, actor: Patient) -> None:
    """A page of boxes to tick is a list of documents: it leaves the same line."""
    note(db, actor, Action.LIST_DOCUMENTS, actor.record_id)


async def shown_to_professionals(
    db: AsyncSession, actor: Patient, at: Moment, known: Around
) -> Around:
    """Without the documents that are masked: who reads the synthesis may not know them."""
    masks = await masking.standing(db, actor, at)
    documents = {
        id_: line
        for id_, line in known.documents.items()
        if not line.masked and not masks.covers(line)
    }
    return Around(known.answers, documents)
