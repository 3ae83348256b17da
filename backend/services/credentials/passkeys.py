"""Passkeys: added by this browser, named, removed."""

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import select
from webauthn import (
    generate_registration_options,
    options_to_json,
    verify_registration_response,
)
from webauthn.helpers import parse_client_data_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.domain.credentials import Kind
from backend.domain.errors import NotFound, Refused
from backend.domain.space import Event
from backend.services.accounts import identifier_of
from backend.services.credentials.changes import before_change, note_change
from backend.services.sign_in.passkeys import (
    MOST_TEXT,
    UNREADABLE,
    Site,
    new_ceremony,
    use_ceremony,
)
from backend.services.sign_in.present import present
from backend.services.space import advance
from backend.storage.accounts import Account, Passkey
from backend.storage.db import AsyncSession, utcnow

SITE_NAME = "Repères"
AT_MOST = 10
FAILED = "Votre clé d’accès n’a pas pu être ajoutée. Réessayez."


class Listed(Struct, frozen=True):
    """One passkey, as its holder sees it."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


async def list_passkeys(db: AsyncSession, actor: Patient) -> tuple[Listed, ...]:
    """The oldest first."""
    rows = await _of(db, actor.id)
    return tuple(Listed(row.id, row.name, row.created_at, row.used_at) for row in rows)


async def offer_passkey(db: AsyncSession, site: Site, actor: Patient) -> str:
    """What the browser is asked to make, as JSON."""
    _, space, account = await present(db, actor)
    name = identifier_of(db, space.record, account) or SITE_NAME
    known = await _of(db, account.id)
    return options_to_json(
        generate_registration_options(
            rp_id=site.id,
            rp_name=SITE_NAME,
            user_id=account.id.bytes,
            user_name=name,
            user_display_name=name,
            challenge=await new_ceremony(db, actor),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(k.credential_id) for k in known],
        )
    )


async def add_passkey(
    db: AsyncSession, site: Site, actor: Patient, answer: str, *, name: str
) -> None:
    """Keep the passkey that the browser has made; Refused when it is not as it should be."""
    _, space, account = await present(db, actor)
    if len(await _of(db, account.id)) >= AT_MOST:
        raise Refused(f"Vous avez déjà {AT_MOST} clés d’accès. Retirez-en une d’abord.")
    passkey = await _verified(db, site, actor, account, answer)
    passkey.name = name
    before = await before_change(db, space)
    advance(db, actor, Action.CHANGE_CREDENTIAL, Event.CHANGE_CREDENTIAL, space)
    db.add(passkey)
    await note_change(db, space, Kind.PASSKEY_ADDED, before)


async def find_passkey(db: AsyncSession, actor: Patient, passkey_id: UUID) -> Listed:
    """One of them; NotFound when it is not theirs."""
    row = await _one(db, actor.id, passkey_id)
    return Listed(row.id, row.name, row.created_at, row.used_at)


async def rename_passkey(db: AsyncSession, actor: Patient, passkey_id: UUID, name: str) -> None:
    """Another name; NotFound when it is not theirs."""
    _, _, account = await present(db, actor)
    passkey = await _one(db, account.id, passkey_id)
    authorise(db, actor, Action.CHANGE_CREDENTIAL, account)
    passkey.name = name


async def remove_passkey(db: AsyncSession, actor: Patient, passkey_id: UUID) -> None:
    """It opens nothing any more; NotFound when it is not theirs."""
    _, space, account = await present(db, actor)
    passkey = await _one(db, account.id, passkey_id)
    before = await before_change(db, space)
    advance(db, actor, Action.CHANGE_CREDENTIAL, Event.CHANGE_CREDENTIAL, space)
    await db.delete(passkey)
    await note_change(db, space, Kind.PASSKEY_REMOVED, before)


async def _verified(
    db: AsyncSession, site: Site, actor: Patient, account: Account, answer: str
) -> Passkey:
    try:
        credential = parse_registration_credential_json(answer[:MOST_TEXT])
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
    except UNREADABLE as error:
        raise Refused(FAILED) from error
    if not await use_ceremony(db, challenge, actor):
        raise Refused(FAILED)
    return await _made(db, site, account, credential, challenge)


async def _made(
    db: AsyncSession,
    site: Site,
    account: Account,
    credential: RegistrationCredential,
    challenge: bytes,
) -> Passkey:
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise Refused(FAILED) from error
    taken = select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if await db.scalar(taken):
        raise Refused("Cette clé d’accès est déjà enregistrée.")
    return Passkey(
        id=uuid4(),
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        created_at=utcnow(),
    )


async def _of(db: AsyncSession, account_id: UUID) -> list[Passkey]:
    mine = select(Passkey).where(Passkey.account_id == account_id)
    return list(await db.scalars(mine.order_by(Passkey.created_at)))


async def _one(db: AsyncSession, account_id: UUID, passkey_id: UUID) -> Passkey:
    passkey = await db.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account_id:
        raise NotFound
    return passkey
