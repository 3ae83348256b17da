"""What is kept of one section of the medical profile."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class State(StrEnum):
    """What was answered to the first question of a section."""

    UNANSWERED = ""
    TOLD = "oui"
    NOTHING = "rien"
    UNKNOWN = "inconnu"


class Entry(Struct, frozen=True):
    """One thing that was told: who by, and when."""

    id: UUID
    values: dict[str, str]
    by: UUID
    """Account."""
    at: datetime


class Answer(Struct, frozen=True):
    """What is kept, sealed, of one section."""

    section: str
    state: State = State.UNANSWERED
    entries: tuple[Entry, ...] = ()

    def entry(self, id_: UUID) -> Entry | None:
        return next((one for one in self.entries if one.id == id_), None)
