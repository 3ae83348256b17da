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
from backend.services.dispatches.telling import next_to_tell, note_told

__all__ = [
    "Heard",
    "Held",
    "Unreadable",
    "give_up_lost",
    "hear",
    "hold",
    "next_to_tell",
    "note",
    "note_address",
    "note_told",
    "prepare",
    "promise_again",
    "promise_dispatches",
    "promise_held",
]
