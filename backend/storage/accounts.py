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
    sealed_identifier: Mapped[bytes | None]
    """The identifier as chosen, for its holder to read; None for accounts of before."""
    password_hash: Mapped[str]
    """argon2id of the peppered password."""
    sealed_email: Mapped[bytes | None]
    email_verified_at: Mapped[datetime | None]
    sealed_phone: Mapped[bytes | None]
    phone_verified_at: Mapped[datetime | None]
    preferred: Mapped[Channel] = mapped_column(default=Channel.EMAIL)
    created_at: Mapped[datetime]
    sealed_totp: Mapped[bytes | None]
    """Secret of the authenticator application, once confirmed."""
    totp_used: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last time step accepted: a code opens once."""
    preferences: Mapped[bytes | None]
    """`domain.preferences.Preferences` as JSON; None: as everybody."""


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
    acting_for: Mapped[UUID | None] = mapped_column(ForeignKey("record.id"))
    """The record on the screen when it is not one’s own: a child’s."""
    stepped_up_at: Mapped[datetime | None]
    """The last fresh proof that the person is still there."""
    means: Mapped[str] = mapped_column(default="code", server_default="code")
    """`code`, `totp` or `passkey`."""
    browser: Mapped[str] = mapped_column(default="", server_default="")
    """« Chrome, Android »: two words out of a list, never the whole line that it sends."""


class Challenge(Base):
    """One one-time code: its secret is sealed, its tries are counted before they are compared."""

    __tablename__ = "challenge"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    session_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("browser_session.id", ondelete="CASCADE"), index=True
    )
    enrolment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    """Instead of the two above, for somebody who has no session yet."""
    purpose: Mapped[str]
    channel: Mapped[Channel]
    sealed_to: Mapped[bytes | None]
    """Where it goes when that is not yet the account’s own address."""
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


class Enrolment(Base):
    """Somebody on the way in without a session: activation, refusal, reopening, recovery."""

    __tablename__ = "enrolment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    sealed_draft: Mapped[bytes | None]
    """What was typed so far, bound to this row."""
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("record.id"))
    """Whose space it is, once proved."""
    code_id: Mapped[UUID | None] = mapped_column(ForeignKey("provisional_code.id"))
    """The provisional code that proved it: used up at the end, and only then."""


class ProvisionalCode(Traced, Base):
    """« Code provisoire »: twelve characters, single use, sent to a channel already on file."""

    __tablename__ = "provisional_code"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    code_hash: Mapped[str]
    """argon2id of the peppered code: 60 bits deserve it (ASVS 6.5.2)."""
    sealed_code: Mapped[bytes | None]
    """Until it is sent."""
    sent_by: Mapped[str]
    """`letter`, `email` or `sms`; `desk`: a letter that the help desk asked for."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential. It is the person’s: user verification was asked for."""

    __tablename__ = "passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Ceremony(Base):
    """A WebAuthn challenge: 32 random bytes, used once, for this browser only."""

    __tablename__ = "ceremony"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    challenge: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """None at sign-in: the passkey says whose it is."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class CredentialChange(Base):
    """A change of means to sign in: told on every channel, and undone by a link for a day."""

    __tablename__ = "credential_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str]
    """`password`, `email`, `phone`, `passkey-added`, `passkey-removed`, `totp-added`…"""
    at: Mapped[datetime]
    until: Mapped[datetime]
    """End of the cooling-off: until then sensitive acts wait, and the link works."""
    sealed_token: Mapped[bytes | None]
    """The link’s secret, until the letters are sent."""
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    sealed_before: Mapped[bytes | None]
    """What it was, to put it back, and where else to tell it."""
    cancelled_at: Mapped[datetime | None]
