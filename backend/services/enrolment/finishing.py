"""The last step of a way: an account and an active space, or a refusal and its proof."""

from datetime import timedelta

from sqlalchemy import delete

from backend.access import Action, authorise
from backend.access.scopes import space_and_identity
from backend.domain.jobs import TellSpace
from backend.domain.passwords import check_password
from backend.domain.reports import Traits
from backend.domain.sign_in import read_identifier
from backend.domain.space import Event
from backend.gateways.breaches import Breaches
from backend.services import accounts, limits
from backend.services.enrolment.channels import is_reachable
from backend.services.enrolment.ways import Way, code_in_use, end, find, keep
from backend.services.refusing import Certificate, certificate_of, oppose
from backend.services.sign_in import sessions
from backend.services.sign_in.challenges import forget_codes
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.sign_in.sessions import Complete
from backend.services.space import ENDED, advance, hold
from backend.storage.accounts import Account, BrowserSession, Passkey
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.outbox import enqueue
from backend.storage.records import Record, traits_of


async def finish(
    all_sessions: Sessions,
    token: str,
    *,
    identifier: str,
    password: str,
    breaches: Breaches,
    browser: str,
    address: str,
    lasts: timedelta,
) -> Complete | Rejected | None:
    """An active space whose person is signed in; None when the way has ended.

    Refused when the identifier is taken or badly made, or the password weak. The hashing is
    between two transactions; the second looks at everything again.
    """
    name = read_identifier(identifier)
    async with all_sessions.begin() as db:
        way = await find(db, token)
        if way is None or way.returns or not is_reachable(way):
            return None
        if wait := await _count(db, way, address):
            return too_often(wait)
    async with all_sessions.begin() as db:  # what was counted stays, whatever is refused here
        await accounts.refuse_taken(db, name, but=way.newcomer.record_id)
        check_password(password, await _words(db, way, name))
        vault = vault_of(db)
    await accounts.refuse_breached(breaches, password)
    hashed = await accounts.hash_password(vault, password)
    async with all_sessions.begin() as db:
        way = await find(db, token)
        if way is None or way.returns or not is_reachable(way):
            return None
        account = await _open(db, way, name, hashed)
        started = sessions.open_half(db, account, utcnow(), browser=browser)
        await db.flush()
        session = await db.get_one(BrowserSession, started.session_id)
        return await sessions.complete(db, session, account, lasts=lasts)


async def refuse_space(db: AsyncSession, way: Way, *, erase: bool) -> None:
    """The person objects: see `services.refusing`."""
    oppose(db, way.newcomer, await hold(db, way.newcomer.record_id), erase=erase)
    code = await code_in_use(db, way)
    code.used_at = utcnow()
    await keep(db, way, done=True)


async def certificate(db: AsyncSession, way: Way) -> Certificate | None:
    """The facts of the proof, while this way lasts and the space is refused."""
    if not way.typed.done:
        return None
    found = (await db.execute(space_and_identity(way.newcomer))).one()
    return certificate_of(db, *found)


async def _count(db: AsyncSession, way: Way, address: str) -> int:
    """Each try may tell that somebody has an identifier: a letter must not buy a list of them."""
    space = str(way.newcomer.record_id)
    return await limits.hit(db, "identifier-ip", address) or await limits.hit(
        db, "identifier-space", space
    )


async def _open(db: AsyncSession, way: Way, identifier: str, hashed: str) -> Account:
    """The account of an active space: a new one, or the one that it had, all its means anew."""
    space = await hold(db, way.newcomer.record_id)
    record, account = space
    await accounts.refuse_taken(db, identifier, but=record.id)
    back = space.state in ENDED
    action, event = (Action.REOPEN, Event.REOPEN) if back else (Action.ACTIVATE, Event.ACTIVATE)
    advance(db, way.newcomer, action, event, space)
    if account is None:
        account = accounts.new_account(record)
        db.add(account)
        record.mask_all = record.mask_all or way.typed.masked
    accounts.set_means(db, record, account, identifier=identifier, password_hash=hashed)
    accounts.set_channels(db, record, account, email=way.typed.email, phone=way.typed.phone)
    authorise(db, way.newcomer, Action.CREATE_ACCOUNT, account)
    await db.flush()
    await db.execute(delete(Passkey).where(Passkey.account_id == account.id))
    await accounts.forget_changes(db, account.id)
    await forget_codes(db, account.id)
    await sessions.end_all(db, account.id)
    code = await code_in_use(db, way)
    code.used_at = utcnow()
    await end(db, way)
    if back:
        promise = TellSpace(account_id=account.id, what="space_reopened")
        await enqueue(db, promise, key=f"tell-space/{code.id}")
    return account


async def _words(db: AsyncSession, way: Way, identifier: str) -> list[str]:
    """What somebody who knows the person would try."""
    _, traits = await _identity(db, way)
    born = traits.birth_date
    names = f"{traits.birth_name} {traits.used_name} {traits.given_names}".lower().split()
    dates = [f"{born:%d%m%Y}", f"{born:%Y}", f"{born:%d%m}"] if born else []
    mailbox = way.typed.email.partition("@")[0]
    return [*accounts.words_of(identifier), *names, *dates, mailbox, way.typed.phone[3:]]


async def _identity(db: AsyncSession, way: Way) -> tuple[Record, Traits]:
    record, identity = (await db.execute(space_and_identity(way.newcomer))).one()
    return record, traits_of(db, record, identity)
