"""One mail of MSSanté as it travels: nothing is repaired, nothing is guessed."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from backend.domain.contact import read_email
from backend.domain.errors import Refused
from backend.gateways.delivery import PermanentFailure, check_line, check_lines

KEY = re.compile(r"[0-9a-f]{40}", re.ASCII)
MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,240}>", re.ASCII)
PRODUCT = "Reperes"
"""X-MSS-NIL: the reference of the product, as the operator registered it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecureMail:
    """One mail. `message_id` is the left part of its Message-ID, and the id of its envelope."""

    to: str
    subject: str
    text: str
    message_id: str
    at: datetime
    reply_to: str = ""
    sender: Address | None = None
    """The person’s own mailbox, for what they answer; else our own sends."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: bool = False
    """Nobody wrote it: nothing answers it."""
    type_codes: tuple[str, ...] = ()
    """Of the documents inside (X-MSS-CODECDA)."""
    ends_exchange: bool = False
    """X-MSS-MES: the patient may not answer."""
    attachments: tuple[Attachment, ...] = ()

    @property
    def size(self) -> int:
        """Of its files, before base64."""
        return sum(len(one.content) for one in self.attachments)

    def within(self, most: int) -> "SecureMail":
        """The same; without the PDF, which the package holds too, when that makes it too large."""
        return self if self.size <= most else replace(self, attachments=self.attachments[:1])


def compose(mail: SecureMail, sender: Address) -> EmailMessage:
    """The mail as it travels, or PermanentFailure: nothing is repaired, nothing is guessed."""
    check_line(mail.subject)
    check_lines(mail.text)
    for address in filter(None, (mail.to, mail.reply_to)):
        _check(address)
    if not KEY.fullmatch(mail.message_id):
        raise PermanentFailure
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.message_id}@{sender.domain}>"
    _thread(message, mail)
    if mail.automatic:
        message["Auto-Submitted"] = "auto-replied"
    else:
        message["Disposition-Notification-To"] = sender.addr_spec
    if mail.reply_to:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["X-MSS-NIL"] = PRODUCT
    message["X-MSS-INS"] = "O"  # a document without INS does not leave
    if mail.type_codes:
        message["X-MSS-CODECDA"] = ",".join(mail.type_codes)
    if mail.ends_exchange:
        message["X-MSS-MES"] = "FIN"
    message.set_content(mail.text, cte="quoted-printable")
    for one in mail.attachments:
        check_line(one.name)
        main, _, sub = one.media_type.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    if mail.attachments:
        message.set_boundary(f"=_{sha256(mail.message_id.encode()).hexdigest()[:40]}")
    assert [address.addr_spec for address in message["To"].addresses] == [mail.to]
    return message


def _thread(message: EmailMessage, mail: SecureMail) -> None:
    """What it answers, as strangers named it: a name that is none is left out."""
    if MESSAGE_ID.fullmatch(mail.in_reply_to):
        message["In-Reply-To"] = mail.in_reply_to
    if known := [one for one in mail.references if MESSAGE_ID.fullmatch(one)]:
        message["References"] = " ".join(known)


def _check(address: str) -> None:
    try:
        good = read_email(address) == address
    except Refused:
        good = False
    if not good:
        raise PermanentFailure
