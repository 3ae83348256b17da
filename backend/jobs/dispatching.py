"""Reports on their way by MSSanté, and what comes back in our mailbox."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from backend.domain.dispatches import News, is_for
from backend.domain.dispatches.mailboxes import choose
from backend.domain.errors import Unavailable
from backend.domain.formats.mail import BadMail, Letter, read_mail
from backend.domain.jobs import SendDispatch
from backend.gateways.delivery import PermanentFailure
from backend.gateways.mailbox import Mailbox
from backend.gateways.mssante import Rejected
from backend.gateways.outside import Outside
from backend.jobs.corresponding import receive
from backend.jobs.desk import Desk
from backend.jobs.worker import Cancelled
from backend.services import dispatches
from backend.services.conversations.sending import follow
from backend.services.dispatches import Heard, Held, Unreadable
from backend.storage.db import AsyncSession, Sessions, utcnow

PATIENCE = timedelta(hours=24)
"""How long a mail waits for an operator: a laboratory is told the next day at the latest."""

log = structlog.get_logger()


async def send_dispatch(desk: Desk, db: AsyncSession, job: SendDispatch, _key: str) -> None:
    """Send it, or say why not; a failure that may pass is tried again by the worker."""
    held = await _hold(db, job)
    if held is None:
        return
    try:
        await _send(desk, db, job, held)
    except Unreadable:
        dispatches.note(db, held, News.GIVEN_UP, "unreadable")
    except Unavailable:
        if utcnow() - held.dispatch.promised_at < PATIENCE:
            raise
        dispatches.note(db, held, News.GIVEN_UP, "expired")


async def _hold(db: AsyncSession, job: SendDispatch) -> Held | None:
    """Ours, with the policy as it is now; None when it says no, which is noted."""
    db.expire_all()
    held = await dispatches.hold(db, job.dispatch_id, job.round)
    if held is None:
        raise Cancelled
    if held.why:
        dispatches.note(db, held, News.CANCELLED, held.why)
        return None
    return held


async def _send(desk: Desk, db: AsyncSession, job: SendDispatch, held: Held) -> None:
    outside = desk.outside
    assert held.sending is not None
    to = held.sending.to.address
    if not to:
        boxes = await outside.annuaire.of_professional(held.sending.to.person.national_id)
        to = choose(boxes, outside.mssante.domains)
        again = await _hold(db, job)  # the patient may have blocked them meanwhile
        if again is None:
            return
        if not to:
            dispatches.note(db, again, News.GIVEN_UP, "no-address")
            return
        held = dispatches.note_address(db, again, to)
    if not is_for(held.dispatch.role, to, outside.mssante.domains):
        dispatches.note(db, held, News.GIVEN_UP, "not-secure")
        return
    mail = await dispatches.prepare(db, outside.files, held, to, outside.mssante.domain)
    mail = mail.within(outside.mssante.largest)
    try:
        await outside.mssante.send(mail)
    except Rejected as refusal:
        ours = refusal.code in {"not-configured", "not-secure", "too-large"}
        dispatches.note(db, held, News.GIVEN_UP if ours else News.REFUSED, refusal.code)
    except PermanentFailure as failure:
        raise Unreadable from failure
    else:
        dispatches.note(db, held, News.SENT, "")


async def read_mailbox(sessions: Sessions, mailbox: Mailbox, outside: Outside | None = None) -> int:
    """Take in what is unseen, each mail in its own transaction; how many.

    Without what looks at their files, letters stay in the mailbox.
    """

    async def take(raw: bytes, came: datetime) -> bool:
        try:
            async with sessions.begin() as db:
                heard, letter = await _hear(db, raw)
            log.info("mail_heard", kind=heard.value)
        except BadMail:
            log.warning("mail_unreadable")
            return True
        if letter is None or outside is None:
            return True
        return await receive(sessions, outside, letter, raw, came)

    return await mailbox.visit(take)


async def _hear(db: AsyncSession, raw: bytes) -> tuple[Heard, Letter | None]:
    """About a report, or about what a person answered."""
    heard, letter = await dispatches.hear(db, raw)
    report = read_mail(raw) if heard is Heard.UNKNOWN else None
    if report is not None and not isinstance(report, Letter) and await follow(db, report):
        return Heard.FOLLOWED, None
    return heard, letter


async def keep(sessions: Sessions, outside: Outside, stop: asyncio.Event, every: float) -> None:
    """Look into the mailbox again and again until `stop`; a mailbox that is shut is told."""
    mailbox = outside.mailbox
    while mailbox is not None and not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await stop.wait()
                return
        try:
            await read_mailbox(sessions, mailbox, outside)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail is still there
            log.warning("mailbox_failed", error=type(error).__name__)
