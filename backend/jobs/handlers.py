"""What each promised job does: ask the services, then talk to the neighbour."""

from collections.abc import Mapping
from typing import cast

from backend.access.scopes import Moment, Policy
from backend.domain.jobs import DrawPages, Job, SendCode, TellNewDocument
from backend.gateways.mail import Mail
from backend.gateways.outside import Outside
from backend.gateways.sms import Sms
from backend.jobs.worker import Cancelled, Handler
from backend.services import drawing, notifications, sign_in
from backend.storage.accounts import Channel
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.web.letters import Letters


def make_handlers(
    outside: Outside, letters: Letters, policy: Policy
) -> Mapping[type[Job], Handler]:
    """The handlers, holding the neighbours they talk to."""

    async def draw_pages(db: AsyncSession, job: Job, _key: str) -> None:
        work = cast(DrawPages, job)
        await drawing.draw_pages(db, outside.files, outside.pdfs, work.version_id)

    async def tell_new_document(db: AsyncSession, job: Job, key: str) -> None:
        to = await notifications.address_for_new_document(
            db, Moment.at(utcnow(), policy), cast(TellNewDocument, job)
        )
        if to is None:
            raise Cancelled
        letter = letters.write("mail/new_document.txt")
        await outside.mail.send(Mail(to, letter.subject, letter.text, message_id(db, key)))

    async def send_code(db: AsyncSession, job: Job, key: str) -> None:
        code = await sign_in.send_code(db, cast(SendCode, job).challenge_id)
        if code is None:
            raise Cancelled
        if code.channel is Channel.SMS:
            letter = letters.write("sms/code.txt", code=code.code, purpose=code.purpose)
            await outside.sms.send(Sms(code.to, letter.text, message_id(db, key)))
        else:
            letter = letters.write("mail/code.txt", code=code.code, purpose=code.purpose)
            await outside.mail.send(Mail(code.to, letter.subject, letter.text, message_id(db, key)))

    return {DrawPages: draw_pages, TellNewDocument: tell_new_document, SendCode: send_code}


def message_id(db: AsyncSession, key: str) -> str:
    """The same for the same promise: a resend after a crash is recognised by the receiver."""
    return vault_of(db).mac("message-id", key.encode()).hex()[:40]
