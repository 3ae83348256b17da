"""When a question of access is asked, and under which policy."""

from dataclasses import dataclass, field
from datetime import date, datetime

from backend.domain.calendar import civil_day
from backend.domain.pace import Pace, Paces, Span

USUAL: Paces = {Span.HOUR: Pace(20, 40), Span.DAY: Pace(100, 200)}


@dataclass(frozen=True, slots=True)
class Policy:
    """Choices where the source text and the law differ."""

    masked_visible_to_treating_physician: bool = False
    """True is article L.1111-16: the médecin traitant sees what is masked. Never in emergency."""
    blocked_author_reads: bool = False
    """True lets a blocked professional read what they or their structure deposited."""
    caregivers: bool = False
    """True lets adults name aidants; « à l’étude » in January 2026."""
    released_by_law: bool = False
    """True is article R.1111-53: what is withheld shows a month later, whatever its laboratory."""
    paces: Paces = field(default_factory=lambda: USUAL, compare=False)
    """How many different records one professional may open. It decides nothing of what is seen."""


TEXT = Policy()


@dataclass(frozen=True, slots=True)
class Moment:
    """One value for a whole request, so that its answers cannot disagree."""

    now: datetime
    today: date
    """Civil date in Paris: rights begin and end at midnight there."""
    policy: Policy

    @classmethod
    def at(cls, now: datetime, policy: Policy = TEXT) -> "Moment":
        """The moment `now`, which must know its time zone."""
        return cls(now, civil_day(now), policy)
