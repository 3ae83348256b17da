"""Aidants: asked, answered, ended by either side, attested. Nothing of it without the setting."""

from datetime import date
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.caregivers import (
    aidants_of,
    delegations_asked,
    delegations_from,
    delegations_to,
)
from backend.access.scopes.families import own_identity, whose_record
from backend.domain.calendar import civil_day
from backend.domain.caregiving import AIDANTS_AT_MOST, AIDED_AT_MOST, Mandate
from backend.domain.errors import NotFound, Refused
from backend.domain.reports import Traits
from backend.domain.sharing import Invitee
from backend.services import limits
from backend.services.credentials import refuse_if_cooling
from backend.services.people import shown_name
from backend.services.sharing import invitee_index
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession
from backend.storage.records import key_of, traits_of
from backend.storage.sharing import Delegation


class Aidant(Struct, frozen=True):
    """Somebody asked or let in; or, seen from the other side, who asks or lets in."""

    id: UUID
    name: str
    """The family name as typed, until it is accepted."""
    mandate: Mandate
    until: date
    accepted: bool


class Attestation(Struct, frozen=True):
    """What the paper says."""

    aided: str
    aided_born: date | None
    aidant: str
    aidant_born: date
    mandate: Mandate
    since: date
    until: date


async def ask(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    invitee: Invitee,
    *,
    mandate: Mandate,
    until: date,
) -> Rejected | None:
    """Ask an adult for help in one's own record. Whether they have a space, nobody learns.

    Refused for oneself, for somebody asked already and beyond three; Cooling within a day of a
    change of the means to sign in.
    """
    _, space, _ = await present(db, actor)
    _must_be_on(at)
    await refuse_if_cooling(db, actor)
    if wait := await limits.hit(db, "share", str(actor.id)):
        return too_often(wait)
    if (await _own_traits(db, actor)).matricule == invitee.matricule:
        raise Refused("C’est votre propre numéro. Écrivez celui de votre aidant.")
    index = invitee_index(db, invitee.matricule)
    running = (await db.scalars(delegations_from(actor, at))).all()
    if any(one.to_index == index for one in running):
        raise Refused("Vous avez déjà demandé à cette personne.")
    if len(running) >= AIDANTS_AT_MOST:
        raise Refused("Vous avez déjà trois aidants. Arrêtez d’abord l’un d’eux.")
    id_ = uuid4()
    fresh = Delegation(
        id=id_,
        record_id=space.record.id,
        to_index=index,
        sealed_to=key_of(db, space.record).seal_value(invitee, id_, "aidant"),
        mandate=mandate,
        until=until,
        created_at=at.now,
    )
    authorise(db, actor, Action.ASK_AIDANT, fresh)
    db.add(fresh)
    return None


async def mine(db: AsyncSession, actor: Patient, at: Moment) -> list[Aidant]:
    """Whom this adult asked or let in."""
    found = (await db.scalars(delegations_from(actor, at))).all()
    names = await names_of_aidants(db, actor)
    return [
        _shown(one, names.get(one.account_id) or (await _invitee(db, one)).name.title())
        for one in found
    ]


async def is_helped(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """Whether somebody may read one's own record today, when that is the one on the screen."""
    if not at.policy.caregivers or actor.record_id != actor.own_record_id:
        return False
    return any(one.accepted for one in await mine(db, actor, at))


async def names_of_aidants(db: AsyncSession, actor: Patient) -> dict[UUID | None, str]:
    """Everyone whom this person ever let in, by account."""
    rows = (await db.execute(aidants_of(actor))).all()
    return {account: shown_name(traits_of(db, record, who)) for account, record, who in rows}


async def asked_of(db: AsyncSession, actor: Patient, at: Moment) -> list[Aidant]:
    """Who asks this person for help."""
    return [_shown(one, await _aided(db, one)) for one in await _meant_for(db, actor, at)]


async def helped_by(db: AsyncSession, actor: Patient, at: Moment) -> list[Aidant]:
    """Whom this person helps today."""
    found = (await db.scalars(delegations_to(actor, at))).all()
    return [_shown(one, await _aided(db, one)) for one in found]


async def answer(
    db: AsyncSession, actor: Patient, at: Moment, delegation_id: UUID, *, accept: bool
) -> None:
    """Accepted, the record can be read from this person's account; refused, it ends.

    NotFound when nothing of the kind waits for them; Refused beyond five people helped.
    """
    await present(db, actor)
    _must_be_on(at)
    meant = {one.id: one for one in await _meant_for(db, actor, at)}
    if (found := meant.get(delegation_id)) is None:
        raise NotFound
    await db.refresh(found, with_for_update=True)
    if found.ended_at or found.accepted_at:
        raise NotFound
    authorise(db, actor, Action.ANSWER_AIDANT, found)
    if not accept:
        found.ended_at = at.now
        return
    if len((await db.scalars(delegations_to(actor, at))).all()) >= AIDED_AT_MOST:
        raise Refused("Vous aidez déjà cinq personnes. Arrêtez d’abord l’une de ces aides.")
    found.account_id, found.accepted_at = actor.id, at.now
    authorise(db, actor, Action.BECOME_AIDANT, found)


async def end(db: AsyncSession, actor: Patient, at: Moment, delegation_id: UUID) -> None:
    """Either side ends it, at once; NotFound when it is none of theirs."""
    await present(db, actor)
    for query in (delegations_from(actor, at), delegations_to(actor, at)):
        one = query.where(Delegation.id == delegation_id).with_for_update(of=Delegation)
        if found := await db.scalar(one):
            authorise(db, actor, Action.END_AIDANT, found)
            found.ended_at = at.now
            return
    raise NotFound


async def attestation(
    db: AsyncSession, actor: Patient, at: Moment, delegation_id: UUID
) -> Attestation:
    """The facts of one that runs, for either side; NotFound for anybody else, or before a yes."""
    for query in (delegations_from(actor, at), delegations_to(actor, at)):
        found = await db.scalar(query.where(Delegation.id == delegation_id))
        if found and found.accepted_at:
            aided = traits_of(db, *(await db.execute(whose_record(found))).one())
            own = {actor.id: shown_name(await _own_traits(db, actor))}
            return Attestation(
                aided=shown_name(aided),
                aided_born=aided.birth_date,
                aidant=(own | await names_of_aidants(db, actor))[found.account_id],
                aidant_born=(await _invitee(db, found)).birth_date,
                mandate=found.mandate,
                since=civil_day(found.accepted_at),
                until=found.until,
            )
    raise NotFound


def _must_be_on(at: Moment) -> None:
    if not at.policy.caregivers:
        raise NotFound


def _shown(one: Delegation, name: str) -> Aidant:
    return Aidant(one.id, name, one.mandate, one.until, one.accepted_at is not None)


async def _meant_for(db: AsyncSession, actor: Patient, at: Moment) -> list[Delegation]:
    traits = await _own_traits(db, actor)
    found = (await db.scalars(delegations_asked(invitee_index(db, traits.matricule), at))).all()
    return [one for one in found if (await _invitee(db, one)).is_(traits)]


async def _own_traits(db: AsyncSession, actor: Patient) -> Traits:
    return traits_of(db, *(await db.execute(own_identity(actor))).one())


async def _aided(db: AsyncSession, one: Delegation) -> str:
    return shown_name(traits_of(db, *(await db.execute(whose_record(one))).one()))


async def _invitee(db: AsyncSession, one: Delegation) -> Invitee:
    record, _ = (await db.execute(whose_record(one))).one()
    return key_of(db, record).open_value(Invitee, one.sealed_to, one.id, "aidant")
