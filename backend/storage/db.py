"""The base class of every table, the session, and the guard that refuses an untraced change."""

import enum
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from select import POLLIN, poll
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, Enum, LargeBinary, MetaData, event, func, select
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

from backend.storage.vault import Vault

__all__ = [
    "SKEW",
    "AsyncEngine",
    "AsyncSession",
    "Base",
    "Placed",
    "Sessions",
    "Traced",
    "UntracedChange",
    "make_engine",
    "make_readers",
    "make_sessions",
    "take_turns",
    "utcnow",
    "vault_of",
]

Sessions = async_sessionmaker[AsyncSession]


def utcnow() -> datetime:
    """The one clock of services and jobs."""
    return datetime.now(UTC)


SKEW = timedelta(minutes=5)
"""How far the clocks of two processes may differ. What was begun later than that from now was
begun before the clock was put back: it has ended, or it would last as long as the jump."""


class Base(DeclarativeBase):
    """Every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it on the class
        enum.StrEnum: Enum(
            enum.StrEnum,
            native_enum=False,
            length=40,
            values_callable=lambda kind: [member.value for member in kind],
        ),
        datetime: DateTime(timezone=True),
        bytes: LargeBinary,
    }


class Traced:
    """Part of somebody's record: no change may be committed without a trace."""

    # Random, not UUIDv7: an id must not tell when a withheld document arrived.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    @property
    def record_key(self) -> UUID:
        """The record this row belongs to; a record belongs to itself."""
        return getattr(self, "record_id", self.id)


class Placed(Traced):
    """Part of a structure, of no record: its changes are guarded and traced all the same."""

    structure_id: Mapped[UUID]

    @property
    def record_key(self) -> UUID:
        """What guards its changes: the structure."""
        return self.structure_id


class UntracedChange(AssertionError):
    """A bug: a record changed and nobody called `access.authorise`."""


POOL_SECONDS = 2
"""How long a request waits for a connection; the next ones would wait longer still."""
HURRIED = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 10,
    "options": "-c statement_timeout=5s -c lock_timeout=4s "
    "-c idle_in_transaction_session_timeout=60s",
}
"""For whoever serves people: a server that does not answer in seconds is down."""


def make_engine(url: str, *, pool_size: int = 10, hurried: bool = False) -> AsyncEngine:
    """A pool on PostgreSQL; a broken connection is noticed before it is used.

    `hurried` gives up in seconds; backups, checks and migrations take the time that they need.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_SECONDS if hurried else 30,
        connect_args=HURRIED if hurried else {},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def make_readers(engine: AsyncEngine, vault: Vault) -> Sessions:
    """Sessions whose every statement is a transaction: one exchange instead of three."""
    return make_sessions(engine.execution_options(isolation_level="AUTOCOMMIT"), vault)


def _refuse_closed(connection: Any, *_: object) -> None:
    """An idle connection has something to read only when its server said good-bye.

    Looked at without asking the server anything, which would cost each request an exchange.
    """
    waiting = poll()
    waiting.register(connection.driver_connection.fileno(), POLLIN)
    if waiting.poll(0):
        raise InvalidatePoolError


def make_sessions(engine: AsyncEngine, vault: Vault) -> Sessions:
    """Sessions that know the keys: `vault_of(db)`."""
    return async_sessionmaker(engine, expire_on_commit=False, info={"vault": vault})


def vault_of(db: AsyncSession | Session) -> Vault:
    """The keys that this session seals and opens with."""
    vault: Vault = db.info["vault"]
    return vault


@event.listens_for(Session, "after_flush")
def _note_changed_records(session: Session, _: object) -> None:
    touched = (*session.new, *filter(session.is_modified, session.dirty), *session.deleted)
    changed: set[UUID] = session.info.setdefault("changed", set())
    changed.update(row.record_key for row in touched if isinstance(row, Traced))


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_change(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if (state.is_update or state.is_delete) and mapper and issubclass(mapper.class_, Traced):
        raise UntracedChange(f"bulk change of {mapper.class_.__name__}")


@event.listens_for(Session, "before_commit")
def _refuse_untraced_change(session: Session) -> None:
    session.flush()
    changed: set[UUID] = session.info.pop("changed", set())
    traced: set[UUID] = session.info.pop("traced", set())
    if changed - traced:
        raise UntracedChange


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    for name in ("changed", "traced", "traces"):
        session.info.pop(name, None)


async def is_alone(db: AsyncSession, name: str) -> bool:
    """Whether this transaction is the only one at work under this name, until its commit."""
    return bool(await db.scalar(select(func.pg_try_advisory_xact_lock(_lock(name)))))


async def take_turns(db: AsyncSession, name: str) -> None:
    """Wait until no other transaction is at work under this name; it is ours until the commit."""
    await db.execute(select(func.pg_advisory_xact_lock(_lock(name))))


def _lock(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
