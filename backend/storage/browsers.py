"""Browsers that asked to be told (RFC 8030): where to write to each, sealed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base


class PushSubscription(Base):
    """One browser of one account."""

    __tablename__ = "push_subscription"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    endpoint_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind: a browser belongs to whoever asked last."""
    sealed: Mapped[bytes]
    """`domain.push.Subscription`, under the key of the account’s own record."""
    created_at: Mapped[datetime]


class NoticeMark(Base):
    """What an account did with a notice: read it, put it away."""

    __tablename__ = "notice_mark"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    read_at: Mapped[datetime]
    put_away: Mapped[bool] = mapped_column(default=False)
