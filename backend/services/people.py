"""Whose record is on the screen."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.access import Action, may
from backend.access.actors import Patient
from backend.access.scopes import Moment, records_for
from backend.domain.errors import NotFound
from backend.domain.reports import Traits
from backend.storage.db import AsyncSession
from backend.storage.records import Identity, Record, traits_of


class Profile(Struct, frozen=True):
    """The name shown in the top band."""

    id: UUID
    """Of the record."""
    given_name: str
    family_name: str
    own: bool
    """The signed-in person's own record, not a child's."""
    aided: bool = False
    """Somebody whom the signed-in person helps."""
    may_keep: bool = True
    """Copies may be taken away."""
    born: date | None = None

    @property
    def name(self) -> str:
        """« Laura Bernard »."""
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        """« LB »."""
        return (self.given_name[:1] + self.family_name[:1]).upper()


async def known_person(
    db: AsyncSession, actor: Patient, at: Moment, record_id: UUID
) -> tuple[Record, Identity]:
    """A record and whose it is; NotFound when the actor may not know it."""
    query = (
        records_for(actor, at)
        .where(Record.id == record_id)
        .join(Identity, Identity.record_id == Record.id)
        .add_columns(Identity)
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        raise NotFound
    record, identity = found
    return record, identity


async def profile_of(db: AsyncSession, actor: Patient, at: Moment) -> Profile:
    """The identity of the record being looked at, in everyday capitals."""
    traits = traits_of(db, *await known_person(db, actor, at, actor.record_id))
    return Profile(
        id=actor.record_id,
        given_name=(traits.used_given or traits.first_given).title(),
        family_name=(traits.used_name or traits.birth_name).title(),
        own=actor.record_id == actor.own_record_id,
        aided=actor.mandate is not None,
        may_keep=may(actor, Action.DOWNLOAD_DOCUMENT, None),
        born=traits.birth_date,
    )


def shown_name(traits: Traits) -> str:
    """« Laura Bernard », as the person uses it."""
    given, family = traits.used_given or traits.first_given, traits.used_name or traits.birth_name
    return f"{given} {family}".title()
