"""Closing a space, and erasing one: what is kept, what is told, what can come back.

A closed or refused space is archived for ten years and readable by nobody; early deletion is done
within three months; either way the key of the record is destroyed at the end (R.1111-36).
"""

from secrets import token_bytes
from uuid import UUID

from sqlalchemy import String, cast, delete, exists, literal

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import (
    Moment,
    identity_to_forget,
    links_to_forget,
    record_of,
    spaces_to_erase,
)
from backend.access.scopes.families import ties_to_forget
from backend.domain.activation import Contacts
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound
from backend.domain.jobs import EraseSpace, TellSpace
from backend.domain.space import Event, Impossible
from backend.services.accounts import contact
from backend.services.conversations.closing import close_all
from backend.services.credentials import refuse_if_cooling
from backend.services.profiles import is_principal, tell_parents
from backend.services.sharing import invitee_index
from backend.services.sign_in.present import present
from backend.services.sign_in.sessions import end_all
from backend.services.space import Space, advance, hold
from backend.storage.accounts import Account, Channel, Login, Passkey
from backend.storage.db import AsyncSession, utcnow
from backend.storage.outbox import OutboxRow, enqueue
from backend.storage.records import Record, contacts_of, traits_of

CALENDAR = Robot("calendar")
NO_PASSWORD = "!"  # noqa: S105 - no hash: nothing opens it
AT_ONCE = 100
ERASURE = "erase-space"

Address = tuple[Channel, str]


async def may_close(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """One's own space, and that of a child whose ouvrant droit one is."""
    return actor.record_id == actor.own_record_id or await is_principal(db, actor, at)


async def close(db: AsyncSession, actor: Patient, at: Moment, *, erase: bool) -> None:
    """Close the record on the screen; with `erase`, its key is destroyed in a month.

    Its holder leaves every browser; both parents of a child are told. NotFound for whoever may
    not, Impossible when it is not open, Cooling within a day of a change of their means to sign in.
    """
    await present(db, actor)
    await refuse_if_cooling(db, actor)
    space = await hold(db, actor.record_id)
    if not await may_close(db, actor, at):
        raise NotFound
    what, event = ("erasing", Event.ASK_ERASURE) if erase else ("closed", Event.CLOSE)
    if actor.is_guardian:
        await tell_parents(db, actor, at, what)
    else:
        promise = TellSpace(account_id=actor.id, what=f"space_{what}")
        await enqueue(db, promise, key=f"tell-space/{space.record.id}/{utcnow():%Y%m%dT%H%M%S}")
    advance(db, actor, Action.CLOSE, event, space)
    await close_all(db, actor, at)
    if space.account:
        await end_all(db, space.account.id)


async def address_for(db: AsyncSession, account_id: UUID) -> Address | None:
    """Where to tell the holder of an account what became of a space; None when erased."""
    account = await db.get(Account, account_id)
    return await _address(db, account) if account else None


async def promise_erasures(db: AsyncSession) -> int:
    """Promise the end of the spaces whose day has come, each once; how many."""
    name = literal(f"{ERASURE}/") + cast(Record.id, String) + "/" + cast(Record.erase_on, String)
    promised = exists().where(OutboxRow.dedupe_key == name)
    query = spaces_to_erase(civil_day(utcnow())).where(~promised).limit(AT_ONCE)
    due = (await db.scalars(query)).all()
    for record in due:
        job = EraseSpace(record_id=record.id)
        await enqueue(db, job, key=f"{ERASURE}/{record.id}/{record.erase_on}")
    return len(due)


async def erase(db: AsyncSession, record_id: UUID) -> tuple[bool, Address | None]:
    """Destroy the key of a space whose day has come: (whether it was, where to tell it).

    What is left of the person in clear or found by an index goes with it.
    """
    space = await hold(db, record_id)
    record, _account = space
    if record.erase_on is None or record.erase_on > civil_day(utcnow()):
        return False, None
    to = await _whom_to_tell(db, space) if record.wrapped_key else None
    try:
        advance(db, CALENDAR, Action.ERASE, Event.ERASE, space)
    except Impossible:
        return False, None
    await _forget(db, space)
    record.wrapped_key = b""
    return True, to


async def _forget(db: AsyncSession, space: Space) -> None:
    record, account = space
    await _forget_ties(db, space)
    record.minor_until = record.attached_to = record.transit_of = None
    for identity in await db.scalars(identity_to_forget(CALENDAR, record.id)):
        identity.ins_index = token_bytes(32)
        identity.sealed_contacts = None
    for link in links_to_forget(CALENDAR, record.id):
        for row in await db.scalars(link):
            await db.delete(row)
    if account is None:
        return
    account.identifier_index, account.password_hash = token_bytes(32), NO_PASSWORD
    account.sealed_email = account.sealed_phone = account.sealed_totp = None
    account.sealed_identifier = None
    account.email_verified_at = account.phone_verified_at = account.preferences = None
    await end_all(db, account.id)
    for kind in (Passkey, Login):
        await db.execute(delete(kind).where(kind.account_id == account.id))


async def _forget_ties(db: AsyncSession, space: Space) -> None:
    """Whom that person represented, invited or helped; who asked it of them."""
    record, account = space
    who = None
    if record.wrapped_key:
        traits = traits_of(db, *(await db.execute(record_of(CALENDAR, record.id))).one())
        who = invitee_index(db, traits.matricule)
    for tie in ties_to_forget(CALENDAR, account.id if account else None, who):
        for row in await db.scalars(tie):
            authorise(db, CALENDAR, Action.FORGET_TIE, row)
            await db.delete(row)


async def _whom_to_tell(db: AsyncSession, space: Space) -> Address | None:
    """The holder of the account; who refused has none, and is told where codes would be sent."""
    record, account = space
    if account:
        return await _address(db, account)
    identity = await db.scalar(identity_to_forget(CALENDAR, record.id))
    on_file = contacts_of(db, record, identity) if identity else Contacts()
    if on_file.email:
        return Channel.EMAIL, on_file.email
    return (Channel.SMS, on_file.phone) if on_file.phone else None


async def _address(db: AsyncSession, account: Account) -> Address | None:
    if account.password_hash == NO_PASSWORD:
        return None
    email, phone = await contact(db, account)
    if email:
        return Channel.EMAIL, email
    return (Channel.SMS, phone) if phone else None
