"""Who helps whom, and who is asked to: what leads to an aided person's record (G1, G2)."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from backend.access.actors import Patient
from backend.access.scopes import people
from backend.access.scopes.moments import Moment
from backend.domain.caregiving import ASKED_LIFE, Mandate
from backend.storage.accounts import Account, AccountState
from backend.storage.records import Identity, Record, RecordState
from backend.storage.sharing import Delegation


def mandate_of(account_id: UUID, record_id: UUID, at: Moment) -> Select[Mandate]:
    """What this account may do in that record as an aidant; no row when it is none."""
    return select(Delegation.mandate).where(
        Delegation.account_id == account_id,
        Delegation.record_id == record_id,
        Delegation.record_id.in_(people.aided_by(account_id, at)),
        _running(at),
    )


def delegations_from(person: Patient, at: Moment) -> Select[Delegation]:
    """Whom this adult asked or let in, and may still let go: always about their own record."""
    return (
        select(Delegation)
        .where(Delegation.record_id == _own_record(person), _running(at))
        .order_by(Delegation.created_at, Delegation.id)
    )


def delegations_asked(index: bytes, at: Moment) -> Select[Delegation]:
    """What was asked of whoever has this matricule, by somebody whose space is active."""
    return (
        select(Delegation)
        .join(Record, Record.id == Delegation.record_id)
        .join(Account, Account.record_id == Record.id)
        .where(
            Delegation.to_index == index,
            Delegation.accepted_at.is_(None),
            Record.state == RecordState.ACTIVE,
            Account.state == AccountState.ACTIVE,
            _running(at),
        )
        .order_by(Delegation.created_at, Delegation.id)
    )


def delegations_to(person: Patient, at: Moment) -> Select[Delegation]:
    """Whom this person helps today."""
    return select(Delegation).where(
        Delegation.account_id == person.id,
        Delegation.record_id.in_(people.aided_by(person.id, at)),
        _running(at),
    )


def aidants_of(person: Patient) -> Select[UUID, Record, Identity]:
    """(Account, record, identity) of everyone whom this person ever let in, unless erased since."""
    accepted = select(Delegation.account_id).where(
        Delegation.record_id == _own_record(person), Delegation.accepted_at.is_not(None)
    )
    return (
        select(Account.id, Record, Identity)
        .join(Record, Record.id == Account.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .where(Account.id.in_(accepted.correlate(None)), Record.state != RecordState.ERASED)
    )


def _own_record(person: Patient) -> ColumnElement[UUID]:
    """The tables say whose, not the session."""
    return (
        select(Account.record_id)
        .where(Account.id == person.id, Account.state == AccountState.ACTIVE)
        .correlate(None)
        .scalar_subquery()
    )


def _running(at: Moment) -> ColumnElement[bool]:
    """Neither ended nor past its last day; asked, for as long as an invitation lasts."""
    return (
        (true() if at.policy.caregivers else false())
        & Delegation.ended_at.is_(None)
        & (Delegation.until >= at.today)
        & or_(
            Delegation.accepted_at.is_not(None),
            Delegation.created_at > at.now - ASKED_LIFE,
        )
    )
