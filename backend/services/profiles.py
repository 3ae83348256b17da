"""The profiles of a person: their own space, their children's, those of people they help."""

from dataclasses import replace
from datetime import date
from secrets import token_urlsafe
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, records_for
from backend.access.scopes.families import (
    children_to_attach,
    guardianships_for,
    identities_of_guardians,
)
from backend.domain.calendar import MONTHS_BEFORE, age_in_words, in_months
from backend.domain.errors import NotFound
from backend.domain.jobs import TellSpace
from backend.domain.space import Event
from backend.services.credentials import refuse_if_cooling
from backend.services.people import shown_name
from backend.services.refusing import Certificate, certificate_of
from backend.services.sign_in.present import present
from backend.services.sign_in.sessions import hash_token
from backend.services.space import advance, hold
from backend.storage.db import AsyncSession
from backend.storage.outbox import enqueue
from backend.storage.records import Guardianship, Identity, Record, RecordState, traits_of


class Choice(Struct, frozen=True):
    """One profile of the list."""

    id: UUID
    given_name: str
    name: str
    own: bool
    child: bool
    here: bool
    """On the screen now."""
    age: str = ""
    """Of a child: « 7 ans », « 5 mois »."""
    adult_on: date | None = None
    """Of a child who will be eighteen within three months."""
    shared_with: tuple[str, ...] = ()
    """The other parents of a child."""


class Unopened(Struct, frozen=True):
    """A child whose profile nobody opened yet."""

    id: UUID
    name: str
    refusable: bool
    refused: Certificate | None


class Guardian(Struct, frozen=True):
    """Somebody who represents the child on the screen."""

    id: UUID
    """Of the guardianship."""
    name: str
    principal: bool
    me: bool


async def choices(db: AsyncSession, actor: Patient, at: Moment) -> list[Choice]:
    """One's own first, then adults one helps, then the children, the youngest last."""
    query = (
        records_for(actor, at)
        .join(Identity, Identity.record_id == Record.id)
        .add_columns(Identity)
        .order_by(Record.minor_until.asc().nulls_first(), Record.id)
    )
    rows = (await db.execute(query)).all()
    own_first = sorted(rows, key=lambda row: row[0].id != actor.own_record_id)
    found = [_choice(db, actor, at, *row) for row in own_first]
    return [await _with_parents(db, actor, at, one) if one.child else one for one in found]


async def attachable(db: AsyncSession, actor: Patient, at: Moment) -> list[Unopened]:
    """Children whose profile this person may open; or refuse, while nobody did either."""
    rows = (await db.execute(children_to_attach(actor, at))).all()
    return [
        Unopened(
            record.id,
            shown_name(traits_of(db, record, identity)),
            record.state in (RecordState.INFORMED, RecordState.OPEN),
            certificate_of(db, record, identity),
        )
        for record, identity in rows
    ]


async def switch(db: AsyncSession, actor: Patient, at: Moment, record_id: UUID) -> str:
    """That profile is on the screen from now on: the session's new token.

    NotFound when it is not one of theirs.
    """
    session, _, _ = await present(db, actor)
    record = await db.scalar(records_for(actor, at).where(Record.id == record_id))
    if record is None:
        raise NotFound
    own = record_id == actor.own_record_id
    if not own:
        authorise(db, actor, Action.SWITCH_PROFILE, record)
    token = token_urlsafe(32)
    session.acting_for = None if own else record_id
    session.token_hash = hash_token(token)
    return token


async def attach(db: AsyncSession, actor: Patient, at: Moment, record_id: UUID) -> None:
    """The ouvrant droit opens the profile of a child; NotFound when it is not theirs to open.

    Cooling within a day of a change of their means to sign in.
    """
    await present(db, actor)
    await refuse_if_cooling(db, actor)
    found = await db.execute(children_to_attach(actor, at).where(Record.id == record_id))
    if found.first() is None:
        raise NotFound
    space = await hold(db, record_id)
    advance(db, actor, Action.ATTACH_CHILD, Event.ATTACH, space)
    link = await db.scalar(
        select(Guardianship).where(
            Guardianship.record_id == record_id, Guardianship.account_id == actor.id
        )
    )
    if link is None:
        link = Guardianship(record_id=record_id, account_id=actor.id, valid_from=at.today)
        db.add(link)
    link.principal, link.revoked_at, link.valid_until = True, None, space.record.minor_until
    authorise(db, actor, Action.BECOME_GUARDIAN, link)


async def guardians(db: AsyncSession, actor: Patient, at: Moment) -> list[Guardian]:
    """Who represents the child on the screen, the ouvrant droit first."""
    rows = (await db.execute(identities_of_guardians(actor, at))).all()
    return [
        Guardian(
            link.id,
            shown_name(traits_of(db, record, identity)),
            link.principal,
            link.account_id == actor.id,
        )
        for record, identity, link in rows
    ]


async def end_sharing(db: AsyncSession, actor: Patient, at: Moment, link_id: UUID) -> None:
    """The ouvrant droit ends the other's access, or the other leaves; NotFound otherwise."""
    await present(db, actor)
    links = (await db.scalars(guardianships_for(actor, at).with_for_update())).all()
    mine = next((link for link in links if link.account_id == actor.id), None)
    ended = next((link for link in links if link.id == link_id), None)
    if mine is None or ended is None or ended.principal or not (mine.principal or ended is mine):
        raise NotFound
    await tell_parents(db, actor, at, "unshared")
    authorise(db, actor, Action.END_GUARDIAN, ended)
    ended.revoked_at = at.now


async def tell_parents(db: AsyncSession, actor: Patient, at: Moment, what: str) -> None:
    """Everyone who represents the child on the screen: its space changed, or who sees it."""
    for link in (await db.scalars(guardianships_for(actor, at))).all():
        promise = TellSpace(account_id=link.account_id, what=f"child_{what}")
        await enqueue(db, promise, key=f"tell-child/{link.id}/{what}/{at.now:%Y%m%dT%H%M%S.%f}")


async def is_principal(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """Whether the person is the ouvrant droit of the child on the screen."""
    mine = guardianships_for(actor, at).where(Guardianship.account_id == actor.id)
    link = await db.scalar(mine)
    return link is not None and link.principal


def _choice(
    db: AsyncSession, actor: Patient, at: Moment, record: Record, identity: Identity
) -> Choice:
    traits, until = traits_of(db, record, identity), record.minor_until
    child = until is not None and until > at.today
    soon = child and until is not None and until <= in_months(at.today, MONTHS_BEFORE)
    return Choice(
        id=record.id,
        given_name=(traits.used_given or traits.first_given).title(),
        name=shown_name(traits),
        own=record.id == actor.own_record_id,
        child=child,
        here=record.id == actor.record_id,
        age=age_in_words(traits.birth_date, at.today) if child and traits.birth_date else "",
        adult_on=until if soon else None,
    )


async def _with_parents(db: AsyncSession, actor: Patient, at: Moment, child: Choice) -> Choice:
    """The child with the names of those who represent it too."""
    people = await guardians(db, replace(actor, record_id=child.id), at)
    return structs.replace(child, shared_with=tuple(one.name for one in people if not one.me))
