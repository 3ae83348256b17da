"""Entering and confirming with a passkey (WebAuthn): it is both steps, since it asks who you are.

User verification is required, the challenge is used once, the counter may not go back
(security.md §3.7).
"""

from datetime import timedelta
from secrets import token_bytes
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import delete, select
from webauthn import (
    generate_authentication_options,
    options_to_json,
    verify_authentication_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticationCredential, UserVerificationRequirement

from backend.access.actors import Patient
from backend.domain.space import Event, allows
from backend.services import limits
from backend.services.accounts import usable
from backend.services.sign_in import sessions
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import (
    BAD_PASSKEY,
    CLONED_PASSKEY,
    Rejected,
    too_often,
    write_refusal,
)
from backend.services.sign_in.sessions import Complete
from backend.services.sign_in.stepping_up import freshen
from backend.services.space import hold
from backend.storage.accounts import Account, BrowserSession, Ceremony, Passkey
from backend.storage.db import AsyncSession, utcnow

CEREMONY_LIFE = timedelta(minutes=5)
CHALLENGE_BYTES = 32
MOST_TEXT = 20_000
UNREADABLE = (
    *(WebAuthnException, ValueError, TypeError, AttributeError, KeyError),
    RecursionError,  # brackets, thousands deep
)
"""What reading an answer that no browser gives may raise."""
SWEPT_AT_ONCE = 200


class Site(Struct, frozen=True):
    """Where passkeys are valid."""

    id: str
    """The host name: passkeys are bound to it."""
    origin: str
    """`https://host`, with the port if there is one."""


async def ask_passkey(
    db: AsyncSession, site: Site, *, address: str, actor: Patient | None = None
) -> str | Rejected:
    """What the browser is asked for, as JSON; for `actor` when they are signed in already."""
    if wait := await limits.hit(db, "login-ip", address):
        return too_often(wait)
    challenge = await new_ceremony(db, actor)
    return options_to_json(
        generate_authentication_options(
            rp_id=site.id,
            challenge=challenge,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


async def enter_by_passkey(
    db: AsyncSession,
    site: Site,
    answer: str,
    *,
    address: str,
    browser: str,
    lasts: timedelta,
    device: str = "",
) -> Complete | Rejected:
    """A session that `lasts`, or a refusal that does not tell why. Commit either way."""
    if wait := await limits.hit(db, "login-ip", address):
        return too_often(wait)
    credential = _read(answer)
    if credential is None or not await use_ceremony(db, _challenge(credential), None):
        return write_refusal(db, None, BAD_PASSKEY)
    whose = select(Account).join(Passkey, Passkey.account_id == Account.id)
    found = await db.scalar(whose.where(Passkey.credential_id == credential.raw_id))
    if found is None:
        return write_refusal(db, None, BAD_PASSKEY)
    space = await hold(db, found.record_id)
    account = space.account
    assert account is not None
    if not usable(account.state, space.record.state) or not allows(space.state, Event.SIGN_IN):
        return write_refusal(db, account, BAD_PASSKEY)
    if refused := await _check(db, site, account, credential):
        return write_refusal(db, account, refused)
    started = sessions.open_half(db, account, utcnow(), browser=browser)
    await db.flush()
    session = await db.get_one(BrowserSession, started.session_id)
    return await sessions.complete(
        db, session, account, lasts=lasts, means="passkey", device=device
    )


async def step_up_by_passkey(
    db: AsyncSession, site: Site, actor: Patient, answer: str
) -> str | Rejected:
    """The new token of a session that is fresh again, or a refusal. Commit either way."""
    session, space, account = await present(db, actor)
    credential = _read(answer)
    if credential is None or not await use_ceremony(db, _challenge(credential), actor):
        return BAD_PASSKEY
    if refused := await _check(db, site, account, credential):
        return write_refusal(db, account, refused)
    return freshen(db, actor, session, space)


async def new_ceremony(db: AsyncSession, actor: Patient | None) -> bytes:
    """32 random bytes that will be accepted once, within five minutes, for this account."""
    challenge, now = token_bytes(CHALLENGE_BYTES), utcnow()
    past = select(Ceremony.id).where(Ceremony.expires_at < now).limit(SWEPT_AT_ONCE)
    await db.execute(
        delete(Ceremony)
        .where(Ceremony.id.in_(past.with_for_update(skip_locked=True).scalar_subquery()))
        .execution_options(synchronize_session=False)
    )
    db.add(
        Ceremony(
            id=uuid4(),
            challenge=challenge,
            account_id=actor.id if actor else None,
            created_at=now,
            expires_at=now + CEREMONY_LIFE,
        )
    )
    await db.flush()
    return challenge


async def use_ceremony(db: AsyncSession, challenge: bytes, actor: Patient | None) -> bool:
    """True for the one transaction that uses it up."""
    account_id = actor.id if actor else None
    used = await db.execute(
        delete(Ceremony)
        .where(
            Ceremony.challenge == challenge,
            Ceremony.account_id.is_not_distinct_from(account_id),
            Ceremony.expires_at > utcnow(),
        )
        .returning(Ceremony.id)
        .execution_options(synchronize_session=False)
    )
    return used.scalar_one_or_none() is not None


async def _check(
    db: AsyncSession, site: Site, account: Account, credential: AuthenticationCredential
) -> Rejected | None:
    """The passkey is this account's and signed for this site; its counter is moved on."""
    passkey = await db.scalar(
        select(Passkey)
        .where(Passkey.credential_id == credential.raw_id, Passkey.account_id == account.id)
        .with_for_update(),
        execution_options=sessions.AS_IS,
    )
    handle = credential.response.user_handle
    if passkey is None or (handle is not None and handle != account.id.bytes):
        return BAD_PASSKEY
    try:
        done = verify_authentication_response(
            credential=credential,
            expected_challenge=_challenge(credential),
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except WebAuthnException:
        return BAD_PASSKEY
    # A passkey that is copied between telephones always says 0; the others only go up.
    if (done.new_sign_count or passkey.sign_count) and done.new_sign_count <= passkey.sign_count:
        return CLONED_PASSKEY
    passkey.sign_count, passkey.used_at = done.new_sign_count, utcnow()
    return None


def _read(answer: str) -> AuthenticationCredential | None:
    try:
        credential = parse_authentication_credential_json(answer[:MOST_TEXT])
        parse_client_data_json(credential.response.client_data_json)
    except UNREADABLE:
        return None
    return credential


def _challenge(credential: AuthenticationCredential) -> bytes:
    return parse_client_data_json(credential.response.client_data_json).challenge
