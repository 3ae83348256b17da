"""Who may look into a record, as its person decides: by national id, across all structures.

A block holds from its commit, before the first access or after it, and stops no deposit. What was
agreed before is forgotten: once unblocked, a professional has to ask again, and is no longer the
médecin traitant.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, records_for
from backend.access.scopes.care import (
    consultations_for,
    depositors_of,
    emergencies_for,
    links_for,
    practitioners,
)
from backend.domain.emergency import Purpose
from backend.domain.errors import NotFound
from backend.domain.habilitation import is_physician
from backend.services.emergency import switches
from backend.services.professionals import Practitioner, named, place_of
from backend.storage.care import CareLink, Consultation, EmergencyAccess
from backend.storage.db import AsyncSession
from backend.storage.records import Record

FRESH = {"populate_existing": True}
AT_MOST = 50
"""Professionals blocked in one form."""


class Standing(Struct, frozen=True):
    """One professional, and where they stand in the record on the screen."""

    who: Practitioner
    since: datetime | None = None
    """Blocked, or let in, since then."""
    came: datetime | None = None
    """Their last visit."""
    treating: bool = False
    may_treat: bool = False
    """A physician of whom the person may say that they are the médecin traitant."""
    urgent: bool = False
    """They see because they declared an emergency."""


class Everyone(Struct, frozen=True):
    """All those that a record knows, and the laboratories that see what they deposited."""

    seeing: tuple[Standing, ...]
    blocked: tuple[Standing, ...]
    others: tuple[Standing, ...]
    """They came or were let in, and see nothing any more."""
    laboratories: tuple[str, ...]

    @property
    def treating(self) -> Standing | None:
        """The médecin traitant, when the person said who it is."""
        return next((one for one in (*self.seeing, *self.others) if one.treating), None)

    @property
    def physicians(self) -> tuple[Standing, ...]:
        """Who else could be."""
        known = (*self.seeing, *self.others)
        return tuple(one for one in known if one.may_treat and not one.treating)


async def everyone(db: AsyncSession, actor: Patient, at: Moment) -> Everyone:
    """Who may look, who is blocked, who looked before; NotFound without a record."""
    links = {one.professional_id: one for one in await db.scalars(links_for(actor, at))}
    visits = consultations_for(actor, at).order_by(Consultation.began_at)
    came = {one.professional_id: one.began_at for one in await db.scalars(visits)}
    urgent = await _urgent(db, actor, at)
    known = await named(db, links.keys() | came.keys() | urgent.keys())
    groups: dict[str, list[Standing]] = {"seeing": [], "blocked": [], "others": []}
    for id_, who in sorted(known.items(), key=lambda pair: (pair[1].name, pair[0])):
        link = links.get(id_)
        shut = link is not None and (link.blocked or link.objected)
        agreed = link is not None and _agreed(link, at)
        group = "blocked" if shut else "seeing" if agreed or id_ in urgent else "others"
        since = _since(link, urgent.get(id_))
        groups[group].append(
            Standing(
                who,
                since=None if group == "others" else since,
                came=came.get(id_),
                treating=bool(link and link.treating),
                may_treat=link is not None and may_treat(link, who.profession),
                urgent=group == "seeing" and not agreed,
            )
        )
    laboratories = tuple(map(place_of, await db.scalars(depositors_of(actor, at))))
    seeing, shut_out, others = (tuple(group) for group in groups.values())
    return Everyone(seeing, shut_out, others, laboratories)


async def block(
    db: AsyncSession, actor: Patient, at: Moment, professional_ids: Collection[UUID]
) -> None:
    """None of them sees the record from the commit on, whatever was agreed or declared.

    NotFound when one of them is nobody, or without a record.
    """
    await hold(db, actor, at)
    known = {one.id for one in await db.scalars(practitioners(professional_ids))}
    if not known or known != set(professional_ids) or len(known) > AT_MOST:
        raise NotFound
    for id_ in sorted(known):
        link = await _link(db, actor, at, id_)
        if link.blocked:
            continue
        authorise(db, actor, Action.BLOCK, link)
        link.blocked, link.blocked_at = True, at.now
        if link.treating:
            authorise(db, actor, Action.END_TREATING, link)
            link.treating = False
        for one in await db.scalars(_running(actor, at, id_).with_for_update()):
            one.until = at.now


async def blocked(
    db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID
) -> Practitioner:
    """One whom this person blocked; NotFound when they did not."""
    query = links_for(actor, at).where(CareLink.professional_id == professional_id)
    link = await db.scalar(query)
    if link is None or not (link.blocked or link.objected):
        raise NotFound
    return (await named(db, [professional_id]))[professional_id]


async def unblock(db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID) -> None:
    """They may ask again; until then they see no more than before."""
    await hold(db, actor, at)
    query = links_for(actor, at).where(CareLink.professional_id == professional_id)
    link = await db.scalar(query.with_for_update(of=CareLink), execution_options=FRESH)
    if link is None:
        raise NotFound
    if not (link.blocked or link.objected):
        return
    authorise(db, actor, Action.UNBLOCK, link)
    link.blocked = link.objected = link.in_team = link.informed = False
    link.blocked_at = link.consent_until = link.agreed_at = None


def may_treat(link: CareLink, profession: str) -> bool:
    """Physicians alone, as the directory says, whom this record knows and did not shut out."""
    return is_physician(profession) and not (link.blocked or link.objected)


async def hold(db: AsyncSession, actor: Patient, at: Moment) -> None:
    """The record on the screen, held so that what is decided comes one after the other."""
    own = records_for(actor, at).where(Record.id == actor.record_id)
    if await db.scalar(own.with_for_update(of=Record, key_share=True)) is None:
        raise NotFound


async def _link(db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID) -> CareLink:
    """The row about them, made when there is none, held until the commit."""
    values = {"record_id": actor.record_id, "professional_id": professional_id}
    await db.execute(insert(CareLink).values(values).on_conflict_do_nothing())
    query = links_for(actor, at).where(CareLink.professional_id == professional_id)
    return (await db.scalars(query.with_for_update(of=CareLink), execution_options=FRESH)).one()


async def _urgent(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID, datetime]:
    """Since when each sees by an emergency that the patient allows."""
    running = emergencies_for(actor, at).where(EmergencyAccess.until > at.now)
    allowed = await switches(db, actor, at)
    return {
        one.professional_id: one.declared_at
        for one in await db.scalars(running)
        if (allowed.samu if one.purpose is Purpose.SAMU else allowed.anyone)
    }


def _running(actor: Patient, at: Moment, professional_id: UUID) -> Select[EmergencyAccess]:
    return emergencies_for(actor, at).where(
        EmergencyAccess.professional_id == professional_id, EmergencyAccess.until > at.now
    )


def _agreed(link: CareLink, at: Moment) -> bool:
    consent = link.consent_until is not None and link.consent_until >= at.today
    return link.informed if link.in_team else consent


def _since(link: CareLink | None, declared_at: datetime | None) -> datetime | None:
    if link is None:
        return declared_at
    return link.blocked_at or link.agreed_at or declared_at
