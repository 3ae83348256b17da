"""Documents that a laboratory’s system finds and reads for one of its professionals."""

from backend.services.retrieving.arriving import Closed, come_in, here
from backend.services.retrieving.finding import Found, look_up
from backend.services.retrieving.following import Following, keep, resume
from backend.services.retrieving.taking import take

__all__ = [
    "Closed",
    "Following",
    "Found",
    "come_in",
    "here",
    "keep",
    "look_up",
    "resume",
    "take",
]
