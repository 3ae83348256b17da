"""A person's preferences, read and changed."""

from uuid import uuid4

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.domain.jobs import TellAccount
from backend.domain.notices import TRIAL
from backend.domain.preferences import (
    CHANNELS,
    Preferences,
    check_preferences,
    read_preferences,
    write_preferences,
)
from backend.services import limits
from backend.services.accounts import contact
from backend.services.push import browsers_of
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession
from backend.storage.outbox import enqueue


async def preferences_of(db: AsyncSession, actor: Patient) -> Preferences:
    """As they are."""
    return read_preferences((await db.get_one(Account, actor.id)).preferences)


async def reachable(db: AsyncSession, actor: Patient) -> tuple[str, ...]:
    """The channels on which a message would arrive."""
    email, phone = await contact(db, await db.get_one(Account, actor.id))
    there = (await browsers_of(db, actor.id), email, phone)
    return tuple(channel for channel, has in zip(CHANNELS, there, strict=True) if has)


async def choose(db: AsyncSession, actor: Patient, chosen: Preferences) -> None:
    """As they shall be; Refused for a channel that the person has not, or odd hours."""
    check_preferences(chosen, await reachable(db, actor))
    await set_preferences(db, actor, chosen)


async def set_preferences(db: AsyncSession, actor: Patient, chosen: Preferences) -> None:
    """Kept with the account."""
    _, _, account = await present(db, actor)
    authorise(db, actor, Action.SET_PREFERENCES, account)
    account.preferences = write_preferences(chosen)


async def send_trial(db: AsyncSession, actor: Patient) -> Rejected | None:
    """« Ceci est un essai », at once, wherever this person is told of anything."""
    await present(db, actor)
    if wait := await limits.hit(db, "trial", str(actor.id)):
        return too_often(wait)
    trial = TellAccount(account_id=actor.id, what=TRIAL)
    await enqueue(db, trial, key=f"trial/{actor.id}/{uuid4()}")
    return None
