"""Whom a promised message goes to, how and when: decided when it leaves."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import Moment, documents_for, kept_record, tombstones_for
from backend.domain.jobs import Tell
from backend.domain.notices import Event
from backend.domain.preferences import morning_after, read_preferences
from backend.services.accounts import contact
from backend.storage.accounts import Account, AccountState
from backend.storage.db import AsyncSession
from backend.storage.documents import Document
from backend.storage.records import Record

ROBOT = Robot("tell")
NO_SESSION = UUID(int=0)


class Telling(Struct, frozen=True):
    """Where to write, how, and when if not now."""

    email: str | None
    phone: str | None
    discreet: bool
    later: datetime | None


async def whom_to_tell(db: AsyncSession, at: Moment, promise: Tell) -> Telling | None:
    """As the person chose; None when this account may not know of it any more.

    The policy is asked again, as the account itself: hidden, withdrawn, replaced or no longer a
    guardian since the promise was made, nothing leaves.
    """
    account = await db.get(Account, promise.account_id)
    if account is None or account.state is not AccountState.ACTIVE:
        return None
    eyes = Patient(
        id=account.id,
        own_record_id=account.record_id,
        record_id=promise.record_id,
        session_id=NO_SESSION,
    )
    thing = await _seen(db, eyes, at, promise)
    if thing is None:
        return None
    chosen = read_preferences(account.preferences)
    email, phone = await contact(db, account)
    telling = Telling(
        email=email if "email" in chosen.new_document else None,
        phone=phone if "sms" in chosen.new_document else None,
        discreet=chosen.discreet,
        later=morning_after(chosen, at.now),
    )
    if telling.email is None and telling.phone is None:
        return None
    action = Action.NOTIFY_DOCUMENT if isinstance(thing, Document) else Action.NOTIFY_RECORD
    authorise(db, ROBOT, action, thing)
    return telling


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
