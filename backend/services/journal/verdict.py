"""What a verification found."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

TOLD = 100
"""Faults told one by one; beyond, their number is enough."""


class Fault(StrEnum):
    """What is not as it was written."""

    LINE_MISSING = "line-missing"
    LINE_ALTERED = "line-altered"
    HEAD_MISSING = "head-missing"
    HEAD_ALTERED = "head-altered"
    LANE_CUT = "lane-cut"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_ALTERED = "checkpoint-altered"


class Broken(Struct, frozen=True):
    """One fault: at a line of a lane, or at a checkpoint when there is no lane."""

    fault: Fault
    number: int
    lane: UUID | None = None


class Verification(Struct, frozen=True):
    """How much was read, and what is broken there."""

    lanes: int
    lines: int
    checkpoints: int
    faults: int
    broken: tuple[Broken, ...]
    """The first `TOLD` faults."""

    @property
    def ok(self) -> bool:
        """Nothing is broken."""
        return self.faults == 0


@dataclass
class Tally:
    """A verification in the making."""

    lanes: int = 0
    lines: int = 0
    checkpoints: int = 0
    faults: int = 0
    broken: list[Broken] = field(default_factory=list)

    def add(self, fault: Fault, number: int, lane: UUID | None = None) -> None:
        """One more fault."""
        self.faults += 1
        if len(self.broken) < TOLD:
            self.broken.append(Broken(fault, number, lane))

    def verification(self) -> Verification:
        """What was found so far."""
        return Verification(
            self.lanes, self.lines, self.checkpoints, self.faults, tuple(self.broken)
        )
