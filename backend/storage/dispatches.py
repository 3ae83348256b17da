"""Tables about what leaves by MSSanté: each dispatch, and all that became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.dispatches import DispatchState, News, Role, Sending
from backend.storage.db import Base, Traced
from backend.storage.vault import RecordKey, Vault


class Dispatch(Traced, Base):
    """One version of a report on its way to one recipient."""

    __tablename__ = "dispatch"
    __table_args__ = (
        Index("ix_dispatch_structure_state_changed", "structure_id", "state", "changed_at"),
        Index("ix_dispatch_promised", "promised_at", postgresql_where=text("state = 'promised'")),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"))
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    """The laboratory that deposited it, and follows it."""
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("machine_client.id"))
    """The system that asked for it, and is told; none when a professional deposited by hand."""
    role: Mapped[Role]
    replaces: Mapped[bool] = mapped_column(default=False)
    """« Annule et remplace »: an earlier version was deposited."""
    state: Mapped[DispatchState] = mapped_column(default=DispatchState.PROMISED)
    round: Mapped[int] = mapped_column(default=1)
    """How many times a person or the deposit asked for it: each has a Message-ID of its own."""
    events: Mapped[int] = mapped_column(default=0)
    """The number of the last event."""
    promised_at: Mapped[datetime]
    """When this round was asked for."""
    changed_at: Mapped[datetime]
    message_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of the Message-ID of this round: how what comes back by mail finds it."""
    sealed: Mapped[bytes]
    """`domain.dispatches.Sending`: the recipient, and what was asked."""


class DispatchEvent(Traced, Base):
    """Something that became of a dispatch: never changed, but for who was told."""

    __tablename__ = "dispatch_event"
    __table_args__ = (
        UniqueConstraint("dispatch_id", "number"),
        Index("ix_dispatch_event_untold", "client_id", postgresql_where=text("told_at IS NULL")),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    dispatch_id: Mapped[UUID] = mapped_column(ForeignKey("dispatch.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    news: Mapped[News]
    round: Mapped[int]
    code: Mapped[str] = mapped_column(default="")
    """Of SMTP, or our own (`domain.dispatches.reasons`): never a person’s words."""
    acknowledges: Mapped[str] = mapped_column(default="")
    """`Z02` or `Z03`: the acknowledgement that the laboratory’s system asked for."""
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("machine_client.id"))
    """Who is to be told; none when nobody asked."""
    told_at: Mapped[datetime | None]


def message_key(vault: Vault, dispatch_id: UUID, turn: int) -> str:
    """The left part of the Message-ID: the same at each try, and nobody can guess it."""
    return vault.mac("mssante-message", f"{dispatch_id}/{turn}".encode()).hex()[:40]


def message_index(vault: Vault, key: str) -> bytes:
    """Where the dispatch of a Message-ID is found."""
    return vault.index("mssante-message", key)


def seal_sending(key: RecordKey, dispatch_id: UUID, sending: Sending) -> bytes:
    return key.seal_value(sending, dispatch_id, "dispatch")


def sending_of(key: RecordKey, dispatch: Dispatch) -> Sending:
    """To whom, and what was asked, opened."""
    return key.open_value(Sending, dispatch.sealed, dispatch.id, "dispatch")
