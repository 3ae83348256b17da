"""Each change leaves a picture of the means before it: to tell it there, and to put it back."""

from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import func, select, update

from backend.access import Action
from backend.access.actors import Patient, Robot
from backend.domain.credentials import COOLING, COOLING_OFF, Cooling, Kind
from backend.domain.jobs import TellChange
from backend.domain.space import Event
from backend.services.credentials.pictures import Picture, picture_of, put_back
from backend.services.sign_in.challenges import forget_codes
from backend.services.sign_in.sessions import end_all, hash_token
from backend.services.space import Space, advance, hold
from backend.storage.accounts import Account, Channel, CredentialChange
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of
from backend.storage.outbox import enqueue
from backend.storage.records import key_of

CANCELLING = Robot("cancel-change")
TOKEN_BYTES = 16
"""128 bits, short enough for an SMS."""


class Changed(Struct, frozen=True):
    """What the page of the link says."""

    kind: Kind
    at: datetime
    until: datetime


class Letter(Struct, frozen=True):
    """What the worker sends, where."""

    channel: Channel
    to: str
    changed: Changed
    token: str
    """Of the link that undoes it."""


async def before_change(db: AsyncSession, space: Space) -> Picture:
    """The means as they are; to be taken before anything is changed."""
    assert space.account is not None
    return await picture_of(db, space.account)


async def note_change(db: AsyncSession, space: Space, kind: Kind, before: Picture) -> None:
    """Write the change down, tell the channels of before, and forget codes on their way.

    The new address is not told: whoever took it over would undo what the person undoes.
    """
    record, account = space
    assert account is not None
    now, change_id, token = utcnow(), uuid4(), token_urlsafe(TOKEN_BYTES)
    await _forget_secrets(db, account.id, now)
    key = key_of(db, record)
    db.add(
        CredentialChange(
            id=change_id,
            account_id=account.id,
            kind=kind,
            at=now,
            until=now + COOLING_OFF,
            sealed_token=vault_of(db).seal("change-token", token.encode(), change_id),
            token_hash=hash_token(token),
            sealed_before=key.seal_value(before, change_id, "before"),
        )
    )
    await forget_codes(db, account.id)
    for channel in before.channels:
        job = TellChange(change_id=change_id, channel=channel, before=True)
        await enqueue(db, job, key=f"tell-change/{change_id}/{channel}")
    await db.flush()


async def fresh_changes(db: AsyncSession, account: Account, at: datetime) -> frozenset[Kind]:
    """What was changed within a day, and not undone."""
    kinds = await db.scalars(
        select(CredentialChange.kind).where(
            CredentialChange.account_id == account.id,
            CredentialChange.cancelled_at.is_(None),
            CredentialChange.until > at,
            CredentialChange.at < at + SKEW,
        )
    )
    return frozenset(map(Kind, kinds))


async def is_cooling(db: AsyncSession, account: Account, at: datetime) -> bool:
    """Whether exporting, closing and changing another channel must still wait."""
    return bool(COOLING & await fresh_changes(db, account, at))


async def changes_of(db: AsyncSession, account: Account) -> tuple[int, int]:
    """How many changes there ever were, and how many were undone: another one shows."""
    query = select(func.count(), func.count(CredentialChange.cancelled_at))
    found = await db.execute(query.where(CredentialChange.account_id == account.id))
    made, undone = found.one()
    return made, undone


async def refuse_if_cooling(db: AsyncSession, actor: Patient) -> None:
    """Cooling, in a plain sentence, within a day of a change of password or address."""
    account = await db.get_one(Account, actor.id)
    if await is_cooling(db, account, utcnow()):
        raise Cooling


async def letter_for(db: AsyncSession, change_id: UUID, channel: str) -> Letter | None:
    """What to tell this channel, at the address of before; None when there is nothing to tell."""
    change = await db.get(CredentialChange, change_id)
    if change is None or change.sealed_token is None or change.sealed_before is None:
        return None
    if change.cancelled_at or change.until <= utcnow():
        return None
    space = await hold(db, (await db.get_one(Account, change.account_id)).record_id)
    assert space.account is not None
    key = key_of(db, space.record)
    before = key.open_value(Picture, change.sealed_before, change.id, "before")
    kind = Channel(channel)
    to = before.address(key, space.account, kind)
    if to is None:
        return None
    token = vault_of(db).unseal("change-token", change.sealed_token, change.id).decode()
    return Letter(kind, to, _told(change), token)


async def find_change(db: AsyncSession, token: str) -> Changed | None:
    """What this link undoes, while it can."""
    change = await _live(db, token)
    return _told(change) if change else None


async def cancel(db: AsyncSession, token: str) -> bool:
    """« Ce n’est pas moi »: this change and those after it are undone, every browser leaves.

    The account is locked until its person proves who they are. False when the link is over.
    """
    found = await _live(db, token)
    if found is None:
        return False
    space = await hold(db, (await db.get_one(Account, found.account_id)).record_id)
    change = await _live(db, token)
    if change is None or change.sealed_before is None or space.account is None:
        return False
    advance(db, CANCELLING, Action.CANCEL_CHANGE, Event.CANCEL_CHANGE, space)
    before = key_of(db, space.record).open_value(Picture, change.sealed_before, change.id, "before")
    await put_back(db, space.account, before)
    await db.execute(
        update(CredentialChange)
        .where(
            CredentialChange.account_id == change.account_id,
            CredentialChange.at >= change.at,
            CredentialChange.cancelled_at.is_(None),
        )
        .values(cancelled_at=utcnow(), sealed_token=None, sealed_before=None)
        .execution_options(synchronize_session=False)
    )
    await forget_codes(db, space.account.id)
    await end_all(db, space.account.id)
    return True


async def _live(db: AsyncSession, token: str) -> CredentialChange | None:
    now = utcnow()
    return await db.scalar(
        select(CredentialChange).where(
            CredentialChange.token_hash == hash_token(token),
            CredentialChange.cancelled_at.is_(None),
            CredentialChange.until > now,
            CredentialChange.at < now + SKEW,
        ),
        execution_options={"populate_existing": True},
    )


async def _forget_secrets(db: AsyncSession, account_id: UUID, now: datetime) -> None:
    """What can no longer be undone is no longer kept."""
    await db.execute(
        update(CredentialChange)
        .where(CredentialChange.account_id == account_id, CredentialChange.until <= now)
        .values(sealed_token=None, sealed_before=None)
        .execution_options(synchronize_session=False)
    )


def _told(change: CredentialChange) -> Changed:
    return Changed(Kind(change.kind), change.at, change.until)
