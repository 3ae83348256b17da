"""What a person sees: their own record (rules H1 to H4), their children’s (L1 to L4), and those of
the people they help (G1, G2).
"""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, union_all

from backend.access.actors import Patient
from backend.access.scopes.moments import Moment
from backend.domain.withholding import shows_since
from backend.storage.accounts import Account, AccountState
from backend.storage.documents import Document
from backend.storage.records import Guardianship, Record, RecordState
from backend.storage.sharing import Delegation


def knows_document(person: Patient, at: Moment) -> ColumnElement[bool]:
    """H3, H4, L3, L4, G2: masked or not, in the one record on the screen.

    What was hidden from a parent stays hidden from an aidant: it may be the same person.
    """
    for_them = and_(
        Document.record_id.in_(union_all(*_others(person, at))), ~Document.hidden_from_guardians
    )
    return and_(
        Document.record_id == person.record_id,
        _announced(at),
        or_(Document.record_id.in_(_own(person, at)), for_them),
    )


def _announced(at: Moment) -> ColumnElement[bool]:
    """Not withheld; or, by law, not for more than a month (R.1111-53)."""
    if not at.policy.released_by_law:
        return ~Document.withheld
    return or_(~Document.withheld, Document.withheld_on <= shows_since(at.today))


def knows_record(person: Patient, at: Moment) -> ColumnElement[bool]:
    """One’s own record, those of the children one represents and of the people one helps."""
    return Record.id.in_(union_all(_own(person, at), *_others(person, at)))


def keeps_record(person: Patient, at: Moment) -> ColumnElement[bool]:
    """One’s own record, and those of the children one represents: not those of people one helps."""
    return Record.id.in_(union_all(_own(person, at), children_of(person.id, at.today)))


def _own(person: Patient, at: Moment) -> Select[UUID]:
    """D1, D2, H1, H2: the active record of an adult. The tables say whose, not the session."""
    return (
        select(Account.record_id)
        .join(Record, Record.id == Account.record_id)
        .where(
            Account.id == person.id,
            Account.state == AccountState.ACTIVE,
            Record.state == RecordState.ACTIVE,
            or_(Record.minor_until.is_(None), Record.minor_until <= at.today),
        )
        .correlate(None)
    )


def children_of(account_id: UUID, today: date) -> Select[UUID]:
    """D1, D2, L1, L2: active records of minors whom this account represents today."""
    return (
        select(Guardianship.record_id)
        .join(Record, Record.id == Guardianship.record_id)
        .join(Account, Account.id == Guardianship.account_id)
        .where(
            Account.id == account_id,
            Account.state == AccountState.ACTIVE,
            Record.state == RecordState.ACTIVE,
            Record.minor_until > today,
            Guardianship.valid_from <= today,
            or_(Guardianship.valid_until.is_(None), Guardianship.valid_until > today),
            Guardianship.revoked_at.is_(None),
        )
        .correlate(None)
    )


def aided_by(account_id: UUID, at: Moment) -> Select[UUID]:
    """D1, D2, G1, G2: active records of adults who let this account in, today included."""
    return (
        select(Delegation.record_id)
        .join(Record, Record.id == Delegation.record_id)
        .join(Account, Account.id == Delegation.account_id)
        .where(
            true() if at.policy.caregivers else false(),
            Account.id == account_id,
            Account.state == AccountState.ACTIVE,
            Record.state == RecordState.ACTIVE,
            or_(Record.minor_until.is_(None), Record.minor_until <= at.today),
            Delegation.accepted_at.is_not(None),
            Delegation.until >= at.today,
            Delegation.ended_at.is_(None),
        )
        .correlate(None)
    )


def _others(person: Patient, at: Moment) -> list[Select[UUID]]:
    """Without aidants, nothing is asked about them."""
    children = children_of(person.id, at.today)
    return [children, aided_by(person.id, at)] if at.policy.caregivers else [children]
