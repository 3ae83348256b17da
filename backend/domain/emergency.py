"""Access in an emergency (« bris de glace »): who may, for how long, and the patient’s switches.

Articles L.1111-17 and R.1111-48 of the code de la santé publique: allowed unless the person said
no; the person is told of each one, and reads the reason.
"""

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from backend.domain.errors import Refused

EMERGENCY_LIFE = timedelta(hours=4)
REASON_CHARACTERS = 3, 300
FRESH_FOR = timedelta(minutes=5)
"""How long a new proof of who the professional is lasts, for the emergency that asked for it."""
COMMENT_AT_MOST = 1000


class Purpose(StrEnum):
    """Codes of the DMP."""

    SAMU = "ETREAT"
    """The physician who answers at the Samu – Centre 15."""
    ANY = "BTG"
    """Any professional before a person who cannot say what they want and is in danger."""


class Switches(Struct, frozen=True):
    """What a person allows. The third opens nothing by itself."""

    samu: bool = True
    anyone: bool = True
    masked: bool = False
    """In an emergency, what is masked too."""

    def widen(self, before: "Switches") -> bool:
        """Something is allowed that was not."""
        return self.samu > before.samu or self.anyone > before.anyone or self.masked > before.masked


def read_reason(text: str) -> str:
    """What a professional writes when they declare an emergency; Refused when it says nothing."""
    reason = " ".join(text.split())
    least, most = REASON_CHARACTERS
    if not least <= len(reason) <= most:
        raise Refused("Écrivez en une phrase pourquoi il y a urgence.")
    return reason


def read_comment(text: str) -> str:
    """What somebody writes who reviewed an access."""
    comment = " ".join(text.split())
    if len(comment) < REASON_CHARACTERS[0]:
        raise Refused("Écrivez en une phrase ce que vous avez vérifié.")
    if len(comment) > COMMENT_AT_MOST:
        raise Refused(f"Écrivez au plus {COMMENT_AT_MOST} caractères.")
    return comment
