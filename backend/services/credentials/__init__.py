"""Means to sign in, changed by their holder: told on every channel, undone for a day."""

from backend.services.credentials.authenticator import Offer, add_app, offer_app, remove_app
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
from backend.services.credentials.passkeys import (
    Listed,
    add_passkey,
    find_passkey,
    list_passkeys,
    offer_passkey,
    remove_passkey,
    rename_passkey,
)
from backend.services.credentials.passwords import change_password
from backend.services.credentials.recoveries import Recovery, find_recovery
from backend.services.credentials.recovery import (
    PROOFS,
    Codes,
    begin_recovery,
    finish_recovery,
    prove_recovery,
)
from backend.services.credentials.reminders import identifier_letter, send_identifier
from backend.services.credentials.summary import Means, means_of

__all__ = [
    "PROOFS",
    "Changed",
    "Codes",
    "Letter",
    "Listed",
    "Means",
    "Offer",
    "Pending",
    "Recovery",
    "Seen",
    "add_app",
    "add_passkey",
    "begin_channel",
    "begin_recovery",
    "cancel",
    "change_password",
    "end_others",
    "end_session",
    "find_change",
    "find_passkey",
    "find_recovery",
    "finish_channel",
    "finish_recovery",
    "identifier_letter",
    "is_cooling",
    "letter_for",
    "list_browsers",
    "list_passkeys",
    "means_of",
    "offer_app",
    "offer_passkey",
    "pending_channel",
    "prove_recovery",
    "refuse_if_cooling",
    "remove_app",
    "remove_passkey",
    "rename_passkey",
    "resend_channel",
    "send_identifier",
]
