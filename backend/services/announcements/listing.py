"""What waits at a laboratory: its list, the page of one, the counter of the home page."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, and_, func, or_

from backend.access import Action, authorise, may
from backend.access.actors import Professional
from backend.access.scopes.announcements import (
    announcements_for,
    calls_for,
    waiting_for,
    with_what_waits,
)
from backend.domain.announcements import Announced, Call
from backend.domain.calendar import civil_day
from backend.domain.documents import Summary
from backend.domain.errors import NotFound
from backend.domain.laboratory import Ability, can
from backend.domain.reports import Report
from backend.services.announcements.planning import announcers
from backend.services.professionals import named
from backend.storage.announcements import (
    Announcement,
    AnnouncementCall,
    outcome_of,
    reason_of,
)
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Version, check_visibility
from backend.storage.records import Identity, Record, key_of, traits_of

Found = Row[Announcement, Document, Version, Record, Identity]
PAGE = 50
NOBODYS, MINE = "a-attribuer", "les-miens"


class Line(Struct, frozen=True):
    """One result that waits."""

    id: UUID
    patient: str
    title: str
    received_at: datetime
    since: date
    """The civil day that the law counts from."""
    owner: str
    """Who is to announce it; empty: nobody yet."""
    mine: bool
    called: bool
    """Somebody was called about it: its owner, or every biologist."""


class Board(Struct, frozen=True):
    """A page of the list, what presses first."""

    lines: tuple[Line, ...]
    waiting: int
    unowned: int
    mine: int
    more: bool


class Pressing(Struct, frozen=True):
    """The counter of the home page: nobody is named there."""

    waiting: int
    unowned: int
    called: int
    """About how many this person was called."""


class Called(Struct, frozen=True):
    """One call that was made."""

    kind: str
    on: date
    whom: str
    """Empty: every biologist."""


class Waiting(Struct, frozen=True):
    """One of them, whole."""

    line: Line
    record_id: UUID
    document_id: UUID
    """Where it is read."""
    summary: Summary
    tests: tuple[str, ...]
    """What it says, in the laboratory’s own words; for who may release it."""
    remind_on: date | None
    reason: str
    calls: tuple[Called, ...]
    done_at: datetime | None
    done_by: str
    made: Announced | None
    has_copy: bool
    """A copy for the patient’s own MSSanté mailbox leaves with the release."""
    for_guardians: bool
    """A minor’s: who represents them reads it, and is told."""
    kept_from_guardians: bool
    may_release: bool
    colleagues: Mapping[UUID, str]
    """To whom it may be given."""


async def board(db: AsyncSession, actor: Professional, which: str, page: int) -> Board:
    """Nobody’s first, then those that have waited longest."""
    authorise(db, actor, Action.LIST_ANNOUNCEMENTS, None)
    waiting, unowned, mine = await _counts(db, actor)
    asked = waiting_for(actor)
    if which == NOBODYS:
        asked = asked.where(Announcement.owner_id.is_(None))
    if which == MINE:
        asked = asked.where(Announcement.owner_id == actor.id)
    order = (Announcement.owner_id.is_not(None), Document.withheld_on, Announcement.id)
    query = with_what_waits(asked).order_by(*order).limit(PAGE + 1).offset(PAGE * (page - 1))
    rows = (await db.execute(query)).all()
    shown: list[Found] = [*rows[:PAGE]]
    names = await _names(db, {row[0].owner_id for row in shown})
    called = await _called(db, actor, [row[0].id for row in shown])
    lines = tuple(_line(db, actor, row, names=names, called=called) for row in shown)
    return Board(lines, waiting, unowned, mine, more=len(rows) > PAGE)


async def pressing(db: AsyncSession, actor: Professional) -> Pressing | None:
    """For the home page; None for who does not see the list."""
    if not can(actor.roles, Ability.SEE_ANNOUNCEMENTS):
        return None
    waiting, unowned, _mine = await _counts(db, actor)
    called = 0
    if can(actor.roles, Ability.RELEASE):
        mine = _to_me(actor).with_only_columns(AnnouncementCall.announcement_id)
        of = waiting_for(actor).where(Announcement.id.in_(mine))
        called = await _count(db, of)
    return Pressing(waiting, unowned, called)


async def find(db: AsyncSession, actor: Professional, announcement_id: UUID) -> Waiting:
    """One of them, waiting or done; NotFound when it is another laboratory’s."""
    query = with_what_waits(announcements_for(actor).where(Announcement.id == announcement_id))
    found = (await db.execute(query)).first()
    if found is None:
        raise NotFound
    row: Found = found
    wait, document, version, record, _identity = row
    check_visibility(vault_of(db), document)
    authorise(db, actor, Action.OPEN_ANNOUNCEMENT, wait)
    calls = (await db.scalars(_calls(actor, [wait.id]))).all()
    names = await _names(db, {wait.owner_id, wait.done_by, *(one.owner_id for one in calls)})
    called = {wait.id} if calls else set[UUID]()
    key, releases = key_of(db, record), may(actor, Action.RELEASE_DOCUMENT, document)
    return Waiting(
        line=_line(db, actor, row, names=names, called=called),
        record_id=record.id,
        document_id=document.id,
        summary=key.open_value(Summary, version.sealed_summary, version.id, "summary"),
        tests=_tests(key.open_value(Report, version.sealed_report, version.id, "report"))
        if releases
        else (),
        remind_on=wait.remind_on,
        reason=reason_of(key, wait),
        calls=tuple(Called(one.kind, one.due_on, names.get(one.owner_id, "")) for one in calls),
        done_at=wait.done_at,
        done_by=names.get(wait.done_by, ""),
        made=outcome_of(key, wait),
        has_copy=wait.sealed_held is not None,
        for_guardians=record.minor_until is not None,
        kept_from_guardians=document.hidden_from_guardians,
        may_release=releases and document.withheld,
        colleagues=await announcers(db, actor) if releases else {},
    )


def _line(
    db: AsyncSession,
    actor: Professional,
    row: Found,
    *,
    names: Mapping[UUID | None, str],
    called: Collection[UUID],
) -> Line:
    wait, document, version, record, identity = row
    key, who = key_of(db, record), traits_of(db, record, identity)
    summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
    return Line(
        id=wait.id,
        patient=f"{who.first_given.title()} {who.birth_name.title()}",
        title=summary.title,
        received_at=version.received_at,
        since=document.withheld_on or civil_day(wait.opened_at),
        owner=names.get(wait.owner_id, ""),
        mine=wait.owner_id == actor.id,
        called=wait.id in called,
    )


def _tests(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result.label for result in report.results if result.label))


async def _counts(db: AsyncSession, actor: Professional) -> tuple[int, int, int]:
    """All, nobody’s, mine."""
    nobodys, mine = Announcement.owner_id.is_(None), Announcement.owner_id == actor.id
    of = waiting_for(actor).with_only_columns(
        func.count(), func.count().filter(nobodys), func.count().filter(mine)
    )
    every, unowned, own = (await db.execute(of)).one()
    return every, unowned, own


async def _count(db: AsyncSession, of: Select[Announcement]) -> int:
    return await db.scalar(of.with_only_columns(func.count())) or 0


def _calls(actor: Professional, waits: Sequence[UUID]) -> Select[AnnouncementCall]:
    mine = calls_for(actor).where(AnnouncementCall.announcement_id.in_(waits))
    return mine.order_by(AnnouncementCall.at, AnnouncementCall.id)


def _to_me(actor: Professional) -> Select[AnnouncementCall]:
    """Those to this person; those to every biologist, until somebody takes it in charge.

    The last one is for all of them whoever’s it is: its owner did nothing.
    """
    nobodys = or_(Announcement.owner_id.is_(None), Announcement.owner_id == actor.id)
    last = AnnouncementCall.kind == Call.EVERYBODY
    to_all = and_(AnnouncementCall.owner_id.is_(None), or_(nobodys, last))
    of = calls_for(actor).join(Announcement, Announcement.id == AnnouncementCall.announcement_id)
    return of.where(or_(to_all, AnnouncementCall.owner_id == actor.id))


async def _called(db: AsyncSession, actor: Professional, waits: Sequence[UUID]) -> set[UUID]:
    return {one.announcement_id for one in await db.scalars(_calls(actor, waits))}


async def _names(db: AsyncSession, ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    return {id_: one.name for id_, one in (await named(db, {i for i in ids if i})).items()}
