"""Whom a promised message goes to, how and when: decided when it leaves."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import (
    Moment,
    documents_for,
    kept_record,
    notices_for,
    tombstones_for,
)
from backend.access.scopes.people import children_of
from backend.domain.jobs import Tell, TellAccount
from backend.domain.notices import TRIAL, Event
from backend.domain.preferences import (
    CHANNELS,
    EMAIL,
    PUSH,
    SMS,
    Preferences,
    digest_at,
    quiet_until,
    read_preferences,
    ways,
)
from backend.services.accounts import contact
from backend.services.push import browsers_of, subscription
from backend.storage.accounts import Account, AccountState
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, Notice
from backend.storage.records import Record

ROBOT = Robot("tell")
NO_SESSION = UUID(int=0)
A_DAY = timedelta(days=1)


class Telling(Struct, frozen=True):
    """Where to write, how, and when if not now."""

    email: str | None
    phone: str | None
    browsers: tuple[UUID, ...]
    """Subscriptions."""
    discreet: bool
    later: datetime | None = None
    digest: datetime | None = None
    """When the day’s one message tells of it instead."""


async def whom_to_tell(db: AsyncSession, at: Moment, promise: Tell) -> Telling | None:
    """As the person chose; None when this account may not know of it any more.

    The policy is asked again, as the account itself: hidden, withdrawn, replaced or no longer a
    guardian since the promise was made, nothing leaves.
    """
    account = await _usable(db, promise.account_id)
    if account is None:
        return None
    thing = await _seen(db, _eyes(account, promise.record_id), at, promise)
    if thing is None:
        return None
    chosen, event = read_preferences(account.preferences), promise.event
    telling = await _telling(db, account, chosen, {event})
    if telling is None:
        return None
    digest = digest_at(chosen, event, at.now)
    later = None if digest else quiet_until(chosen, event, at.now)
    if not (digest or later):
        action = Action.NOTIFY_DOCUMENT if isinstance(thing, Document) else Action.NOTIFY_RECORD
        authorise(db, ROBOT, action, thing)
    return Telling(
        telling.email, telling.phone, telling.browsers, chosen.discreet, later=later, digest=digest
    )


async def whom_to_tell_all(db: AsyncSession, at: Moment, promise: TellAccount) -> Telling | None:
    """For a digest: on the channels of what happened since yesterday and may still be known.

    A trial goes out on every channel chosen for anything.
    """
    account = await _usable(db, promise.account_id)
    if account is None:
        return None
    chosen = read_preferences(account.preferences)
    events = set(Event) if promise.what == TRIAL else await _news(db, at, account, chosen)
    return await _telling(db, account, chosen, events)


async def still_tells(db: AsyncSession, at: Moment, browser: UUID, about: Tell | None) -> bool:
    """Whether this browser may be told of it now."""
    found = await subscription(db, browser)
    account = await _usable(db, found[0].id) if found else None
    if account is None:
        return False
    return about is None or (
        about.account_id == account.id
        and await _seen(db, _eyes(account, about.record_id), at, about) is not None
    )


async def _usable(db: AsyncSession, account_id: UUID) -> Account | None:
    account = await db.get(Account, account_id)
    return account if account and account.state is AccountState.ACTIVE else None


def _eyes(account: Account, record_id: UUID) -> Patient:
    """The account, looking at this record."""
    return Patient(account.id, account.record_id, record_id, NO_SESSION)


async def _seen(
    db: AsyncSession, eyes: Patient, at: Moment, promise: Tell
) -> Document | Record | None:
    """What it is about, if this person may still know of it."""
    if promise.document_id is None:
        return await db.scalar(kept_record(eyes, at))
    scope = tombstones_for if promise.event is Event.WITHDRAWN else documents_for
    query = scope(eyes, at).where(Document.id == promise.document_id)
    if promise.version_id:
        query = query.where(Document.version_id == promise.version_id)
    return await db.scalar(query)


async def _news(db: AsyncSession, at: Moment, account: Account, chosen: Preferences) -> set[Event]:
    """What happened since yesterday, in their record and their children’s, that waits for it."""
    records = [account.record_id, *await db.scalars(children_of(account.id, at.today))]
    found: set[Event] = set()
    for record_id in records:
        query = notices_for(_eyes(account, record_id), at).where(Notice.at > at.now - A_DAY)
        found |= {Event(kind) for kind in await db.scalars(query.with_only_columns(Notice.kind))}
    return {event for event in found if digest_at(chosen, event, at.now)}


async def _telling(
    db: AsyncSession, account: Account, chosen: Preferences, events: set[Event]
) -> Telling | None:
    """On the channels that tell of any of these events; None when there is none."""
    email, phone = await contact(db, account)
    browsers = tuple(await browsers_of(db, account.id))
    reachable = [
        channel for channel, there in zip(CHANNELS, (browsers, email, phone), strict=True) if there
    ]
    by = {channel for event in events for channel in ways(chosen, event, reachable)}
    if not by:
        return None
    return Telling(
        email if EMAIL in by else None,
        phone if SMS in by else None,
        browsers if PUSH in by else (),
        chosen.discreet,
    )
