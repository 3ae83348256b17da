"""Afterwards: a structure looks at the emergencies of its professionals, and at their pace.

Each stays for good, with who looked at it and what they wrote: nobody reviews themselves.
"""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.care import practitioners
from backend.access.scopes.reviews import alerts_at, emergencies_at
from backend.access.scopes.teams import colleagues_at_work
from backend.domain.emergency import Purpose, read_comment
from backend.domain.errors import NotFound, Refused
from backend.domain.laboratory import Ability, can, roles_held
from backend.domain.pace import Span
from backend.services.professionals import name_of
from backend.storage.care import AccessAlert, EmergencyAccess
from backend.storage.db import AsyncSession, vault_of
from backend.storage.records import Record, key_of

Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])

SHOWN = 100
"""On one page."""
ERASED = "Le dossier a été supprimé : il n’y a plus rien à relire."
ALREADY = "Quelqu’un a déjà relu cet accès."
FRESH = {"populate_existing": True}


class Reviewed(Struct, frozen=True):
    """Who looked at it, when, and what they wrote."""

    by: str
    at: datetime
    comment: str | None


class Emergency(Struct, frozen=True):
    """One emergency: who, when, why."""

    id: UUID
    who: str
    purpose: Purpose
    declared_at: datetime
    until: datetime
    reason: str | None
    """None once the record was erased: what was written went with its key."""
    mine: bool
    review: Reviewed | None


class Alert(Struct, frozen=True):
    """Many different records in little time."""

    id: UUID
    who: str
    span: Span
    opened: int
    at: datetime
    mine: bool
    review: Reviewed | None


async def emergencies(
    db: AsyncSession, actor: Professional, number: int = 1
) -> tuple[list[Emergency], bool]:
    """One page of those of the structure, and whether there are more; those that wait first."""
    authorise(db, actor, Action.LIST_ACCESSES, None)
    rows = (await db.execute(_part(emergencies_at(actor), number))).all()
    names = await _names(db, {one.reviewed_by for one, *_ in rows if one.reviewed_by})
    return [
        Emergency(
            one.id,
            name_of(who),
            one.purpose,
            one.declared_at,
            one.until,
            _unseal(db, record, one, one.sealed_reason, "reason"),
            one.professional_id == actor.id,
            _review(one, names, _unseal(db, record, one, one.sealed_comment, "comment")),
        )
        for one, record, who in rows[:SHOWN]
    ], len(rows) > SHOWN


async def alerts(
    db: AsyncSession, actor: Professional, number: int = 1
) -> tuple[list[Alert], bool]:
    """The same, of alerts."""
    authorise(db, actor, Action.LIST_ACCESSES, None)
    rows = (await db.execute(_part(alerts_at(actor), number))).all()
    names = await _names(db, {one.reviewed_by for one, _ in rows if one.reviewed_by})
    return [
        Alert(
            one.id,
            name_of(who),
            one.span,
            one.opened,
            one.at,
            one.professional_id == actor.id,
            _review(one, names, _unsealed(db, one)),
        )
        for one, who in rows[:SHOWN]
    ], len(rows) > SHOWN


async def is_reviewed(db: AsyncSession, actor: Professional) -> bool:
    """Whether somebody else of where they work may look at their emergencies afterwards."""
    return any(
        can(roles_held({seat.role}, one.profession if one else ""), Ability.REVIEW_ACCESSES)
        for seat, one in await db.execute(colleagues_at_work(actor))
    )


async def review_emergency(
    db: AsyncSession, actor: Professional, at: Moment, id_: UUID, text: str
) -> None:
    """Looked at, once, by somebody else than who declared it."""
    query = emergencies_at(actor).where(EmergencyAccess.id == id_)
    held = query.with_for_update(of=EmergencyAccess)
    found = (await db.execute(held, execution_options=FRESH)).one_or_none()
    if found is None:
        raise NotFound
    one, record, _who = found
    if not record.wrapped_key:
        raise Refused(ERASED)
    _once(actor, one)
    comment = read_comment(text)
    authorise(db, actor, Action.REVIEW_EMERGENCY, one)
    one.reviewed_at, one.reviewed_by = at.now, actor.id
    one.sealed_comment = key_of(db, record).seal_value(comment, one.id, "comment")


async def review_alert(
    db: AsyncSession, actor: Professional, at: Moment, id_: UUID, text: str
) -> None:
    """The same, of an alert."""
    query = alerts_at(actor).where(AccessAlert.id == id_).with_for_update(of=AccessAlert)
    found = (await db.execute(query, execution_options=FRESH)).one_or_none()
    if found is None:
        raise NotFound
    one, _who = found
    _once(actor, one)
    comment = read_comment(text)
    authorise(db, actor, Action.REVIEW_ALERT, one)
    one.reviewed_at, one.reviewed_by = at.now, actor.id
    one.sealed_comment = vault_of(db).seal("access-alert", comment.encode(), one.id)


def _part(query: Q, number: int) -> Q:
    """A page of it, and one more, which tells whether there is another page."""
    return query.offset((number - 1) * SHOWN).limit(SHOWN + 1)


def _once(actor: Professional, one: EmergencyAccess | AccessAlert) -> None:
    if one.reviewed_at is not None:
        raise Refused(ALREADY)
    if one.professional_id == actor.id:
        raise Refused("Un autre que vous doit relire cet accès.")


def _review(
    one: EmergencyAccess | AccessAlert, names: dict[UUID, str], comment: str | None
) -> Reviewed | None:
    if one.reviewed_at is None or one.reviewed_by is None:
        return None
    return Reviewed(names[one.reviewed_by], one.reviewed_at, comment)


def _unseal(
    db: AsyncSession, record: Record, one: EmergencyAccess, sealed: bytes | None, field: str
) -> str | None:
    if sealed is None or not record.wrapped_key:
        return None
    return key_of(db, record).open_value(str, sealed, one.id, field)


def _unsealed(db: AsyncSession, one: AccessAlert) -> str:
    if one.sealed_comment is None:
        return ""
    return vault_of(db).unseal("access-alert", one.sealed_comment, one.id).decode()


async def _names(db: AsyncSession, ids: set[UUID]) -> dict[UUID, str]:
    return {one.id: name_of(one) for one in await db.scalars(practitioners(ids))}
