"""Afterwards: a structure looks at the emergencies of its professionals, and at their pace.

Each stays for good, with who looked at it and what they wrote: nobody reviews themselves.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.care import practitioners
from backend.access.scopes.reviews import alerts_at, emergencies_at
from backend.domain.emergency import Purpose, read_comment
from backend.domain.errors import NotFound, Refused
from backend.domain.pace import Span
from backend.services.professionals import name_of
from backend.storage.care import AccessAlert, EmergencyAccess
from backend.storage.db import AsyncSession, vault_of
from backend.storage.records import Record, key_of

SHOWN = 100
ALREADY = "Quelqu’un a déjà relu cet accès."
FRESH = {"populate_existing": True}


class Reviewed(Struct, frozen=True):
    """Who looked at it, when, and what they wrote."""

    by: str
    at: datetime
    comment: str


class Emergency(Struct, frozen=True):
    """One emergency: who, when, why."""

    id: UUID
    who: str
    purpose: Purpose
    declared_at: datetime
    until: datetime
    reason: str
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


async def emergencies(db: AsyncSession, actor: Professional) -> list[Emergency]:
    """Those of the structure, the latest first."""
    authorise(db, actor, Action.LIST_ACCESSES, None)
    rows = (await db.execute(emergencies_at(actor).limit(SHOWN))).all()
    names = await _names(db, {one.reviewed_by for one, *_ in rows if one.reviewed_by})
    return [
        Emergency(
            one.id,
            name_of(who),
            one.purpose,
            one.declared_at,
            one.until,
            key_of(db, record).open_value(str, one.sealed_reason, one.id, "reason"),
            one.professional_id == actor.id,
            _review(one, names, _comment(db, record, one)),
        )
        for one, record, who in rows
    ]


async def alerts(db: AsyncSession, actor: Professional) -> list[Alert]:
    """Those of the structure, the latest first."""
    authorise(db, actor, Action.LIST_ACCESSES, None)
    rows = (await db.execute(alerts_at(actor).limit(SHOWN))).all()
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
        for one, who in rows
    ]


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


def _once(actor: Professional, one: EmergencyAccess | AccessAlert) -> None:
    if one.reviewed_at is not None:
        raise Refused(ALREADY)
    if one.professional_id == actor.id:
        raise Refused("Un autre que vous doit relire cet accès.")


def _review(
    one: EmergencyAccess | AccessAlert, names: dict[UUID, str], comment: str
) -> Reviewed | None:
    if one.reviewed_at is None or one.reviewed_by is None:
        return None
    return Reviewed(names[one.reviewed_by], one.reviewed_at, comment)


def _comment(db: AsyncSession, record: Record, one: EmergencyAccess) -> str:
    if one.sealed_comment is None:
        return ""
    return key_of(db, record).open_value(str, one.sealed_comment, one.id, "comment")


def _unsealed(db: AsyncSession, one: AccessAlert) -> str:
    if one.sealed_comment is None:
        return ""
    return vault_of(db).unseal("access-alert", one.sealed_comment, one.id).decode()


async def _names(db: AsyncSession, ids: set[UUID]) -> dict[UUID, str]:
    return {one.id: name_of(one) for one in await db.scalars(practitioners(ids))}
