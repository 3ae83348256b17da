"""Sharing a child's profile with the second parent: asked, answered, withdrawn, or too late."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.families import (
    guardianships_for,
    invitations_about,
    invitations_from,
    invitations_to,
    inviter_of,
    own_identity,
    whose_record,
)
from backend.domain.errors import NotFound, Refused
from backend.domain.jobs import TellSpace
from backend.domain.sharing import GUARDIANS_AT_MOST, INVITATION_LIFE, Invitee
from backend.domain.space import Event, allows
from backend.services import limits
from backend.services.credentials import refuse_if_cooling
from backend.services.people import shown_name
from backend.services.profiles import is_principal, tell_parents
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.space import hold
from backend.storage.db import AsyncSession, vault_of
from backend.storage.outbox import enqueue
from backend.storage.records import Guardianship, key_of, traits_of
from backend.storage.sharing import Invitation, InvitationState

SHOWN = 10
"""Invitations on the page at most."""


class Sent(Struct, frozen=True):
    """One that was sent, and what became of it."""

    id: UUID
    name: str
    state: str
    """`pending`, `refused`, `withdrawn` or `expired`."""
    on: datetime
    """Since when; until when for one that may still be answered."""


class Received(Struct, frozen=True):
    """One that waits for this person's answer."""

    id: UUID
    child: str
    """Given name only, until it is accepted."""
    by: str
    expires_at: datetime


async def invite(db: AsyncSession, actor: Patient, at: Moment, invitee: Invitee) -> Rejected | None:
    """Ask the second parent, instead of whoever was asked and did not answer yet.

    Whether somebody has this number, nobody learns.

    NotFound unless the person is the ouvrant droit of the child on the screen; Refused for oneself
    or when the profile is shared already.
    """
    await present(db, actor)
    if not await is_principal(db, actor, at):
        raise NotFound
    await refuse_if_cooling(db, actor)
    space = await hold(db, actor.record_id)
    if wait := await limits.hit(db, "share", str(actor.id)):
        return too_often(wait)
    mine = traits_of(db, *(await db.execute(own_identity(actor))).one())
    if mine.matricule == invitee.matricule:
        raise Refused("C’est votre propre numéro. Écrivez celui de l’autre parent.")
    shared = (await db.scalars(guardianships_for(actor, at))).all()
    if len(shared) >= GUARDIANS_AT_MOST:
        raise Refused("Ce profil est déjà partagé.")
    for older in await db.scalars(invitations_from(actor, at).with_for_update()):
        _settle(db, actor, older, InvitationState.WITHDRAWN, at)
    id_ = uuid4()
    fresh = Invitation(
        id=id_,
        record_id=actor.record_id,
        from_account_id=actor.id,
        to_index=invitee_index(db, invitee.matricule),
        sealed_to=key_of(db, space.record).seal_value(invitee, id_, "invitee"),
        state=InvitationState.PENDING,
        created_at=at.now,
        expires_at=at.now + INVITATION_LIFE,
    )
    authorise(db, actor, Action.INVITE_GUARDIAN, fresh)
    db.add(fresh)
    return None


async def is_asked(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """Whether a request waits, which the next one replaces."""
    return bool((await db.scalars(invitations_from(actor, at))).all())


async def sent(db: AsyncSession, actor: Patient, at: Moment) -> list[Sent]:
    """What was asked about the child on the screen, the newest first; not what was accepted."""
    found = (await db.scalars(invitations_about(actor, at).limit(SHOWN))).all()
    return [
        Sent(one.id, (await _invitee(db, one)).name.title(), *_became(one, at)) for one in found
    ]


def _became(one: Invitation, at: Moment) -> tuple[str, datetime]:
    if one.state is InvitationState.PENDING:
        return "pending" if one.expires_at > at.now else "expired", one.expires_at
    refused = one.state is InvitationState.REFUSED
    return "refused" if refused else "withdrawn", one.answered_at or one.expires_at


async def withdraw(db: AsyncSession, actor: Patient, at: Moment, invitation_id: UUID) -> None:
    """Ask no more; NotFound when there is nothing to withdraw."""
    await present(db, actor)
    query = invitations_from(actor, at).where(Invitation.id == invitation_id).with_for_update()
    found = await db.scalar(query)
    if found is None or not await is_principal(db, actor, at):
        raise NotFound
    _settle(db, actor, found, InvitationState.WITHDRAWN, at)


async def received(db: AsyncSession, actor: Patient, at: Moment) -> list[Received]:
    """What waits for this person: it was meant for them when name and birth date agree too."""
    shown = []
    for one in await _meant_for(db, actor, at):
        child = traits_of(db, *(await db.execute(whose_record(one))).one())
        by = traits_of(db, *(await db.execute(inviter_of(one))).one())
        given = (child.used_given or child.first_given).title()
        shown.append(Received(one.id, given, shown_name(by), one.expires_at))
    return shown


async def answer(
    db: AsyncSession, actor: Patient, at: Moment, invitation_id: UUID, *, accept: bool
) -> None:
    """Accepted, the child's profile is theirs too until its 18th birthday; refused, it ends.

    NotFound when nothing of the kind waits for them any more; Cooling within a day of a change of
    their means to sign in, when they accept.
    """
    await present(db, actor)
    if accept:
        await refuse_if_cooling(db, actor)
    meant = await _meant_for(db, actor, at)
    if invitation_id not in {one.id for one in meant}:
        raise NotFound
    found = next(one for one in meant if one.id == invitation_id)
    space = await hold(db, found.record_id)
    await db.refresh(found, with_for_update=True)
    if found.state is not InvitationState.PENDING or not allows(space.state, Event.SHARE):
        raise NotFound
    state = InvitationState.ACCEPTED if accept else InvitationState.REFUSED
    _settle(db, actor, found, state, at)
    if not accept:
        promise = TellSpace(account_id=found.from_account_id, what="child_refused")
        await enqueue(db, promise, key=f"tell-child/{found.id}/refused")
        return
    link = await db.scalar(
        select(Guardianship).where(
            Guardianship.record_id == found.record_id, Guardianship.account_id == actor.id
        )
    )
    if link is None:
        link = Guardianship(record_id=found.record_id, account_id=actor.id, valid_from=at.today)
        db.add(link)
    link.valid_from, link.valid_until, link.revoked_at = at.today, space.record.minor_until, None
    authorise(db, actor, Action.BECOME_GUARDIAN, link)
    await db.flush()
    await tell_parents(db, replace(actor, record_id=link.record_id), at, "shared")


async def _meant_for(db: AsyncSession, actor: Patient, at: Moment) -> list[Invitation]:
    traits = traits_of(db, *(await db.execute(own_identity(actor))).one())
    found = (await db.scalars(invitations_to(invitee_index(db, traits.matricule), at))).all()
    return [one for one in found if (await _invitee(db, one)).is_(traits)]


async def _invitee(db: AsyncSession, invitation: Invitation) -> Invitee:
    record, _ = (await db.execute(whose_record(invitation))).one()
    key = key_of(db, record)
    return key.open_value(Invitee, invitation.sealed_to, invitation.id, "invitee")


def _settle(
    db: AsyncSession, actor: Patient, invitation: Invitation, state: InvitationState, at: Moment
) -> None:
    """The only place where one changes state: from pending, once."""
    assert invitation.state is InvitationState.PENDING
    withdrawn = state is InvitationState.WITHDRAWN
    action = Action.WITHDRAW_INVITATION if withdrawn else Action.ANSWER_INVITATION
    authorise(db, actor, action, invitation)
    invitation.state, invitation.answered_at = state, at.now


def invitee_index(db: AsyncSession, matricule: str) -> bytes:
    """The parent who types it does not know its domain: only the number counts."""
    return vault_of(db).index("invitee", matricule)
