"""Messages: a professional begins, the person answers until the professional ends it. Pure."""

from backend.domain.conversations.mail import (
    BOUNCE,
    BOUNCED,
    Refusal,
    one_patient,
    read_mailed_subject,
    read_mailed_text,
    sender_refused,
)
from backend.domain.conversations.rules import (
    CLOSED_ANYWAY,
    NOBODY_THERE,
    Ending,
    Side,
    State,
    check_may_write,
    check_open,
    check_room,
    needs_words,
    read_reason,
    read_subject,
    read_text,
    read_written,
)
from backend.domain.conversations.templates import TEMPLATES, Model, model_of
from backend.domain.conversations.values import Enclosed, Head, Mailed, Said

__all__ = [
    "BOUNCE",
    "BOUNCED",
    "CLOSED_ANYWAY",
    "NOBODY_THERE",
    "TEMPLATES",
    "Enclosed",
    "Ending",
    "Head",
    "Mailed",
    "Model",
    "Refusal",
    "Said",
    "Side",
    "State",
    "check_may_write",
    "check_open",
    "check_room",
    "model_of",
    "needs_words",
    "one_patient",
    "read_mailed_subject",
    "read_mailed_text",
    "read_reason",
    "read_subject",
    "read_text",
    "read_written",
    "sender_refused",
]
