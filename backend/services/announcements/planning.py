"""Who announces a result, when they are called about it: said at the deposit, or afterwards."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement

from backend.access import Action, authorise, may
from backend.access.actors import Professional
from backend.access.scopes.announcements import colleagues_of, waiting_for, with_what_waits
from backend.domain.announcements import check_reminder, read_reason
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound, Refused
from backend.domain.laboratory import Ability, Role, can, roles_held
from backend.services import pro_sign_in
from backend.services.announcements.waiting import FRESH
from backend.services.professionals import name_of
from backend.storage.announcements import Announcement, seal_reason
from backend.storage.db import AsyncSession, utcnow
from backend.storage.documents import Document
from backend.storage.records import Record, key_of
from backend.storage.structures import Professional as Directory


async def plan(
    db: AsyncSession,
    actor: Professional,
    document: Document,
    *,
    owner: UUID | None,
    remind_on: date | None,
    reason: str,
) -> Announcement:
    """Say who announces it, when they want to be reminded, and why it waits.

    `owner` is somebody who may release it. NotFound for a document that does not wait.
    """
    wait, of, record = await _hold(db, actor, Announcement.document_id == document.id)
    if may(actor, Action.PLAN_ANNOUNCEMENT, wait):
        await check_plan(db, actor, of.withheld_on, owner, remind_on)
    authorise(db, actor, Action.PLAN_ANNOUNCEMENT, wait)
    wait.owner_id, wait.remind_on = owner, remind_on
    wait.sealed_reason = seal_reason(key_of(db, record), wait.id, read_reason(reason))
    return wait


async def give(
    db: AsyncSession, actor: Professional, announcement_id: UUID, owner: UUID | None
) -> None:
    """To somebody who may release it, oneself included; to nobody again with None."""
    now = await pro_sign_in.present(db, actor)
    wait, document, _record = await _hold(db, now, Announcement.id == announcement_id)
    if may(now, Action.PLAN_ANNOUNCEMENT, wait):
        await check_plan(db, now, document.withheld_on, owner, None)
    authorise(db, now, Action.PLAN_ANNOUNCEMENT, wait)
    wait.owner_id = owner


async def remind(
    db: AsyncSession, actor: Professional, announcement_id: UUID, day: date | None
) -> None:
    """When its owner wants to be called about it; None for no longer."""
    now = await pro_sign_in.present(db, actor)
    wait, document, _record = await _hold(db, now, Announcement.id == announcement_id)
    if may(now, Action.PLAN_ANNOUNCEMENT, wait):
        await check_plan(db, now, document.withheld_on, None, day)
    authorise(db, now, Action.PLAN_ANNOUNCEMENT, wait)
    wait.remind_on = day


async def announcers(db: AsyncSession, actor: Professional) -> dict[UUID, str]:
    """Who may announce at this site, by name: those who came in at least once."""
    roles: dict[UUID, set[Role]] = defaultdict(set)
    people: dict[UUID, Directory] = {}
    for seat, person in await db.execute(colleagues_of(actor)):
        roles[person.id] |= roles_held({seat.role}, person.profession)
        people[person.id] = person
    return {id_: name_of(one) for id_, one in people.items() if can(roles[id_], Ability.RELEASE)}


async def check_plan(
    db: AsyncSession,
    actor: Professional,
    since: date | None,
    owner: UUID | None,
    remind_on: date | None,
) -> None:
    """Refused unless the owner may announce it, and the reminder comes before the law shows it.

    `since` is the day since which it waits: what is yet to be deposited is checked beforehand.
    """
    if owner and owner != actor.id and owner not in await announcers(db, actor):
        raise Refused("Choisissez dans la liste un biologiste de ce laboratoire.")
    if remind_on and since:
        check_reminder(remind_on, since, civil_day(utcnow()))


async def _hold(
    db: AsyncSession, actor: Professional, which: ColumnElement[bool]
) -> tuple[Announcement, Document, Record]:
    query = with_what_waits(waiting_for(actor).where(which)).with_for_update(of=Announcement)
    found = (await db.execute(query, execution_options=FRESH)).first()
    if found is None:
        raise NotFound
    wait, document, _version, record, _identity = found
    return wait, document, record
