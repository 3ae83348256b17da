"""Deposits by hand: files chosen at the desk, looked at, kept an hour, deposited, taken back.

What is deposited goes through `services.deposits`, as what machines send.
"""

from backend.services.handing.checking import Examined, Foreseen, examine
from backend.services.handing.depositing import already, deposit
from backend.services.handing.drafts import Kept, admit, drop, forget_drafts, keep, list_drafts
from backend.services.handing.inspecting import Check, Seen, look
from backend.services.handing.previewing import Preview, draw_first_page, preview
from backend.services.handing.readying import Asked, Looked, look_ahead
from backend.services.handing.receipts import (
    Receipted,
    Told,
    latest,
    open_receipt,
    prove,
    take_back,
)
from backend.services.handing.recipients import Proposed, add_copy, look_for

__all__ = [
    "Asked",
    "Check",
    "Examined",
    "Foreseen",
    "Kept",
    "Looked",
    "Preview",
    "Proposed",
    "Receipted",
    "Seen",
    "Told",
    "add_copy",
    "admit",
    "already",
    "deposit",
    "draw_first_page",
    "drop",
    "examine",
    "forget_drafts",
    "keep",
    "latest",
    "list_drafts",
    "look",
    "look_ahead",
    "look_for",
    "open_receipt",
    "preview",
    "prove",
    "take_back",
]
