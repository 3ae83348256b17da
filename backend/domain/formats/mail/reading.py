"""`read_mail`: a delivery report, a read receipt, or a letter, told apart by their structure."""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message
from email.utils import parseaddr

from backend.domain.formats.mail.html import text_of_html
from backend.domain.formats.mail.parsing import (
    BadMail,
    Part,
    address,
    addresses,
    content,
    keys,
    leaves,
    line,
    parse,
    plain,
    words,
)
from backend.domain.formats.mail.values import (
    Attached,
    Delivery,
    DeliveryReport,
    Letter,
    ReadReceipt,
)

STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)
CODE = re.compile(r"\b[245]\d\d\b", re.ASCII)
OWN_KEY = re.compile(r"[0-9a-f]{40}", re.ASCII)
CITIZEN = re.compile(r"([0-9]{5}[0-9ab]{2}[0-9]{8})@patient\.mssante\.fr", re.ASCII)
ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
MOST_RECIPIENTS, MOST_FILES, LONGEST_NAME = 50, 30, 120
ENDS = "[FIN]"
MASS = frozenset({"bulk", "list", "junk"})


def read_mail(raw: bytes) -> DeliveryReport | ReadReceipt | Letter:
    """What a mail says, or BadMail. Nothing in it is believed but its form."""
    try:
        return _read(parse(raw))
    except (MessageError, ValueError, LookupError, TypeError, AssertionError) as error:
        raise BadMail("Le message est illisible.") from error


def _read(mail: Part) -> DeliveryReport | ReadReceipt | Letter:
    if mail.get_content_type() == "multipart/report":
        for part in _parts(mail):
            kind = part.get_content_type()
            if kind == "message/delivery-status":
                return _delivery_report(mail, part)
            if kind == "message/disposition-notification":
                return _read_receipt(mail, part)
    return _letter(mail)


def _parts(part: Part) -> list[Part]:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [one for one in payload if isinstance(one, Message)]


def _delivery_report(mail: Part, status: Part) -> DeliveryReport:
    """RFC 3464: a block about the message, then a block a recipient."""
    about, *each = _parts(status) or [status]
    envelope = line(about, "Original-Envelope-Id")
    own = (envelope,) if OWN_KEY.fullmatch(envelope) else ()
    deliveries = []
    for block in each[:MOST_RECIPIENTS]:
        action = line(block, "Action").lower()
        named = {address(line(block, name)) for name in ("Final-Recipient", "Original-Recipient")}
        if action in ACTIONS and (good := tuple(sorted(named - {""}))):
            deliveries.append(Delivery(good, action, _code(block)))
    return DeliveryReport((*own, *_about(mail)), tuple(deliveries))


def _code(block: Part) -> str:
    """Numbers only: what a server writes beside them may name people."""
    found = STATUS.search(line(block, "Status"))
    basic = CODE.search(line(block, "Diagnostic-Code"))
    return " ".join(match[0] for match in (found, basic) if match)


def _about(mail: Part) -> tuple[str, ...]:
    """Which mail a report is about: the one that it gives back, or that it says it answers."""
    given = []
    for part in _parts(mail):
        if part.get_content_type() in {"message/rfc822", "message/global"}:
            given += [line(inner, "Message-ID") for inner in _parts(part)]
        elif part.get_content_type() == "text/rfc822-headers":
            given += re.findall(r"(?im)^message-id:\s*(<[^<>\s]{1,400}>)", words(part)[:60_000])
    return keys(*given, line(mail, "In-Reply-To"), line(mail, "References"))


def _read_receipt(mail: Part, notification: Part) -> ReadReceipt:
    """RFC 8098: one block; believed of the mailbox that sends it, and of no other."""
    block = next(iter(_parts(notification)), notification)
    named = {address(line(block, name)) for name in ("Final-Recipient", "Original-Recipient")}
    _mode, _, disposition = line(block, "Disposition").lower().partition(";")
    kind, _, modifier = disposition.strip().partition("/")
    ids = keys(line(block, "Original-Message-ID"))
    return ReadReceipt(
        message_keys=ids or _about(mail),
        addresses=tuple(sorted(named & {*addresses(mail, "From")})),
        kind=kind.strip(),
        failed="error" in modifier or "failure" in modifier or kind.strip() == "failed",
    )


def _letter(mail: Part) -> Letter:
    to = addresses(mail, "To", "Cc", "Delivered-To")
    subject = line(mail, "Subject")
    return Letter(
        sender=_sender(mail),
        sender_name=_sender_name(mail),
        to=to,
        patients=tuple(found[1].upper() for one in to if (found := CITIZEN.fullmatch(one))),
        subject=subject,
        text=_text(mail),
        message_id=line(mail, "Message-ID"),
        in_reply_to=line(mail, "In-Reply-To"),
        references=tuple(line(mail, "References", most=4_000).split())[:50],
        reply_to=next(iter(addresses(mail, "Reply-To")), ""),
        attachments=tuple(_attached(mail)),
        ends_exchange=subject.strip() == ENDS or line(mail, "X-MSS-MES").upper() == "FIN",
        automatic=_is_automatic(mail),
        wants_receipt="Disposition-Notification-To" in mail,
    )


def _is_automatic(mail: Part) -> bool:
    """Whether a machine wrote it, as any of the usual headers says: nobody answers that."""
    said = line(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        said not in {"", "no"}
        or line(mail, "Precedence").lower() in MASS
        or line(mail, "X-Auto-Response-Suppress").lower() not in {"", "none"}
        or ("Return-Path" in mail and not line(mail, "Return-Path").strip("<> "))
    )


def _sender(mail: Part) -> str:
    """The one who signs it; nobody when several do, or when it is not clear."""
    signed = addresses(mail, "From")
    return signed[0] if len(signed) == 1 and len(mail.get_all("From", [])) == 1 else ""


def _sender_name(mail: Part) -> str:
    """A name that looks like an address is not one."""
    name = parseaddr(line(mail, "From"))[0].strip()
    return "" if "@" in name else name[:LONGEST_NAME]


def _text(mail: Part) -> str:
    """The first plain text; when there is none, what the first page in HTML says."""
    bodies = [part for part in leaves(mail) if _says(part) and not _is_file(part)]
    for part in bodies:
        if _is_text(part):
            return words(part)
    return text_of_html(words(bodies[0])) if bodies else ""


def _is_text(part: Part) -> bool:
    return part.get_content_type() == "text/plain" and not _is_file(part)


def _is_file(part: Part) -> bool:
    return line(part, "Content-Disposition").lower().startswith("attachment")


def _attached(mail: Part) -> Iterator[Attached]:
    """Whatever is not the text of the letter."""
    files = [part for part in leaves(mail) if _is_file(part) or not _says(part)]
    for number, part in enumerate(files[:MOST_FILES], 1):
        yield Attached(_name(part, number), part.get_content_type(), content(part))


def _says(part: Part) -> bool:
    return part.get_content_type() in {"text/plain", "text/html"}


def _name(part: Part, number: int) -> str:
    """The last part of the name that its sender gave, or a name of ours."""
    try:
        given = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        given = ""
    bare = re.split(r"[/\\]", plain(str(given)).replace("\n", " "))[-1].strip(" .")
    return bare[:LONGEST_NAME] or f"fichier-{number}"
