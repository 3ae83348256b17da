"""One-time codes: made, promised, used up. A code is never stored.

Each challenge has a fresh 160-bit secret, sealed to its row; the code is HOTP(secret) at 0
(RFC 4226), so that it opens this challenge and no other (security.md §3.3).
"""

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from uuid import UUID, uuid4

from msgspec import Struct
from pyotp import HOTP, random_base32
from sqlalchemy import ColumnElement, and_, select, update

from backend.domain.jobs import SendCode
from backend.domain.sign_in import CODE_DIGITS, CODE_LIFE, CODE_TRIES
from backend.services import limits
from backend.services.sign_in.refusals import DEAD_CODE, Rejected, too_often, wrong_code
from backend.storage.accounts import Challenge, Channel
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of
from backend.storage.outbox import enqueue


class Errand(Struct, frozen=True):
    """What a code is for: only this browser, on this errand, may use it."""

    purpose: str
    """`login`, `step-up`, `contact-email`…: the letter says it in words."""
    subject: UUID
    """Whose wrong tries are counted together: the account, or the record of a newcomer."""
    account_id: UUID | None = None
    session_id: UUID | None = None
    enrolment_id: UUID | None = None
    limiter: str = "otp-verify"
    """What counts the wrong tries: strangers may begin a recovery, and must keep nobody out."""

    @property
    def here(self) -> ColumnElement[bool]:
        """The challenges of this errand."""
        return and_(
            Challenge.purpose == self.purpose,
            Challenge.account_id.is_not_distinct_from(self.account_id),
            Challenge.session_id.is_not_distinct_from(self.session_id),
            Challenge.enrolment_id.is_not_distinct_from(self.enrolment_id),
        )


async def count_sending(db: AsyncSession, subject: UUID | str, address: str) -> int:
    """0 when one more code may leave for this subject, else the seconds to wait."""
    return (
        await limits.hit(db, "otp-send-ip", address)
        or await limits.hit(db, "otp-send", str(subject))
        or await limits.hit(db, "otp-send-day", str(subject))
    )


async def new_code(
    db: AsyncSession, errand: Errand, channel: Channel, now: datetime, *, to: str = ""
) -> None:
    """Promise a fresh code; those before it no longer open anything.

    `to` is an address that is not yet the account's own.
    """
    await db.execute(
        update(Challenge)
        .where(errand.here, Challenge.superseded_at.is_(None))
        .values(superseded_at=now)
        .execution_options(synchronize_session=False)
    )
    challenge_id, vault = uuid4(), vault_of(db)
    secret = random_base32(32).encode()
    db.add(
        Challenge(
            id=challenge_id,
            account_id=errand.account_id,
            session_id=errand.session_id,
            enrolment_id=errand.enrolment_id,
            purpose=errand.purpose,
            channel=channel,
            sealed_secret=vault.seal("otp", secret, challenge_id, errand.purpose),
            sealed_to=vault.seal("otp-to", to.encode(), challenge_id) if to else None,
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
    )
    await db.flush()
    await enqueue(db, SendCode(challenge_id=challenge_id), key=f"send-code/{challenge_id}")


async def redeem(db: AsyncSession, errand: Errand, code: str) -> Rejected | None:
    """Use the code up, or say why not. The try is counted before it is compared."""
    challenge = await _take_a_try(db, errand)
    if challenge is None:
        return DEAD_CODE
    if wait := await limits.hit(db, errand.limiter, str(errand.subject)):
        return too_often(wait)
    if not compare_digest(code.encode(), code_of(db, challenge).encode()):
        return wrong_code(CODE_TRIES - challenge.tries)
    if not await _consume(db, challenge):
        return DEAD_CODE
    await limits.give_back(db, errand.limiter, str(errand.subject))
    return None


async def redeem_all(db: AsyncSession, tried: Sequence[tuple[Errand, str]]) -> bool:
    """Use several codes up together: all of them when all are right, otherwise a try of each."""
    taken = [(await _take_a_try(db, errand), errand, code) for errand, code in tried]
    for _, errand, _ in taken[:1]:
        if await limits.hit(db, errand.limiter, str(errand.subject)):
            return False
    found = [(challenge, code) for challenge, _, code in taken if challenge is not None]
    right = [compare_digest(code.encode(), code_of(db, each).encode()) for each, code in found]
    if len(found) < len(tried) or not all(right):
        return False
    used = [await _consume(db, challenge) for challenge, _ in found]
    for _, errand, _ in taken[:1]:
        await limits.give_back(db, errand.limiter, str(errand.subject))
    return all(used)


async def last_of(db: AsyncSession, errand: Errand) -> Challenge | None:
    """The last one promised."""
    query = select(Challenge).where(errand.here)
    return await db.scalar(query.order_by(Challenge.created_at.desc()).limit(1))


def code_of(db: AsyncSession, challenge: Challenge) -> str:
    """The six digits of a challenge, made again from its secret."""
    secret = vault_of(db).unseal("otp", challenge.sealed_secret, challenge.id, challenge.purpose)
    return HOTP(secret.decode(), digits=CODE_DIGITS).at(0)


def address_of(db: AsyncSession, challenge: Challenge) -> str | None:
    """Where it goes when that is not the account's own address."""
    if challenge.sealed_to is None:
        return None
    return vault_of(db).unseal("otp-to", challenge.sealed_to, challenge.id).decode()


async def forget_codes(db: AsyncSession, account_id: UUID) -> None:
    """No code on its way opens anything any more: what stops a flow stops its codes."""
    await db.execute(
        update(Challenge)
        .where(Challenge.account_id == account_id, Challenge.superseded_at.is_(None))
        .values(superseded_at=utcnow())
        .execution_options(synchronize_session=False)
    )


async def _take_a_try(db: AsyncSession, errand: Errand) -> Challenge | None:
    """The live challenge of this errand with one more try counted, in one statement.

    Reading, adding and writing back would let parallel guesses share a try (security.md F3).
    """
    now = utcnow()
    return await db.scalar(
        update(Challenge)
        .where(
            errand.here,
            Challenge.consumed_at.is_(None),
            Challenge.superseded_at.is_(None),
            Challenge.expires_at > now,
            Challenge.created_at < now + SKEW,
            Challenge.tries < CODE_TRIES,
        )
        .values(tries=Challenge.tries + 1)
        .returning(Challenge),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def _consume(db: AsyncSession, challenge: Challenge) -> bool:
    """True for the one transaction that uses it."""
    used = await db.execute(
        update(Challenge)
        .where(Challenge.id == challenge.id, Challenge.consumed_at.is_(None))
        .values(consumed_at=utcnow())
        .returning(Challenge.id),
        execution_options={"synchronize_session": False},
    )
    return used.scalar_one_or_none() is not None
