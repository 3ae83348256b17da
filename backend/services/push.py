"""The browsers of an account that asked to be told: added, written to, forgotten."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.domain.errors import Refused
from backend.domain.push import Subscription, read_subscription
from backend.gateways.push import WebPush
from backend.services.accounts import own_key
from backend.services.sign_in.present import present
from backend.storage.accounts import Account
from backend.storage.browsers import PushSubscription
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.records import key_of

MOST = 10
"""Browsers of one account: the oldest is forgotten for the next."""


async def subscribe(db: AsyncSession, actor: Patient, service: WebPush, text: str) -> None:
    """From now on this browser is told what the account is told, and nobody else’s.

    Refused when its address is not of a service that the operator named.
    """
    given = read_subscription(text)
    if not service.knows(given.endpoint):
        raise Refused("Ce navigateur ne peut pas encore être prévenu ici.")
    _, space, account = await present(db, actor)
    authorise(db, actor, Action.SET_PREFERENCES, account)
    index = vault_of(db).index("push", given.endpoint)
    await db.execute(delete(PushSubscription).where(PushSubscription.endpoint_index == index))
    known = await browsers_of(db, account.id)
    for late in known[MOST - 1 :]:
        await forget(db, late)
    id_ = uuid4()
    db.add(
        PushSubscription(
            id=id_,
            account_id=account.id,
            endpoint_index=index,
            sealed=key_of(db, space.record).seal_value(given, id_, "push"),
            created_at=utcnow(),
        )
    )


async def unsubscribe(db: AsyncSession, actor: Patient) -> None:
    """No browser of this account is told anything any more."""
    _, _, account = await present(db, actor)
    authorise(db, actor, Action.SET_PREFERENCES, account)
    await db.execute(delete(PushSubscription).where(PushSubscription.account_id == account.id))


async def browsers_of(db: AsyncSession, account_id: UUID) -> Sequence[UUID]:
    """The latest first."""
    query = select(PushSubscription.id).where(PushSubscription.account_id == account_id)
    return (await db.scalars(query.order_by(PushSubscription.created_at.desc()))).all()


async def subscription(db: AsyncSession, id_: UUID) -> tuple[Account, Subscription] | None:
    """Whose it is and where to write; None when it was forgotten."""
    row = await db.get(PushSubscription, id_)
    if row is None:
        return None
    account = await db.get_one(Account, row.account_id)
    key = await own_key(db, account)
    return account, key.open_value(Subscription, row.sealed, row.id, "push")


async def forget(db: AsyncSession, id_: UUID) -> None:
    """It no longer listens."""
    await db.execute(delete(PushSubscription).where(PushSubscription.id == id_))
