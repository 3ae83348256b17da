"""Messages on their way: e-mail and SMS here, one more promise for each browser."""

import msgspec

from backend.access.scopes import Moment
from backend.domain.jobs import Tell, TellAccount, TellBrowser
from backend.domain.notices import DIGEST, SAID
from backend.domain.preferences import read_preferences
from backend.domain.push import message
from backend.gateways.push import Gone
from backend.jobs.desk import Desk, message_id
from backend.jobs.worker import Cancelled, Later
from backend.services import notifications, push
from backend.services.notifications import Telling
from backend.storage.db import AsyncSession, utcnow
from backend.storage.outbox import enqueue


async def tell(desk: Desk, db: AsyncSession, job: Tell, key: str) -> None:
    """What happened in a record: now, in the morning, or in the day’s one message."""
    telling = await notifications.whom_to_tell(db, Moment.at(utcnow(), desk.policy), job)
    if telling is None:
        raise Cancelled
    if telling.later:
        raise Later(telling.later)
    if telling.digest:
        digest = TellAccount(account_id=job.account_id, what=DIGEST)
        named = f"digest/{job.account_id}/{telling.digest:%Y%m%dT%H}"
        await enqueue(db, digest, key=named, due_at=telling.digest)
        return
    await _send(desk, db, key, telling, job)


async def tell_account(desk: Desk, db: AsyncSession, job: TellAccount, key: str) -> None:
    """« Il y a du nouveau », or « Ceci est un essai »."""
    telling = await notifications.whom_to_tell_all(db, Moment.at(utcnow(), desk.policy), job)
    if telling is None:
        raise Cancelled
    await _send(desk, db, key, telling, job)


async def tell_browser(desk: Desk, db: AsyncSession, job: TellBrowser, key: str) -> None:
    """One browser; one that is gone is forgotten."""
    at = Moment.at(utcnow(), desk.policy)
    found = await push.subscription(db, job.subscription_id)
    if found is None or not await notifications.still_tells(db, at, job.subscription_id, job.about):
        raise Cancelled
    account, where = found
    discreet = read_preferences(account.preferences).discreet
    content = msgspec.json.encode(message(SAID[job.what], discreet=discreet))
    try:
        await desk.outside.push.send(where, content, topic=message_id(db, key)[:32])
    except Gone:
        await push.forget(db, job.subscription_id)


async def _send(
    desk: Desk, db: AsyncSession, key: str, telling: Telling, job: Tell | TellAccount
) -> None:
    """A browser that does not answer keeps back neither the others nor the letters."""
    what, about = (job.event.value, job) if isinstance(job, Tell) else (job.what, None)
    template = "notice_discreet" if telling.discreet else "notice"
    for browser in telling.browsers:
        promised = TellBrowser(subscription_id=browser, what=what, about=about)
        await enqueue(db, promised, key=f"browser/{browser}/{key}")
    if telling.email:
        await desk.mail(db, key, telling.email, template, message=SAID[what])
    if telling.phone:
        await desk.text(db, f"{key}/sms", telling.phone, template, message=SAID[what])
