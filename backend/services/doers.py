"""Who the actors of the journal are, by name, for the people of a record."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.families import holder_of, identities_of_guardians, own_identity
from backend.access.scopes.journals import traces_for
from backend.services.caregiving import names_of_aidants
from backend.services.people import shown_name
from backend.services.professionals import Practitioner, named, place_of
from backend.services.showings import names_of_guests
from backend.storage.db import AsyncSession
from backend.storage.records import traits_of
from backend.storage.structures import MachineClient, Structure
from backend.storage.traces import Trace


class Doer(Struct, frozen=True):
    """Somebody in the journal."""

    kind: str
    name: str
    id: UUID | None = None
    """To ask for their lines alone; None for who has no name."""
    job: str = ""
    place: str = ""
    """Where a laboratory is."""
    me: bool = False


class Doers(Struct, frozen=True):
    """Everybody whom the journal of one record may name."""

    me: UUID
    people: dict[UUID | None, str]
    """By account."""
    professionals: dict[UUID, Practitioner]
    laboratories: dict[UUID, str]
    """By machine."""

    def who(self, kind: str, id_: UUID) -> Doer:
        """One actor, or who it can only be."""
        match kind:
            case "Patient":
                name = self.people.get(id_, "Quelqu’un qui n’a plus accès")
                return Doer(kind, name, id_, me=id_ == self.me)
            case "Guest":
                return Doer(kind, self.people.get(id_, "Quelqu’un avec un code"), id_)
            case "Newcomer":
                return Doer(kind, "La personne, avec son code provisoire", me=True)
            case "Professional" if id_ in self.professionals:
                one = self.professionals[id_]
                return Doer(kind, one.name, id_, one.job)
            case "Professional":
                return Doer(kind, "Un professionnel de santé", id_)
            case "Machine":
                return Doer(kind, self.laboratories.get(id_, "Un laboratoire"), id_)
            case "Agent":
                return Doer(kind, "Un conseiller du 3422")
            case _:
                return Doer(kind, "Repères")


async def doers_of(db: AsyncSession, actor: Patient, at: Moment) -> Doers:
    """Those of the record on the screen."""
    guardians = await db.execute(identities_of_guardians(actor, at))
    people: dict[UUID | None, str] = {
        link.account_id: shown_name(traits_of(db, record, identity))
        for record, identity, link in guardians
    }
    mine = traits_of(db, *(await db.execute(own_identity(actor))).one())
    people |= await names_of_aidants(db, actor) if actor.record_id == actor.own_record_id else {}
    guests = await names_of_guests(db, actor, at)
    people |= {visit: f"« {name} », avec un code" for visit, name in guests.items()}
    people[actor.id] = f"{shown_name(mine)} (vous)"
    return Doers(
        actor.id,
        people,
        await named(db, await _ids(db, actor, at, "Professional")),
        await _laboratories(db, await _ids(db, actor, at, "Machine")),
    )


async def given_names(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID, str]:
    """By account, of those who answer for the record on the screen: its holder, both parents."""
    found = [*await db.execute(identities_of_guardians(actor, at))]
    people = {link.account_id: traits_of(db, record, who) for record, who, link in found}
    for account_id, record, identity in await db.execute(holder_of(actor, at)):
        people[account_id] = traits_of(db, record, identity)
    return {id_: (one.used_given or one.first_given).title() for id_, one in people.items()}


async def _ids(db: AsyncSession, actor: Patient, at: Moment, kind: str) -> set[UUID]:
    query = traces_for(actor, at).where(Trace.actor_kind == kind)
    return set(await db.scalars(query.with_only_columns(Trace.actor_id).distinct()))


async def _laboratories(db: AsyncSession, machines: set[UUID]) -> dict[UUID, str]:
    query = (
        select(MachineClient.id, Structure)
        .join(Structure, Structure.id == MachineClient.structure_id)
        .where(MachineClient.id.in_(machines))
    )
    return {id_: place_of(structure) for id_, structure in await db.execute(query)}
