"""Messages: opened by professionals, answered by people, ended by professionals."""

from backend.services.conversations.closing import assign, close, close_all, release
from backend.services.conversations.enclosing import Choice, choices_for, make_pieces, take
from backend.services.conversations.listing import Line, inbox, waiting
from backend.services.conversations.opening import Addressee, addressee, open_conversation
from backend.services.conversations.posting import Writing
from backend.services.conversations.reading import Shown, Thread, read
from backend.services.conversations.saving import name_of, save
from backend.services.conversations.settings import may_choose, refuses, set_messaging
from backend.services.conversations.writing import answer

__all__ = [
    "Addressee",
    "Choice",
    "Line",
    "Shown",
    "Thread",
    "Writing",
    "addressee",
    "answer",
    "assign",
    "choices_for",
    "close",
    "close_all",
    "inbox",
    "make_pieces",
    "may_choose",
    "name_of",
    "open_conversation",
    "read",
    "refuses",
    "release",
    "save",
    "set_messaging",
    "take",
    "waiting",
]
