"""« Qui a fait quoi »: the journal of a record in sentences, for its holder and representatives."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, records_for
from backend.access.scopes.families import identities_of_guardians, own_identity
from backend.access.scopes.journals import traces_for
from backend.domain.errors import NotFound
from backend.services.caregiving import names_of_aidants
from backend.services.people import shown_name
from backend.services.showings import names_of_guests
from backend.storage.db import AsyncSession
from backend.storage.records import Record, traits_of
from backend.storage.traces import Trace

PAGE = 30


class Line(Struct, frozen=True):
    """One thing done."""

    who: str
    """A name, « Vous », or who it can only be."""
    action: str
    at: datetime


async def read(
    db: AsyncSession, actor: Patient, at: Moment, *, before: datetime | None = None
) -> tuple[list[Line], datetime | None]:
    """The latest first, about `PAGE` at a time, and before when the next page starts.

    Pages are cut at moments: a line's number would tell how many lines are not shown.
    """
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    query = traces_for(actor, at).order_by(Trace.at.desc(), Trace.number.desc())
    older = query.where(Trace.at < before) if before else query
    found = list((await db.scalars(older.limit(PAGE))).all())
    following = None
    if len(found) == PAGE:
        last = found[-1]
        same = query.where(Trace.at == last.at, Trace.number < last.number)
        found += (await db.scalars(same)).all()
        rest = traces_for(actor, at).where(Trace.at < last.at)
        following = last.at if await db.scalar(select(rest.exists())) else None
    names = await _names(db, actor, at)
    authorise(db, actor, Action.READ_JOURNAL, record)
    return [Line(_who(trace, names), trace.action, trace.at) for trace in found], following


def _who(trace: Trace, names: dict[UUID | None, str]) -> str:
    match trace.actor_kind:
        case "Patient":
            return names.get(trace.actor_id, "Quelqu’un qui n’a plus accès")
        case "Guest":
            return names.get(trace.actor_id, "Quelqu’un avec un code")
        case "Newcomer":
            return "La personne, avec son code provisoire"
        case "Machine":
            return "Un laboratoire"
        case _:
            return "Repères"


async def _names(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID | None, str]:
    rows = (await db.execute(identities_of_guardians(actor, at))).all()
    names: dict[UUID | None, str] = {
        link.account_id: shown_name(traits_of(db, record, identity))
        for record, identity, link in rows
    }
    mine = traits_of(db, *(await db.execute(own_identity(actor))).one())
    names |= await names_of_aidants(db, actor) if actor.record_id == actor.own_record_id else {}
    guests = await names_of_guests(db, actor, at)
    names |= {visit: f"« {name} », avec un code" for visit, name in guests.items()}
    return names | {actor.id: f"{shown_name(mine)} (vous)"}
