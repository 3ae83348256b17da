"""Means to sign in, changed by their holder: told on every channel, undone for a day."""

from backend.services.credentials.browsers import Seen, end_others, end_session, list_browsers
from backend.services.credentials.changes import (
    Changed,
    Letter,
    cancel,
    find_change,
    is_cooling,
    letter_for,
    refuse_if_cooling,
)
from backend.services.credentials.channels import (
    Pending,
    begin_channel,
    finish_channel,
    pending_channel,
    resend_channel,
)
from backend.services.credentials.passwords import change_password
from backend.services.credentials.summary import Means, means_of

__all__ = [
    "Changed",
    "Letter",
    "Means",
    "Pending",
    "Seen",
    "begin_channel",
    "cancel",
    "change_password",
    "end_others",
    "end_session",
    "find_change",
    "finish_channel",
    "is_cooling",
    "letter_for",
    "list_browsers",
    "means_of",
    "pending_channel",
    "refuse_if_cooling",
    "resend_channel",
]
