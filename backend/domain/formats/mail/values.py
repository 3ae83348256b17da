"""What a mail that came in says."""

from msgspec import Struct


class Delivery(Struct, frozen=True):
    """What became of one recipient, in the words of RFC 3464."""

    addresses: tuple[str, ...]
    """Final and original recipient, in small letters."""
    action: str
    """`failed`, `delayed`, `delivered`, `relayed` or `expanded`."""
    code: str
    """Status and the code of the server: `5.2.2 552`."""


class DeliveryReport(Struct, frozen=True):
    """A DSN (RFC 3464)."""

    message_keys: tuple[str, ...]
    """Left parts of what may be the Message-ID of the mail that it is about."""
    deliveries: tuple[Delivery, ...]


class ReadReceipt(Struct, frozen=True):
    """An MDN (RFC 8098)."""

    message_keys: tuple[str, ...]
    addresses: tuple[str, ...]
    kind: str
    """`displayed`, `processed`, `deleted`, `dispatched`, `denied` or `failed`."""
    failed: bool = False
    """`processed/error`: the recipient’s software could not take it in."""


class Attached(Struct, frozen=True):
    """A file of a letter; its name is for display and never a path."""

    name: str
    media_type: str
    content: bytes


class Letter(Struct, frozen=True):
    """What somebody wrote."""

    sender: str
    to: tuple[str, ...]
    """Everybody it is addressed to."""
    patients: tuple[str, ...]
    """Matricules of the citizens’ addresses among them."""
    subject: str
    text: str
    sender_name: str = ""
    """As its sender writes it: nobody checked it."""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    reply_to: str = ""
    attachments: tuple[Attached, ...] = ()
    ends_exchange: bool = False
    """`[FIN]`, or `X-MSS-MES: FIN`: whoever receives it may not answer."""
    automatic: bool = False
    wants_receipt: bool = False
