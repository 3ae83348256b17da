"""Results that wait for a consultation d’annonce: who makes it, until it is made (R.1111-53)."""

from backend.services.announcements.calling import call
from backend.services.announcements.listing import Board, Waiting, board, find, pressing
from backend.services.announcements.outside import announced_lately
from backend.services.announcements.planning import announcers, check_plan, give, plan, remind
from backend.services.announcements.releasing import ALREADY, release, show
from backend.services.announcements.visiting import (
    announces,
    release_in_visit,
    to_announce,
)
from backend.services.announcements.waiting import begin, end, follow

__all__ = [
    "ALREADY",
    "Board",
    "Waiting",
    "announced_lately",
    "announcers",
    "announces",
    "begin",
    "board",
    "call",
    "check_plan",
    "end",
    "find",
    "follow",
    "give",
    "plan",
    "pressing",
    "release",
    "release_in_visit",
    "remind",
    "show",
    "to_announce",
]
