"""Results that wait for a consultation d’annonce: who makes it, until it is made (R.1111-53)."""

from backend.services.announcements.calling import call
from backend.services.announcements.listing import Board, Waiting, board, find, pressing
from backend.services.announcements.planning import announcers, check_plan, give, plan, remind
from backend.services.announcements.releasing import release, show
from backend.services.announcements.waiting import begin, end, follow

__all__ = [
    "Board",
    "Waiting",
    "announcers",
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
    "remind",
    "show",
]
