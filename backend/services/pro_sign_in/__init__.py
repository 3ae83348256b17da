"""Professionals come in by Pro Santé Connect, say for which activity, work, and leave."""

from backend.services.pro_sign_in.arriving import (
    Came,
    NotIdentified,
    Nowhere,
    Return,
    arrive,
    depart,
    goodbye,
    start,
)
from backend.services.pro_sign_in.ending import Browsing, end_at, end_one, open_sessions, sweep
from backend.services.pro_sign_in.entries import Begun
from backend.services.pro_sign_in.frame import Frame, Place, frame_of, places_of
from backend.services.pro_sign_in.proving import is_fresh, spend
from backend.services.pro_sign_in.sessions import actor_of, choose, present

__all__ = [
    "Begun",
    "Browsing",
    "Came",
    "Frame",
    "NotIdentified",
    "Nowhere",
    "Place",
    "Return",
    "actor_of",
    "arrive",
    "choose",
    "depart",
    "end_at",
    "end_one",
    "frame_of",
    "goodbye",
    "is_fresh",
    "open_sessions",
    "places_of",
    "present",
    "spend",
    "start",
    "sweep",
]
