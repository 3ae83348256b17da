"""Mails that come in: delivery reports, read receipts, letters. All of it is from strangers."""

from backend.domain.formats.mail.parsing import BadMail, keys
from backend.domain.formats.mail.reading import read_mail
from backend.domain.formats.mail.values import (
    Attached,
    Delivery,
    DeliveryReport,
    Letter,
    ReadReceipt,
)

__all__ = [
    "Attached",
    "BadMail",
    "Delivery",
    "DeliveryReport",
    "Letter",
    "ReadReceipt",
    "keys",
    "read_mail",
]
