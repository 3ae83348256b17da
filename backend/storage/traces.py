"""The journal: append-only, one hash chain per lane, written at the end of the transaction.

A lane is a record (or the acting party when no record is concerned): a chain per lane needs no
global lock, so two laboratories depositing for two people never wait for each other. Each line's
hash covers the previous one; each lane's head keeps the count and the last hash under a MAC; the
checkpoints chain all heads together, so that losing a whole lane shows too.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Index, UniqueConstraint, bindparam, event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.storage.db import AsyncSession, Base, utcnow, vault_of
from backend.storage.vault import Vault

GENESIS = bytes(32)


class Trace(Base):
    """Who did what, to whose record, when, and whether it was allowed."""

    __tablename__ = "trace"
    __table_args__ = (UniqueConstraint("lane", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    lane: Mapped[UUID]
    number: Mapped[int]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID]
    action: Mapped[str]
    allowed: Mapped[bool]
    record_id: Mapped[UUID | None]
    thing_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    """The rule or error code that decided: a code, never a person's words."""
    hash: Mapped[bytes]


class TraceHead(Base):
    """The last line of a lane."""

    __tablename__ = "trace_head"

    lane: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    hash: Mapped[bytes]
    mac: Mapped[bytes]


class Checkpoint(Base):
    """All heads at one moment, chained: anchors the journal outside any one lane."""

    __tablename__ = "checkpoint"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    lanes: Mapped[int]
    """How many lanes the journal had."""
    lines: Mapped[int]
    """How many lines, all lanes together."""
    hash: Mapped[bytes]
    """MAC of the previous hash, of this row and of its anchors."""


class Anchor(Base):
    """Where a lane stood at a checkpoint; only lanes that moved since the checkpoint before."""

    __tablename__ = "anchor"
    __table_args__ = (Index("ix_anchor_checkpoint_lane", "checkpoint", "lane"),)

    lane: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checkpoint: Mapped[int]
    hash: Mapped[bytes]


def record_trace(
    db: AsyncSession,
    *,
    actor_kind: str,
    actor_id: UUID,
    action: str,
    allowed: bool,
    record_id: UUID | None = None,
    thing_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Add a line to the journal, in this transaction. Only `backend.access` calls this."""
    lines: list[dict[str, Any]] = db.info.setdefault("traces", [])
    lines.append(
        {
            "lane": record_id or actor_id,
            "at": utcnow(),
            "actor_kind": actor_kind,
            "actor_id": actor_id,
            "action": action,
            "allowed": allowed,
            "record_id": record_id,
            "thing_id": thing_id,
            "reason": reason,
        }
    )


def line_hash(vault: Vault, previous: bytes, line: dict[str, Any]) -> bytes:
    """HMAC over the previous hash and the canonical line."""
    return vault.mac("journal", previous + msgspec.json.encode(line, order="deterministic"))


def head_mac(vault: Vault, lane: UUID, number: int, last: bytes) -> bytes:
    """MAC of a lane's head: its tail cannot be cut without the key."""
    return vault.mac("journal-head", lane.bytes + number.to_bytes(8, "big") + last)


@event.listens_for(Session, "before_commit")
def _write_lines(session: Session) -> None:
    pending: list[dict[str, Any]] = session.info.pop("traces", [])
    if not pending:
        return
    heads = _lock_heads(session, sorted({line["lane"] for line in pending}))
    vault, lines = vault_of(session), []
    for line in pending:
        number, last = heads[line["lane"]]
        numbered = {"id": uuid4(), "number": number + 1, **line}
        last = line_hash(vault, last, numbered)
        heads[line["lane"]] = number + 1, last
        lines.append({**numbered, "hash": last})
    moved = [
        {"of": lane, "number": number, "hash": last, "mac": head_mac(vault, lane, number, last)}
        for lane, (number, last) in heads.items()
    ]
    move = HEADS.update().where(HEADS.c.lane == bindparam("of"))
    if len(lines) == 1:  # a page read: one exchange with the database rather than two
        session.execute(move.add_cte(LINES.insert().values(lines[0]).cte("line")), moved[0])
    else:
        session.execute(LINES.insert(), lines)
        session.execute(move, moved)


def _lock_heads(session: Session, lanes: list[UUID]) -> dict[UUID, tuple[int, bytes]]:
    """Count and last hash of each lane, held until the commit.

    Locks are taken in the order of the lanes, and making a lane is one: transactions that write in
    several lanes, new ones among them, cannot wait for each other in a circle.
    """
    heads = _lock(session, lanes)
    if heads:
        return heads
    vault = vault_of(session)
    for lane in lanes:
        new = {"lane": lane, "number": 0, "hash": GENESIS, "mac": head_mac(vault, lane, 0, GENESIS)}
        session.execute(insert(HEADS).values(new).on_conflict_do_nothing())
        heads |= _lock(session, [lane])
    return heads


def _lock(session: Session, lanes: list[UUID]) -> dict[UUID, tuple[int, bytes]]:
    """All of them, or none when one does not exist yet: then nothing is held."""
    these = HEADS.c.lane.in_(lanes)
    heads = select(HEADS.c.lane, HEADS.c.number, HEADS.c.hash).where(these)
    if len(lanes) > 1:
        there = select(func.count(HEADS.c.lane)).where(these).scalar_subquery()
        heads = heads.where(there == len(lanes))
    rows = session.execute(heads.order_by(HEADS.c.lane).with_for_update())
    return {lane: (number, last) for lane, number, last in rows}


LINES, HEADS = Base.metadata.tables["trace"], Base.metadata.tables["trace_head"]

TRACE_GUARD_DDL = """
DO $do$
BEGIN
    CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $refuse$
    BEGIN
        RAISE EXCEPTION 'the journal is append-only';
    END $refuse$;

    CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trace
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change();
    CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change();
    CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON anchor
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change();
    CREATE OR REPLACE TRIGGER never_shorter BEFORE DELETE OR TRUNCATE ON trace_head
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change();
END $do$
"""
"""One statement that makes PostgreSQL refuse what the chain would notice afterwards."""
