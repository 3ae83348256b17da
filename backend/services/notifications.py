"""Telling people that something is there, without ever saying what."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import Moment, documents_for
from backend.domain.jobs import TellNewDocument
from backend.domain.preferences import morning_after, read_preferences
from backend.services.accounts import contact
from backend.storage.accounts import Account, AccountState
from backend.storage.db import AsyncSession
from backend.storage.documents import Document

ROBOT = Robot("tell-new-document")
NO_SESSION = UUID(int=0)


class Telling(Struct, frozen=True):
    """Where to write, how, and when if not now."""

    email: str | None
    phone: str | None
    discreet: bool
    later: datetime | None


async def whom_to_tell(db: AsyncSession, at: Moment, promise: TellNewDocument) -> Telling | None:
    """As the person chose; None when this account may not know of this version any more.

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
    seen = await db.scalar(
        documents_for(eyes, at).where(
            Document.id == promise.document_id, Document.version_id == promise.version_id
        )
    )
    if seen is None:
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
    authorise(db, ROBOT, Action.NOTIFY_DOCUMENT, seen)
    return telling
