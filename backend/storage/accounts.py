"""Tables about signing in: accounts, one-time codes, browser sessions, limits."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Traced


class AccountState(StrEnum):
    """Checked at every step, not only the first (security.md F4)."""

    ACTIVE = "actif"
    SUSPENDED = "suspendu"
    CLOSED = "ferme"


class Channel(StrEnum):
    """How a one-time code travels."""

    EMAIL = "email"
    SMS = "sms"


class Account(Traced, Base):
    """The means to sign in, apart from the record: a record may have none."""

    __tablename__ = "account"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), unique=True)
    """The holder's own record."""
    state: Mapped[AccountState] = mapped_column(default=AccountState.ACTIVE)
    identifier_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of the chosen identifier, lower case."""
    password_hash: Mapped[str]
    """argon2id of the peppered password."""
    sealed_email: Mapped[bytes | None]
    email_verified_at: Mapped[datetime | None]
    sealed_phone: Mapped[bytes | None]
    phone_verified_at: Mapped[datetime | None]
    preferred: Mapped[Channel] = mapped_column(default=Channel.EMAIL)
    created_at: Mapped[datetime]


class BrowserSession(Base):
    """A signed-in (or half signed-in) browser. Only the hash of its token is known here."""

    __tablename__ = "browser_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    """None between the identifier page and the right password, and for unknown identifiers."""
    complete: Mapped[bool] = mapped_column(default=False)
    """Both steps passed."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    """Absolute end."""
    previous_login_at: Mapped[datetime | None]
    """The login before this one, to show on the home page."""


class Challenge(Base):
    """One one-time code: its secret is sealed, its tries are counted before they are compared."""

    __tablename__ = "challenge"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("browser_session.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str]
    channel: Mapped[Channel]
    sealed_secret: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    consumed_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]


class Login(Base):
    """A completed login, for « dernière connexion »."""

    __tablename__ = "login"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]


class Limit(Base):
    """A GCRA rate limit: theoretical arrival time per key (security.md §3.4)."""

    __tablename__ = "rate_limit"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    """Keyed hash of the limiter's name and subject: no address in clear."""
    arrival: Mapped[datetime] = mapped_column(index=True)
