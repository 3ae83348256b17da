"""What each promised job does: ask the services, then talk to the neighbour."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from backend.access.scopes import Moment, Policy
from backend.domain.credentials import WORDS
from backend.domain.errors import Unavailable
from backend.domain.jobs import (
    DrawPages,
    EraseSpace,
    Job,
    MakeExport,
    SendAnswer,
    SendBounce,
    SendCode,
    SendDispatch,
    SendProvisionalCode,
    Tell,
    TellAccount,
    TellBrowser,
    TellChange,
    TellExport,
    TellIdentifier,
    TellMajority,
    TellOperator,
    TellSignIn,
    TellSpace,
)
from backend.gateways.delivery import PermanentFailure
from backend.gateways.outside import Outside
from backend.jobs.corresponding import send_answer, send_bounce
from backend.jobs.desk import Desk, message_id
from backend.jobs.dispatching import send_dispatch
from backend.jobs.provisional import send_provisional_code
from backend.jobs.telling import tell, tell_account, tell_browser
from backend.jobs.worker import Cancelled, Handler
from backend.services import (
    closure,
    credentials,
    drawing,
    exports,
    majority,
    reporting,
    sign_in,
)
from backend.storage.accounts import Channel
from backend.storage.db import AsyncSession, utcnow
from backend.web.french import day_and_hour
from backend.web.letters import Letters


def make_handlers(
    outside: Outside, letters: Letters, policy: Policy, operator: str = ""
) -> Mapping[type[Job], Handler]:
    """The handlers, holding the neighbours they talk to."""
    desk = Desk(outside, letters, policy, operator)
    return {kind: partial(work, desk) for kind, work in WORK.items()}


async def draw_pages(desk: Desk, db: AsyncSession, job: DrawPages, _key: str) -> None:
    """Page images of a version."""
    await drawing.draw_pages(db, desk.outside.files, desk.outside.pdfs, job.version_id)


async def send_code(desk: Desk, db: AsyncSession, job: SendCode, key: str) -> None:
    """A one-time code."""
    code = await sign_in.send_code(db, job.challenge_id)
    if code is None:
        raise Cancelled
    send = desk.text if code.channel is Channel.SMS else desk.mail
    await send(db, key, code.to, "code", code=code.code, purpose=code.purpose)


async def send_provisional(
    desk: Desk, db: AsyncSession, job: SendProvisionalCode, key: str
) -> None:
    """A « code provisoire »."""
    if not await send_provisional_code(db, desk.outside, desk.letters, job, message_id(db, key)):
        raise Cancelled


async def tell_space(desk: Desk, db: AsyncSession, job: TellSpace, key: str) -> None:
    """What became of a space: one’s own, or a child’s."""
    to = await closure.address_for(db, job.account_id)
    if to is None:
        raise Cancelled
    await _tell_space(desk, db, key, to, job.what)


async def tell_majority(desk: Desk, db: AsyncSession, job: TellMajority, key: str) -> None:
    """A child of this person will be eighteen in three months."""
    to = await majority.address_for(db, job)
    if to is None:
        raise Cancelled
    await desk.tell(db, key, to, "majority")


async def tell_operator(desk: Desk, db: AsyncSession, job: TellOperator, key: str) -> None:
    """An access was reported: its number and its day, nothing of the record."""
    found = await reporting.still_waits(db, job.report_id) if desk.operator else None
    if found is None:
        raise Cancelled
    at = day_and_hour(found.at)
    await desk.mail(db, key, desk.operator, "report", number=found.number, at=at)


async def make_export(desk: Desk, db: AsyncSession, job: MakeExport, _key: str) -> None:
    """« Mes données », made."""
    at = Moment.at(utcnow(), desk.policy)
    if not await exports.make(db, at, desk.outside.files, job.export_id):
        raise Cancelled


async def tell_export(desk: Desk, db: AsyncSession, job: TellExport, key: str) -> None:
    """« Votre fichier est prêt »."""
    at = Moment.at(utcnow(), desk.policy)
    to = await exports.address_for(db, at, job.export_id)
    if to is None:
        raise Cancelled
    await desk.tell(db, key, to, "export")


async def erase_space(desk: Desk, db: AsyncSession, job: EraseSpace, key: str) -> None:
    """The key of a closed space, destroyed; a letter box that is dead stops nothing."""
    erased, to = await closure.erase(db, job.record_id)
    if not erased:
        raise Cancelled
    if to:
        with suppress(PermanentFailure, Unavailable):
            await _tell_space(desk, db, key, to, "space_erased")


async def _tell_space(
    desk: Desk, db: AsyncSession, key: str, to: closure.Address, what: str
) -> None:
    channel, address = to
    if channel is Channel.SMS:
        await desk.text(db, key, address, what.partition("_")[0])
    else:
        await desk.mail(db, key, address, what)


async def tell_change(desk: Desk, db: AsyncSession, job: TellChange, key: str) -> None:
    """A means to sign in changed; the link that undoes it."""
    letter = await credentials.letter_for(db, job.change_id, job.channel)
    if letter is None:
        raise Cancelled
    send = desk.text if letter.channel is Channel.SMS else desk.mail
    await send(
        db,
        key,
        letter.to,
        "change",
        what=WORDS[letter.changed.kind],
        at=day_and_hour(letter.changed.at),
        until=day_and_hour(letter.changed.until),
        token=letter.token,
    )


async def tell_sign_in(desk: Desk, db: AsyncSession, job: TellSignIn, key: str) -> None:
    """A browser never seen before has signed in."""
    told = await sign_in.whom_to_tell(db, job)
    if told is None:
        raise Cancelled
    send = desk.text if told.channel is Channel.SMS else desk.mail
    browser = told.browser or "un navigateur"
    await send(db, key, told.to, "sign_in", browser=browser, at=day_and_hour(told.at))


async def tell_identifier(desk: Desk, db: AsyncSession, job: TellIdentifier, key: str) -> None:
    """An identifier that was forgotten."""
    found = await credentials.identifier_letter(db, job.account_id)
    if found is None:
        raise Cancelled
    channel, to, identifier = found
    send = desk.text if channel is Channel.SMS else desk.mail
    await send(db, key, to, "identifier", identifier=identifier)


WORK: dict[type[Job], Callable[[Desk, AsyncSession, Any, str], Awaitable[None]]] = {
    DrawPages: draw_pages,
    Tell: tell,
    TellAccount: tell_account,
    TellBrowser: tell_browser,
    SendCode: send_code,
    SendProvisionalCode: send_provisional,
    TellSpace: tell_space,
    TellMajority: tell_majority,
    TellOperator: tell_operator,
    EraseSpace: erase_space,
    MakeExport: make_export,
    TellExport: tell_export,
    TellChange: tell_change,
    TellIdentifier: tell_identifier,
    TellSignIn: tell_sign_in,
    SendDispatch: send_dispatch,
    SendAnswer: send_answer,
    SendBounce: send_bounce,
}
