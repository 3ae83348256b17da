"""Who is acting. Built once per request, then read-only."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.domain.caregiving import Mandate
from backend.domain.laboratory import Role

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Nobody yet; `half` is the session of someone between password and code."""

    half: UUID | None = None

    @property
    def id(self) -> UUID:
        """Nobody’s: the same for every visitor, so that the journal tells none apart."""
        return NOBODY


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who proved whose space it is and has no session: activation, refusal, recovery."""

    id: UUID
    """Enrolment."""
    record_id: UUID


@dataclass(frozen=True, slots=True)
class Patient:
    """A signed-in person. `record_id` is the record being looked at: theirs or somebody's."""

    id: UUID
    """Account."""
    own_record_id: UUID
    record_id: UUID
    session_id: UUID
    mandate: Mandate | None = None
    """As whose aidant the person looks at it; None in their own record and in a child's."""
    ends_at: datetime | None = field(default=None, compare=False)
    """When this session ends whatever they do."""

    @property
    def is_guardian(self) -> bool:
        """Looking at a child's record."""
        return self.record_id != self.own_record_id and self.mandate is None


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody outside who came with a code: reads the documents shown to them, for a while."""

    id: UUID
    """Visit."""
    showing_id: UUID
    record_id: UUID
    account_id: UUID
    """Who shows: a guest sees nothing that they may not see."""


@dataclass(frozen=True, slots=True)
class Professional:
    """A health professional with one activity chosen (Pro Santé Connect)."""

    id: UUID
    structure_id: UUID | None
    """None when no current activity: sees nothing."""
    profession: str
    """Code of the matrice d’habilitation."""
    roles: frozenset[Role] = field(default=frozenset(), kw_only=True)
    """In the laboratory, where it is one."""
    session_id: UUID = field(default=NOBODY, kw_only=True)
    ends_at: datetime | None = field(default=None, kw_only=True, compare=False)
    """When this session ends whatever they do."""
    came_at: datetime | None = field(default=None, kw_only=True, compare=False)
    """When they signed in here: Pro Santé Connect may have known them for hours."""
    scopes: frozenset[str] = field(default=frozenset(), kw_only=True)
    """What their laboratory’s system may ask for them; none when they are before a screen."""
    announces: UUID | None = field(default=None, kw_only=True)
    """The withheld document that they may announce, as `access.announcers` alone says."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A professional whom Pro Santé Connect named, before they say for which activity."""

    id: UUID
    """Professional."""
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Supposed(Professional):
    """Nobody: anyone of a profession, as if this record let them in. For « Voir comme » alone."""

    record_id: UUID

    @classmethod
    def of(cls, profession: str, record_id: UUID) -> "Supposed":
        """Who wrote nothing and works nowhere."""
        return cls(NOBODY, NOBODY, profession, record_id)


@dataclass(frozen=True, slots=True)
class Agent:
    """A 3422 support agent: never sees medical content."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Machine:
    """A laboratory system depositing for one structure: writes, never reads."""

    id: UUID
    structure_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Robot:
    """Our own background work, named by what it does."""

    name: str
    id: UUID = NOBODY


Depositor = Machine | Professional
"""Who deposits for a laboratory: its system, or one of its people by hand."""
Actor = Visitor | Newcomer | Patient | Guest | Professional | Unplaced | Agent | Machine | Robot
