"""Browser sessions: opaque tokens, known here by their hash only, rotated at each step."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import delete, select, update

from backend.access import Action, authorise
from backend.access.actors import Actor, Patient, Visitor
from backend.access.scopes import Moment, Policy
from backend.access.scopes.caregivers import mandate_of
from backend.access.scopes.families import represents
from backend.domain.preferences import read_preferences
from backend.domain.sign_in import HALFWAY_LIFE, SESSIONS_AT_MOST
from backend.services.accounts import usable
from backend.services.sign_in.alerts import tell_if_new
from backend.services.sign_in.devices import make_device
from backend.storage.accounts import Account, BrowserSession, Login
from backend.storage.browsers import PushSubscription
from backend.storage.db import SKEW, AsyncSession, utcnow
from backend.storage.records import Record

TOUCH_EVERY = timedelta(minutes=1)
SWEPT_AT_ONCE = 200
AS_IS = {"populate_existing": True}
"""As it is in the database now, whatever this transaction has read before."""


class Started(Struct, frozen=True):
    """The right password: a half session, whose code is on its way."""

    token: str
    session_id: UUID
    by_app: bool = False
    """The code is on the person’s authenticator application: none was sent."""


class Complete(Struct, frozen=True):
    """Both steps passed: a new token, and a mark for the device."""

    token: str
    device: str
    simple: bool = False
    """They chose « Lecture simple »: this browser must know before its first page."""


async def actor_of(db: AsyncSession, token: str, *, idle: timedelta, policy: Policy) -> Actor:
    """Who holds this token now: a person, somebody half-way, or nobody.

    The account and the record are looked at again on every request.
    """
    now = utcnow()
    found = (
        await db.execute(
            select(BrowserSession, Account.state, Record.id, Record.state)
            .join(Account, Account.id == BrowserSession.account_id)
            .join(Record, Record.id == Account.record_id)
            .where(
                BrowserSession.token_hash == hash_token(token),
                BrowserSession.ends_at > now,
                BrowserSession.seen_at > now - idle,
                BrowserSession.created_at < now + SKEW,
            )
        )
    ).one_or_none()
    if found is None:
        return Visitor()
    session, account_state, record_id, record_state = found
    if session.account_id is None or not usable(account_state, record_state):
        return Visitor()
    if not session.complete:
        return Visitor(half=session.id)
    if now - session.seen_at >= TOUCH_EVERY:
        await db.execute(
            update(BrowserSession).where(BrowserSession.id == session.id).values(seen_at=now)
        )
    person = Patient(
        id=session.account_id,
        own_record_id=record_id,
        record_id=record_id,
        session_id=session.id,
        ends_at=session.ends_at,
    )
    if session.acting_for is None:
        return person
    return await _elsewhere(db, person, session.acting_for, Moment.at(now, policy))


async def _elsewhere(db: AsyncSession, person: Patient, chosen: UUID, at: Moment) -> Patient:
    """The chosen record is on the screen, a child's or that of a person they help.

    As long as it is so: then their own again.
    """
    if await db.scalar(represents(person.id, chosen, at.today)):
        return replace(person, record_id=chosen)
    if at.policy.caregivers and (mandate := await db.scalar(mandate_of(person.id, chosen, at))):
        return replace(person, record_id=chosen, mandate=mandate)
    own_again = update(BrowserSession).where(BrowserSession.id == person.session_id)
    await db.execute(own_again.values(acting_for=None))
    return person


async def is_whole(db: AsyncSession, session_id: UUID) -> bool:
    """Whether both steps of this session are passed."""
    query = select(BrowserSession.complete).where(BrowserSession.id == session_id)
    return bool(await db.scalar(query))


def open_half(db: AsyncSession, account: Account, now: datetime, *, browser: str = "") -> Started:
    """A half session under a token that nobody chose but us."""
    token, session_id = token_urlsafe(32), uuid4()
    db.add(
        BrowserSession(
            id=session_id,
            token_hash=hash_token(token),
            account_id=account.id,
            created_at=now,
            seen_at=now,
            ends_at=now + HALFWAY_LIFE,
            browser=browser,
        )
    )
    return Started(token, session_id)


async def halfway(db: AsyncSession, half: UUID) -> tuple[BrowserSession, Account] | None:
    """A half session that goes on and an account that is usable, both held until the commit.

    Steps of one account wait for each other here, and for whoever suspends it.
    """
    now = utcnow()
    # The account before the session, as everywhere: two orders would wait for each other.
    whose = select(BrowserSession.account_id).where(BrowserSession.id == half)
    account = await db.scalar(
        select(Account).where(Account.id.in_(whose)).with_for_update(), execution_options=AS_IS
    )
    session = await db.scalar(
        select(BrowserSession).where(BrowserSession.id == half).with_for_update(),
        execution_options=AS_IS,
    )
    if account is None or session is None:
        return None
    record = await db.get_one(Record, account.record_id, populate_existing=True)
    if session.complete or not session.created_at - SKEW < now < session.ends_at:
        return None
    if not usable(account.state, record.state):
        return None
    return session, account


async def complete(
    db: AsyncSession,
    session: BrowserSession,
    account: Account,
    *,
    lasts: timedelta,
    means: str = "code",
    device: str | None = None,
) -> Complete:
    """Both steps passed: the token changes, the journal has its line, the oldest browser leaves.

    A `device` that is no mark of ours is told to the holder; None at an activation.
    """
    now, token = utcnow(), token_urlsafe(32)
    person = Patient(
        id=account.id,
        own_record_id=account.record_id,
        record_id=account.record_id,
        session_id=session.id,
    )
    authorise(db, person, Action.SIGN_IN, account)
    session.previous_login_at = await db.scalar(
        select(Login.at).where(Login.account_id == account.id).order_by(Login.at.desc()).limit(1)
    )
    session.token_hash = hash_token(token)
    session.complete, session.means = True, means
    session.created_at = session.seen_at = session.stepped_up_at = now
    session.ends_at = now + lasts
    db.add(Login(account_id=account.id, at=now))
    await db.flush()
    if device is not None:
        await tell_if_new(db, account, session, device)
    await _end_oldest(db, account.id)
    simple = read_preferences(account.preferences).simple
    return Complete(token, make_device(db, account.id), simple)


async def end_all(db: AsyncSession, account_id: UUID, *, but: UUID | None = None) -> None:
    """Every browser of this account leaves, save one; none is told of anything any more."""
    await db.execute(delete(PushSubscription).where(PushSubscription.account_id == account_id))
    theirs = BrowserSession.account_id == account_id
    await db.execute(
        delete(BrowserSession)
        .where(theirs, BrowserSession.id != but if but else theirs)
        .execution_options(synchronize_session=False)
    )


async def leave(db: AsyncSession, actor: Actor) -> None:
    """End this session, whole or half; nothing to end is fine too."""
    match actor:
        case Patient():
            account = await db.get_one(Account, actor.id)
            authorise(db, actor, Action.SIGN_OUT, account)
            ended = actor.session_id
        case Visitor(half=UUID() as half):
            ended = half
        case _:
            return
    await db.execute(delete(BrowserSession).where(BrowserSession.id == ended))


async def sweep(db: AsyncSession) -> None:
    """Forget some sessions that ended, and their codes with them."""
    past = (
        select(BrowserSession.id)
        .where(BrowserSession.ends_at < utcnow())
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await db.execute(
        delete(BrowserSession)
        .where(BrowserSession.id.in_(past.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )


def hash_token(token: str) -> bytes:
    """What is stored of a token: 256 random bits need no salt."""
    return sha256(token.encode()).digest()


async def _end_oldest(db: AsyncSession, account_id: UUID) -> None:
    extra = (
        select(BrowserSession.id)
        .where(BrowserSession.account_id == account_id, BrowserSession.complete)
        .order_by(BrowserSession.created_at.desc())
        .offset(SESSIONS_AT_MOST)
    )
    await db.execute(
        delete(BrowserSession)
        .where(BrowserSession.id.in_(extra.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )
