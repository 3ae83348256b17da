"""« Qui a fait quoi »: the journal of a record in sentences, for its holder and representatives."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import tuple_

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, records_for
from backend.access.scopes.families import identities_of_guardians, own_identity
from backend.access.scopes.journals import traces_for
from backend.domain.errors import NotFound
from backend.services.people import shown_name
from backend.storage.db import AsyncSession
from backend.storage.records import Record, traits_of
from backend.storage.traces import Trace

PAGE = 30
Place = tuple[datetime, UUID]
"""Where a page starts: a line’s number would tell how many lines are not shown."""


class Line(Struct, frozen=True):
    """One thing done."""

    who: str
    """A name, « Vous », or who it can only be."""
    action: str
    at: datetime


async def read(
    db: AsyncSession, actor: Patient, at: Moment, *, before: Place | None = None
) -> tuple[list[Line], Place | None]:
    """The latest first, `PAGE` at a time, and where the next page starts."""
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    query = traces_for(actor, at).order_by(Trace.at.desc(), Trace.id.desc()).limit(PAGE + 1)
    if before:
        query = query.where(tuple_(Trace.at, Trace.id) < before)
    found = (await db.scalars(query)).all()
    names = await _names(db, actor, at)
    lines = [Line(_who(trace, names), trace.action, trace.at) for trace in found[:PAGE]]
    authorise(db, actor, Action.READ_JOURNAL, record)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return lines, (last.at, last.id) if last else None


def _who(trace: Trace, names: dict[UUID, str]) -> str:
    match trace.actor_kind:
        case "Patient":
            return names.get(trace.actor_id, "Un ancien représentant")
        case "Newcomer":
            return "La personne, avec son code provisoire"
        case "Machine":
            return "Un laboratoire"
        case _:
            return "Repères"


async def _names(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID, str]:
    rows = (await db.execute(identities_of_guardians(actor, at))).all()
    names = {
        link.account_id: shown_name(traits_of(db, record, identity))
        for record, identity, link in rows
    }
    mine = traits_of(db, *(await db.execute(own_identity(actor))).one())
    return names | {actor.id: f"{shown_name(mine)} (vous)"}
