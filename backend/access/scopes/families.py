"""Who represents whom, and who is invited to: what leads to a child's record."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, cast, func, or_, select

from backend.access.actors import Patient, Robot
from backend.access.scopes import people
from backend.access.scopes.moments import Moment
from backend.domain.calendar import PARIS
from backend.storage.accounts import Account, AccountState, ProvisionalCode
from backend.storage.records import Guardianship, Identity, Record, RecordState
from backend.storage.sharing import Delegation, Invitation, InvitationState

ATTACHABLE = (
    *(RecordState.INFORMED, RecordState.OPEN),
    *(RecordState.OPPOSED, RecordState.CLOSED),
)


def represents(account_id: UUID, record_id: UUID, today: date) -> Select[UUID]:
    """The child's record, while this account represents it."""
    return people.children_of(account_id, today).where(Guardianship.record_id == record_id)


def guardianships_for(person: Patient, at: Moment) -> Select[Guardianship]:
    """Who represents the child on the screen, today."""
    return select(Guardianship).where(
        Guardianship.record_id == person.record_id,
        Guardianship.record_id.in_(people.children_of(person.id, at.today)),
        Guardianship.valid_from <= at.today,
        or_(Guardianship.valid_until.is_(None), Guardianship.valid_until > at.today),
        Guardianship.revoked_at.is_(None),
    )


def identities_of_guardians(person: Patient, at: Moment) -> Select[Record, Identity, Guardianship]:
    """Their names, for each other."""
    return (
        select(Record, Identity, Guardianship)
        .join(Identity, Identity.record_id == Record.id)
        .join(Account, Account.record_id == Record.id)
        .join(Guardianship, Guardianship.account_id == Account.id)
        .where(
            Guardianship.id.in_(guardianships_for(person, at).with_only_columns(Guardianship.id)),
            Record.state != RecordState.ERASED,
        )
        .order_by(Guardianship.principal.desc(), Guardianship.valid_from, Guardianship.id)
    )


def holder_of(person: Patient, at: Moment) -> Select[UUID, Record, Identity]:
    """The account of the record on the screen, for who may know that record."""
    return (
        select(Account.id, Record, Identity)
        .join(Record, Record.id == Account.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .where(Record.id == person.record_id, people.knows_record(person, at))
    )


def children_to_attach(person: Patient, at: Moment) -> Select[Record, Identity]:
    """Minors that the Assurance maladie attaches to this adult, and that nobody opened yet."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .join(Account, Account.record_id == Record.attached_to)
        .where(
            Account.id == person.id,
            Account.state == AccountState.ACTIVE,
            Record.state.in_(ATTACHABLE),
            Record.minor_until > at.today,
        )
        .order_by(Record.minor_until, Record.id)
    )


def invitations_from(person: Patient, at: Moment) -> Select[Invitation]:
    """What the parents of the child on the screen asked, and that may still be answered."""
    children = people.children_of(person.id, at.today)
    return _pending(at.now).where(
        Invitation.record_id == person.record_id, Invitation.record_id.in_(children)
    )


def invitations_about(person: Patient, at: Moment) -> Select[Invitation]:
    """What the parents of the child on the screen asked, whatever became of it but an access."""
    children = people.children_of(person.id, at.today)
    return (
        select(Invitation)
        .where(
            Invitation.record_id == person.record_id,
            Invitation.record_id.in_(children),
            Invitation.state != InvitationState.ACCEPTED,
        )
        .order_by(Invitation.created_at.desc(), Invitation.id)
    )


def invitations_to(index: bytes, at: Moment) -> Select[Invitation]:
    """What was asked of whoever has this matricule, by somebody who still may."""
    inviter = (
        select(Guardianship.id)
        .join(Record, Record.id == Guardianship.record_id)
        .join(Account, Account.id == Guardianship.account_id)
        .where(
            Guardianship.record_id == Invitation.record_id,
            Guardianship.account_id == Invitation.from_account_id,
            Guardianship.principal,
            Guardianship.revoked_at.is_(None),
            Guardianship.valid_from <= at.today,
            or_(Guardianship.valid_until.is_(None), Guardianship.valid_until > at.today),
            Account.state == AccountState.ACTIVE,
            Record.state == RecordState.ACTIVE,
            Record.minor_until > at.today,
        )
    )
    return _pending(at.now).where(
        Invitation.to_index == index, inviter.correlate(Invitation).exists()
    )


def ties_to_forget(
    robot: Robot, account_id: UUID | None, index: bytes | None
) -> tuple[Select[Any], ...]:
    """What ties an account, or whoever has the matricule of this index, to others’ records.

    For the work that erases that person.
    """
    if robot.name != "calendar":
        return ()
    asked = [select(kind).where(kind.to_index == index) for kind in (Invitation, Delegation)]
    if account_id is None:  # never compared with NULL: who is asked has no account yet either
        return tuple(asked)
    return (
        *asked,
        select(Guardianship).where(Guardianship.account_id == account_id),
        select(Invitation).where(Invitation.from_account_id == account_id),
        select(Delegation).where(Delegation.account_id == account_id),
    )


def own_identity(person: Patient) -> Select[Record, Identity]:
    """Who the signed-in person is."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .join(Account, Account.record_id == Record.id)
        .where(Account.id == person.id)
    )


def whose_record(asked: Invitation | Delegation) -> Select[Record, Identity]:
    """Whom an invitation is about, for whoever it was found by."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(Record.id == asked.record_id)
    )


def inviter_of(invitation: Invitation) -> Select[Record, Identity]:
    """Who invites."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .join(Account, Account.record_id == Record.id)
        .where(Account.id == invitation.from_account_id)
    )


def _pending(now: datetime) -> Select[Invitation]:
    return select(Invitation).where(
        Invitation.state == InvitationState.PENDING,
        Invitation.expires_at > now,
        Invitation.created_at <= now,
    )


def children_of_age_soon(today: date, last: date) -> Select[Guardianship]:
    """Who represents a child who will be eighteen after `today`, by the last of these days."""
    return (
        select(Guardianship)
        .join(Record, Record.id == Guardianship.record_id)
        .where(
            Record.state == RecordState.ACTIVE,
            Record.minor_until > today,
            Record.minor_until <= last,
            Guardianship.revoked_at.is_(None),
        )
        .order_by(Guardianship.id)
    )


def children_of_age(first: date, last: date) -> Select[Record, Identity]:
    """Spaces that were a child's until one of these days, without an account or a code since."""
    since = cast(func.timezone(str(PARIS), ProvisionalCode.created_at), Date)
    sent = select(ProvisionalCode.id).where(
        ProvisionalCode.record_id == Record.id, since >= Record.minor_until
    )
    holder = select(Account.id).where(Account.record_id == Record.id)
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(
            Record.state == RecordState.ACTIVE,
            Record.minor_until >= first,
            Record.minor_until <= last,
            ~holder.exists(),
            ~sent.exists(),
        )
        .order_by(Record.id)
        .with_for_update(of=Record, skip_locked=True)
    )
