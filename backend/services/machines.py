"""Laboratory systems: who they are, and the short-lived tokens they work with."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.actors import Machine
from backend.gateways.oauth import (
    Claims,
    OAuthError,
    TokenRequest,
    verify_assertion,
)
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of
from backend.storage.structures import MachineClient, MachineToken, UsedAssertion

SMART = {
    "system/DocumentReference.c": "deposit:bio",
    "system/DocumentReference.write": "deposit:bio",
}
"""SMART’s names, of its second and its first version, for scopes of ours."""
TOKEN_LIFE = timedelta(minutes=5)


async def issue_token(
    db: AsyncSession, request: TokenRequest, *, audience: str
) -> tuple[str, str, int]:
    """(access token, scope, seconds) for a client that proved itself, or OAuthError."""
    now = utcnow()
    client = await prove(db, request, audience=audience)
    scope = _granted(client, request.scope)
    token = token_urlsafe(32)
    db.add(
        MachineToken(
            token_hash=_hash(token), client_id=client.id, scope=scope, expires_at=now + TOKEN_LIFE
        )
    )
    await db.execute(delete(MachineToken).where(MachineToken.expires_at < now))
    authorise(db, _machine(client, scope), Action.ISSUE_TOKEN, None)
    return token, scope, int(TOKEN_LIFE.total_seconds())


async def prove(db: AsyncSession, request: TokenRequest, *, audience: str) -> MachineClient:
    """The client that asks, once its proof holds; or OAuthError."""
    query = select(MachineClient).where(MachineClient.client_id == request.client_id)
    # Held: a secret that an operator changes meanwhile proves nothing once that is committed.
    client = await db.scalar(query.with_for_update(read=True))
    if client is None or client.disabled_at is not None:
        raise OAuthError("invalid_client", "Client inconnu ou preuve invalide.", 401)
    await _check_proof(db, client, request, audience, utcnow())
    return client


async def machine_of(db: AsyncSession, token: str) -> Machine | None:
    """The machine that holds this token, while it is valid."""
    now = utcnow()
    found = (
        await db.execute(
            select(MachineClient, MachineToken.scope)
            .join(MachineToken, MachineToken.client_id == MachineClient.id)
            .where(
                MachineToken.token_hash == _hash(token),
                MachineToken.expires_at.between(now, now + TOKEN_LIFE + SKEW),
                MachineClient.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return _machine(*found) if found else None


def secret_mac(db: AsyncSession, secret: str) -> bytes:
    """What is stored of a client secret: secrets are random, so a keyed hash is enough."""
    return vault_of(db).mac("client-secret", secret.encode())


async def _check_proof(
    db: AsyncSession, client: MachineClient, request: TokenRequest, audience: str, now: datetime
) -> None:
    if request.assertion:
        claims = verify_assertion(
            request.assertion,
            client_id=client.client_id,
            jwks=client.jwks or {"keys": []},
            audience=audience,
            now=now,
        )
        await _use_once(db, client, claims, now)
        return
    given = secret_mac(db, request.secret or "")
    if client.secret_mac is None or not hmac.compare_digest(given, client.secret_mac):
        raise OAuthError("invalid_client", "Client inconnu ou preuve invalide.", 401)


async def _use_once(db: AsyncSession, client: MachineClient, claims: Claims, now: datetime) -> None:
    await db.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < now))
    taken = await db.execute(
        insert(UsedAssertion)
        .values(client_id=client.id, jti=claims.jti, expires_at=claims.exp)
        .on_conflict_do_nothing()
        .returning(UsedAssertion.jti)
    )
    if taken.scalar_one_or_none() is None:
        raise OAuthError("invalid_client", "Cette assertion a déjà servi.", 401)


def _granted(client: MachineClient, asked: str) -> str:
    ours = set(client.scopes.split())
    allowed = ours | {name for name, scope in SMART.items() if scope in ours}
    scopes = set(asked.split()) or ours
    if not scopes <= allowed:
        raise OAuthError("invalid_scope", "Portée non autorisée pour ce client.", 400)
    return " ".join(sorted(scopes))


def _machine(client: MachineClient, scope: str) -> Machine:
    granted = frozenset(scope.split())
    meant = frozenset(SMART[name] for name in granted & SMART.keys())
    return Machine(client.id, client.structure_id, granted | meant)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
