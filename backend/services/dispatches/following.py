"""What comes back by mail: believed of a dispatch only from who received it.

A report names the Message-ID, which nobody but the two sides of that mail has seen, and the
address that it went to. One that names either otherwise changes nothing.
"""

from collections.abc import Sequence
from enum import StrEnum

from backend.access.scopes.dispatches import SENT_FROM, dispatches_to_follow
from backend.domain.dispatches import News
from backend.domain.formats.mail import (
    DeliveryReport,
    Letter,
    ReadReceipt,
    read_mail,
)
from backend.services.dispatches.advancing import ROBOT, advance
from backend.storage.db import AsyncSession, vault_of
from backend.storage.dispatches import Dispatch, message_index, sending_of
from backend.storage.records import key_of

Said = tuple[Sequence[str], News, str]
"""The addresses that a report speaks of, what it says of them, the code."""
ACTIONS = {"failed": News.REFUSED, "delivered": News.DELIVERED}
KINDS = {"displayed": News.READ, "processed": News.READ, "deleted": News.DELIVERED}


class Heard(StrEnum):
    """What was made of a mail."""

    FOLLOWED = "followed"
    NOTHING_NEW = "nothing-new"
    """Known already, or about a sending that was asked for again since."""
    UNKNOWN = "unknown"
    """A report about no dispatch of ours, or from who did not receive it."""
    LETTER = "letter"
    """Somebody wrote: it stays in the mailbox."""


async def hear(db: AsyncSession, raw: bytes) -> tuple[Heard, Letter | None]:
    """Take in one mail; BadMail when it is not one. Twice the same changes nothing more."""
    mail = read_mail(raw)
    if isinstance(mail, Letter):
        return Heard.LETTER, mail
    said = said_of_report(mail)
    indexes = [message_index(vault_of(db), key) for key in mail.message_keys]
    if not said or not indexes:
        return Heard.UNKNOWN, None
    query = dispatches_to_follow(ROBOT).where(Dispatch.message_index.in_(indexes))
    heard = Heard.UNKNOWN
    for dispatch, record in (await db.execute(query)).all():
        if record.state not in SENT_FROM:
            continue
        sending = sending_of(key_of(db, record), dispatch)
        for addresses, news, code in said:
            if sending.to.address.lower() not in addresses:
                continue
            moved = advance(db, ROBOT, dispatch, news, code=code, order=sending.order)
            heard = Heard.FOLLOWED if moved or heard is Heard.FOLLOWED else Heard.NOTHING_NEW
    return heard, None


def said_of_report(mail: DeliveryReport | ReadReceipt) -> list[Said]:
    """Of whom it speaks, and what it says of them."""
    if isinstance(mail, DeliveryReport):
        return [
            (one.addresses, ACTIONS[one.action], one.code)
            for one in mail.deliveries
            if one.action in ACTIONS
        ]
    if mail.failed:
        return [(mail.addresses, News.REFUSED, "integration")]
    return [(mail.addresses, KINDS[mail.kind], mail.kind)] if mail.kind in KINDS else []
