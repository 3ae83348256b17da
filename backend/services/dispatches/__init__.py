"""Envois MSSanté: promised with the deposit, sent by the worker, followed by what comes back."""

from backend.services.dispatches.following import Heard, hear
from backend.services.dispatches.promising import promise_again, promise_dispatches, promise_held
from backend.services.dispatches.sending import (
    Held,
    Unreadable,
    give_up_lost,
    hold,
    note,
    note_address,
    prepare,
)
from backend.services.dispatches.telling import Acknowledgement, note_told, waiting

__all__ = [
    "Acknowledgement",
    "Heard",
    "Held",
    "Unreadable",
    "give_up_lost",
    "hear",
    "hold",
    "note",
    "note_address",
    "note_told",
    "prepare",
    "promise_again",
    "promise_dispatches",
    "promise_held",
    "waiting",
]
