"""Spaces as they are reached by who opens, refuses, closes or restores one: not what they hold."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select

from backend.access.actors import Newcomer, Robot
from backend.domain.activation import CODE_TRIES
from backend.domain.calendar import civil_day
from backend.domain.dispatches import DispatchState
from backend.storage.accounts import Enrolment, ProvisionalCode
from backend.storage.dispatches import Dispatch
from backend.storage.records import (
    Identity,
    IdentityStatus,
    Record,
    RecordState,
    VitaleCard,
)

ERASING = "calendar"
ROBOTS = frozenset({"send-provisional-code", "calendar", "operator"})


def whole_space(record_id: UUID) -> Select[Record]:
    """One record, locked: what changes its state waits for what changes it already."""
    return select(Record).where(Record.id == record_id).with_for_update()


def spaces_by_ins(indexes: Collection[bytes]) -> Select[Record, Identity]:
    """The spaces of a qualified INS in whatever state: for who brings the code sent to it."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(Identity.ins_index.in_(indexes), Identity.status == IdentityStatus.QUAL)
    )


def space_and_identity(newcomer: Newcomer) -> Select[Record, Identity]:
    """The space that a newcomer proved to be theirs, and whose it is."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(Record.id == newcomer.record_id)
    )


def spaces_without_code(now: datetime) -> Select[Record, Identity]:
    """Spaces that wait for their person and have no code that works, held for the operator.

    A minor’s waits for a parent, who needs none.
    """
    live = select(ProvisionalCode.id).where(
        ProvisionalCode.record_id == Record.id,
        ProvisionalCode.replaced_at.is_(None),
        ProvisionalCode.expires_at > now,
    )
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(
            Record.state.in_((RecordState.INFORMED, RecordState.OPEN)),
            Identity.status == IdentityStatus.QUAL,
            or_(Record.minor_until.is_(None), Record.minor_until <= civil_day(now)),
            ~live.exists(),
        )
        .order_by(Record.id)
        .with_for_update(of=Record, skip_locked=True)
    )


def record_of(robot: Robot, record_id: UUID) -> Select[Record, Identity]:
    """Whose space it is, for our own work that writes to that person."""
    query = select(Record, Identity).join(Identity, Identity.record_id == Record.id)
    return query.where(Record.id == record_id if robot.name in ROBOTS else false())


def live_code(record_id: UUID, now: datetime) -> Select[ProvisionalCode]:
    """The code that may still be tried for this record, locked."""
    return (
        select(ProvisionalCode)
        .where(
            ProvisionalCode.record_id == record_id,
            ProvisionalCode.used_at.is_(None),
            ProvisionalCode.replaced_at.is_(None),
            ProvisionalCode.expires_at > now,
            ProvisionalCode.tries < CODE_TRIES,
        )
        .with_for_update()
    )


def spaces_to_open(today: date) -> Select[Record]:
    """Spaces whose six weeks are over."""
    return select(Record).where(Record.state == RecordState.INFORMED, Record.opens_on <= today)


def spaces_to_erase(today: date) -> Select[Record]:
    """Refused and closed spaces whose time has passed, and what was only sent.

    What is promised from a transit leaves first, or is given up: it would be lost in silence.
    """
    ended = (RecordState.OPPOSED, RecordState.CLOSED)
    leaving = select(Dispatch.id).where(
        Dispatch.record_id == Record.id, Dispatch.state == DispatchState.PROMISED
    )
    sent = and_(Record.state == RecordState.TRANSIT, ~leaving.exists())
    return select(Record).where(or_(Record.state.in_(ended), sent), Record.erase_on <= today)


def identity_to_forget(robot: Robot, record_id: UUID) -> Select[Identity]:
    """Whose space it was, for the work that erases it."""
    mine = Identity.record_id == record_id if robot.name == ERASING else false()
    return select(Identity).where(mine)


def links_to_forget(robot: Robot, record_id: UUID) -> Sequence[Select[Any]]:
    """What else leads to that person: ways in, then the codes that they name, and cards."""
    if robot.name != ERASING:
        return ()
    return (
        select(Enrolment).where(Enrolment.record_id == record_id),
        select(VitaleCard).where(VitaleCard.record_id == record_id),
        select(ProvisionalCode).where(ProvisionalCode.record_id == record_id),
    )
