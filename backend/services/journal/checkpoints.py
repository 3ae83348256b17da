"""Checkpoints: where every lane stood at one moment, chained outside any one lane."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Row, Select, exists, func, insert, select

from backend.services.journal.verdict import Fault, Tally
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.traces import GENESIS, Anchor, Checkpoint, Trace, TraceHead, head_mac
from backend.storage.vault import Tampered, Vault

BATCH = 1_000
ONE_AT_A_TIME = 4_022_027
"""Advisory lock: two checkpoints cannot have the same number."""

BEFORE = select(func.max(Anchor.number)).where(Anchor.lane == TraceHead.lane).scalar_subquery()
MOVED = (
    select(TraceHead.lane, TraceHead.number, TraceHead.hash, TraceHead.mac, BEFORE.label("before"))
    .where(TraceHead.number != func.coalesce(BEFORE, 0))
    .order_by(TraceHead.lane)
    .execution_options(yield_per=BATCH)
)


async def checkpoint(db: AsyncSession) -> Checkpoint:
    """Anchor every lane that moved since the last checkpoint; Tampered if one moved back."""
    await db.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    vault = vault_of(db)
    last = await db.scalar(select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1))
    new = Checkpoint(
        number=last.number + 1 if last else 1,
        at=utcnow(),
        lanes=last.lanes if last else 0,
        lines=last.lines if last else 0,
    )
    anchors = sha256()
    async for heads in (await db.stream(MOVED)).partitions():
        for head in heads:
            _check_head(vault, head)
            new.lanes += head.before is None
            new.lines += head.number - (head.before or 0)
            anchors.update(_anchor_bytes(head))
        rows = [{"lane": head.lane, "number": head.number, "hash": head.hash} for head in heads]
        await db.execute(insert(Anchor), [{**row, "checkpoint": new.number} for row in rows])
    new.hash = _hash(vault, last.hash if last else GENESIS, new, anchors.digest())
    db.add(new)
    return new


async def read_checkpoints(db: AsyncSession, tally: Tally) -> None:
    """Each checkpoint follows the one before, and every line it anchors is still there."""
    vault, number, last = vault_of(db), 0, GENESIS
    in_order = select(Checkpoint).order_by(Checkpoint.number).execution_options(yield_per=BATCH)
    async for found in await db.stream_scalars(in_order):
        tally.checkpoints += 1
        number += 1
        anchors = await _read_anchors(db, found.number, tally)
        if found.number != number:
            tally.add(Fault.CHECKPOINT_MISSING, number)
            number = found.number
        elif found.hash != _hash(vault, last, found, anchors):
            tally.add(Fault.CHECKPOINT_ALTERED, number)
        last = found.hash
    if await db.scalar(select(exists().where(Anchor.checkpoint > number))):
        tally.add(Fault.CHECKPOINT_MISSING, number + 1)


async def _read_anchors(db: AsyncSession, number: int, tally: Tally) -> bytes:
    """Digest of a checkpoint’s anchors; the lanes that lost an anchored line are told."""
    anchors = sha256()
    async for anchor in await db.stream(_anchors(number)):
        anchors.update(_anchor_bytes(anchor))
        if anchor.hash != anchor.found:
            tally.add(Fault.LANE_CUT, anchor.number, anchor.lane)
    return anchors.digest()


def _anchors(number: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Anchor.lane, Anchor.number, Anchor.hash, Trace.hash.label("found"))
        .outerjoin(Trace, (Trace.lane == Anchor.lane) & (Trace.number == Anchor.number))
        .where(Anchor.checkpoint == number)
        .order_by(Anchor.lane)
        .execution_options(yield_per=BATCH)
    )


def _check_head(vault: Vault, head: Row[*tuple[Any, ...]]) -> None:
    backwards = head.number < (head.before or 0)
    if backwards or head.mac != head_mac(vault, head.lane, head.number, head.hash):
        raise Tampered("journal-head")


def _anchor_bytes(anchor: Row[*tuple[Any, ...]]) -> bytes:
    stood: bytes = anchor.lane.bytes + anchor.number.to_bytes(8, "big") + anchor.hash
    return stood


def _hash(vault: Vault, previous: bytes, row: Checkpoint, anchors: bytes) -> bytes:
    at: datetime = row.at.astimezone(UTC)
    content = msgspec.json.encode([row.number, at, row.lanes, row.lines, anchors])
    return vault.mac("journal-checkpoint", previous + content)
