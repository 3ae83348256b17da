"""Reading every lane again: its lines in their order, then its head."""

from datetime import UTC
from typing import Any

from sqlalchemy import Row, exists, select

from backend.services.journal.verdict import Fault, Tally
from backend.storage.db import AsyncSession, vault_of
from backend.storage.traces import GENESIS, Trace, TraceHead, head_mac, line_hash
from backend.storage.vault import Vault

BATCH = 1_000
CONTENT = tuple(column.name for column in Trace.__table__.columns if column.name != "hash")

# One statement, so one snapshot: a line that commits meanwhile comes with its head or not at all.
LINES = (
    select(
        *Trace.__table__.columns,
        TraceHead.number.label("head_number"),
        TraceHead.hash.label("head_hash"),
        TraceHead.mac.label("head_mac"),
    )
    .outerjoin(TraceHead, TraceHead.lane == Trace.lane)
    .order_by(Trace.lane, Trace.number)
    .execution_options(yield_per=BATCH)
)
BARE_HEADS = (
    select(TraceHead.lane, TraceHead.number)
    .where(~exists().where(Trace.lane == TraceHead.lane))
    .execution_options(yield_per=BATCH)
)


async def read_lanes(db: AsyncSession, tally: Tally) -> None:
    """Tell of each lane the first line, or the head, that is not as it was written."""
    vault, lane = vault_of(db), None
    async for line in await db.stream(LINES):
        if lane is None or lane.lane != line.lane:
            _close(lane, tally)
            lane = _Lane(vault, line)
        lane.read(line)
    _close(lane, tally)
    async for bare in await db.stream(BARE_HEADS):
        tally.lanes += 1
        tally.add(Fault.LANE_CUT, bare.number, bare.lane)


def _close(lane: "_Lane | None", tally: Tally) -> None:
    if lane is None:
        return
    tally.lanes += 1
    tally.lines += lane.lines
    fault = lane.fault or lane.head_fault()
    if fault:
        tally.add(fault, lane.number, lane.lane)


class _Lane:
    """One lane while its lines go by."""

    def __init__(self, vault: Vault, line: Row[*tuple[Any, ...]]) -> None:
        self.lane = line.lane
        self.lines = 0
        self.number = 0
        """Of the last line that was as written; then of the first that is not."""
        self.fault: Fault | None = None
        self._vault = vault
        self._last = GENESIS
        self._head = (line.head_number, line.head_hash)
        self._mac = line.head_mac

    def read(self, line: Row[*tuple[Any, ...]]) -> None:
        """The next line: its number follows, its hash covers it and the one before."""
        self.lines += 1
        if self.fault:
            return
        self.number += 1
        content = {name: getattr(line, name) for name in CONTENT}
        content["at"] = line.at.astimezone(UTC)
        if line.number != self.number:
            self.fault = Fault.LINE_MISSING
        elif line.hash != line_hash(self._vault, self._last, content):
            self.fault = Fault.LINE_ALTERED
        self._last = line.hash

    def head_fault(self) -> Fault | None:
        """The head is authentic, and says what the last line says."""
        number, last = self._head
        if number is None:
            return Fault.HEAD_MISSING
        if self._mac != head_mac(self._vault, self.lane, number, last):
            return Fault.HEAD_ALTERED
        return None if (number, last) == (self.number, self._last) else Fault.LANE_CUT
