"""What a person answers to a professional outside, from their own mailbox; what becomes of it."""

import re
from datetime import datetime, timedelta
from email.headerregistry import Address
from uuid import UUID

from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.scopes.correspondence import (
    answer_for_work,
    answers_to_follow,
    enclosures_to_send,
    mailed,
    mails_before,
)
from backend.access.scopes.professionals import LIVE
from backend.domain.conversations import BOUNCE, BOUNCED, Said, Side
from backend.domain.dispatches import DispatchState, News, after, citizen_address
from backend.domain.formats.mail import DeliveryReport, ReadReceipt
from backend.gateways.files import Files
from backend.gateways.mssante import Attachment, SecureMail
from backend.services.conversations.enclosing import pdf_bytes
from backend.services.conversations.receiving import ROBOT
from backend.services.dispatches.following import said_of_report
from backend.services.people import shown_name
from backend.storage.conversations import (
    Conversation,
    Message,
    RefusedMail,
    answer_key,
    bounce_of,
    enclosed_of,
    head_of,
    said_of,
)
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.dispatches import message_index
from backend.storage.records import IdentityStatus, Record, RecordState, key_of, traits_of

REFERENCES, AT_ONCE = 20, 50
REMEMBERED = timedelta(days=30)
LOST = timedelta(hours=48)
"""An answer is tried for a day."""
UNSAFE = re.compile(r"[^\w -]+")
Ready = tuple[Message, Conversation, SecureMail | None]
"""Without a mail: the policy says no, which is noted."""


async def prepare(db: AsyncSession, files: Files, message_id: UUID) -> Ready | None:
    """The mail, the same at each try; None when there is nothing to do."""
    found = (await db.execute(answer_for_work(ROBOT, message_id))).one_or_none()
    if found is None or found[0].sent is not DispatchState.PROMISED:
        return None
    message, conversation, record, identity = found
    if record.state is not RecordState.ACTIVE or identity.status is not IdentityStatus.QUAL:
        note(db, message, conversation, News.CANCELLED, "opposed")
        return message, conversation, None
    key, traits = key_of(db, record), traits_of(db, record, identity)
    head, said, name = head_of(key, conversation), said_of(key, message), shown_name(traits)
    parent = await _parent(db, record, message)
    mail = SecureMail(
        to=head.reply_to or head.address,
        subject=f"Re: {head.subject}",
        text=_text(said, name),
        message_id=answer_key(vault_of(db), message.id),
        at=message.at,
        sender=Address(name, addr_spec=citizen_address(traits.matricule)),
        in_reply_to=parent[-1] if parent else "",
        references=parent,
        attachments=tuple(await _attachments(db, files, record, message)),
    )
    return message, conversation, mail


def note(
    db: AsyncSession, message: Message, conversation: Conversation, news: News, code: str = ""
) -> bool:
    """It left, or did not, or arrived; False when that changes nothing."""
    state = after(message.sent or DispatchState.PROMISED, news)
    if state is None:
        return False
    action = Action.SEND_ANSWER if news is News.SENT else Action.FOLLOW_ANSWER
    authorise(db, ROBOT, action, conversation, reason=code)
    message.sent, message.code = state, code
    return True


async def follow(db: AsyncSession, report: DeliveryReport | ReadReceipt) -> bool:
    """What came back about an answer: believed of who received it, and of nobody else."""
    indexes = [message_index(vault_of(db), key) for key in report.message_keys]
    moved = False
    held = mailed(ROBOT, indexes).with_for_update(of=Message, key_share=True)
    for message, conversation, record in (await db.execute(held)).all():
        if record.state not in LIVE or message.sent is None:
            continue
        head = head_of(key_of(db, record), conversation)
        to = (head.reply_to or head.address).lower()
        for addresses, news, code in said_of_report(report):
            if to in addresses:
                moved = note(db, message, conversation, news, code) or moved
    return moved


async def give_up_lost(db: AsyncSession) -> int:
    """Answers whose work nobody came back from; how many."""
    waiting = answers_to_follow(ROBOT, utcnow() - LOST).limit(AT_ONCE)
    rows = (await db.execute(waiting)).all()
    for message, conversation in rows:
        note(db, message, conversation, News.GIVEN_UP, "expired")
    return len(rows)


async def forget_refused(db: AsyncSession) -> int:
    """Mails that were turned away long ago: nobody sends the same again; how many."""
    past = select(RefusedMail).where(RefusedMail.at < utcnow() - REMEMBERED).limit(AT_ONCE)
    rows = (await db.scalars(past.with_for_update(skip_locked=True))).all()
    for row in rows:
        await db.delete(row)
    return len(rows)


async def bounce(db: AsyncSession, refused_id: UUID) -> SecureMail | None:
    """The mail that tells somebody that theirs was not taken in; None once it has left."""
    row = await db.get(RefusedMail, refused_id, with_for_update=True)
    if row is None or row.sealed is None:
        return None
    told = bounce_of(vault_of(db), row.id, row.sealed)
    row.sealed = None
    return _bounce(db, row.id, row.at, told.to, told.message_id)


def _bounce(db: AsyncSession, id_: UUID, at: datetime, to: str, about: str) -> SecureMail:
    return SecureMail(
        to=to,
        subject=BOUNCED,
        text=BOUNCE,
        message_id=answer_key(vault_of(db), id_),
        at=at,
        in_reply_to=about,
        references=(about,),
        automatic=True,
    )


def _text(said: Said, name: str) -> str:
    """Signed by who wrote it, when it is not the person themselves."""
    return said.text + ("\n" if said.author == name else f"\n\n{said.author}, pour {name}\n")


async def _parent(db: AsyncSession, record: Record, message: Message) -> tuple[str, ...]:
    """The thread of mails, down to the one that is answered."""
    key = key_of(db, record)
    for before in reversed((await db.scalars(mails_before(ROBOT, message))).all()):
        mail = said_of(key, before).mail
        if before.side is Side.PROFESSIONAL and mail:
            return (*mail.references, mail.message_id)[-REFERENCES:]
    return ()


async def _attachments(
    db: AsyncSession, files: Files, record: Record, message: Message
) -> list[Attachment]:
    key = key_of(db, record)
    found = []
    for number, one in enumerate((await db.scalars(enclosures_to_send(ROBOT, message))).all(), 1):
        name = UNSAFE.sub("", enclosed_of(key, one).name).strip()[:60] or f"document-{number}"
        content = await pdf_bytes(db, files, record, one)
        found.append(Attachment(f"{name}.pdf", "application/pdf", content))
    return found
