"""Which client a certificate speaks for, and which reads for professionals: operators decide."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, func, select

from backend.access import Action, authorise
from backend.access.actors import Machine, Robot
from backend.domain.errors import Refused
from backend.gateways.certificates import Certificate
from backend.storage.db import AsyncSession, utcnow
from backend.storage.structures import MachineCertificate, MachineClient, ReadingToken, Structure

OPERATOR = Robot("operator")
PRINT = 16
"""Characters of a fingerprint that the journal keeps."""


class Bound(Struct, frozen=True):
    """A client, and one of its certificates if it has any."""

    client_id: str
    finess: str
    structure: str
    scopes: str
    proof: str
    """What it gets its tokens with: "secret", "2 keys"."""
    reads: bool
    revoked_at: datetime | None
    certificate: MachineCertificate | None


async def machine_of_certificate(db: AsyncSession, fingerprint: bytes) -> Machine | None:
    """The machine that this certificate speaks for, while it is bound and lasts."""
    client = await db.scalar(
        select(MachineClient)
        .join(MachineCertificate, MachineCertificate.client_id == MachineClient.id)
        .where(
            MachineCertificate.fingerprint == fingerprint,
            MachineCertificate.expires_at > utcnow(),
            MachineClient.disabled_at.is_(None),
        )
    )
    if client is None:
        return None
    return Machine(client.id, client.structure_id, frozenset(client.scopes.split()))


async def live_client(db: AsyncSession, client_id: str) -> MachineClient:
    """Held until the commit; Refused for an unknown or a revoked one."""
    query = select(MachineClient).where(MachineClient.client_id == client_id)
    client = await db.scalar(query.with_for_update())
    if client is None:
        raise Refused(f"No client is called {client_id}.")
    if client.disabled_at is not None:
        raise Refused(f"{client_id} was revoked on {client.disabled_at:%Y-%m-%d}.")
    return client


async def bind(
    db: AsyncSession, client_id: str, certificate: Certificate, *, by: Robot = OPERATOR
) -> None:
    """From now on this certificate speaks for this client; Refused when it speaks for another."""
    client = await live_client(db, client_id)
    if certificate.expires_at <= utcnow():
        raise Refused("This certificate has expired.")
    found = await db.get(MachineCertificate, certificate.fingerprint)
    if found is not None:
        if found.client_id != client.id:
            raise Refused("This certificate is bound to another client: unbind it first.")
        return
    authorise(db, by, Action.BIND_CERTIFICATE, None, reason=_short(certificate.fingerprint))
    db.add(
        MachineCertificate(
            fingerprint=certificate.fingerprint,
            client_id=client.id,
            subject=certificate.subject,
            expires_at=certificate.expires_at,
            bound_at=utcnow(),
        )
    )


async def unbind(db: AsyncSession, beginning: str) -> str:
    """The one certificate whose fingerprint begins so speaks for nobody any more; whose it was."""
    bound = [
        row.certificate
        for row in await listed(db)
        if row.certificate and row.certificate.fingerprint.hex().startswith(beginning.lower())
    ]
    if len(bound) != 1:
        raise Refused(f"{len(bound)} certificates begin with {beginning}: one is expected.")
    authorise(db, OPERATOR, Action.UNBIND_CERTIFICATE, None, reason=_short(bound[0].fingerprint))
    await db.delete(bound[0])
    return bound[0].subject


async def unbind_all(db: AsyncSession, client_id: UUID) -> None:
    """Those of this client speak for nobody any more: another one may have them."""
    query = select(MachineCertificate).where(MachineCertificate.client_id == client_id)
    for one in await db.scalars(query):
        authorise(db, OPERATOR, Action.UNBIND_CERTIFICATE, None, reason=_short(one.fingerprint))
        await db.delete(one)


async def lets_read(db: AsyncSession, client_id: str, psc_client_id: str) -> None:
    """From now on this client reads for those who signed in to it under that name; or for nobody.

    Refused for an unknown or a revoked client, or the name of another.
    """
    client = await live_client(db, client_id)
    named = select(MachineClient.id).where(
        MachineClient.psc_client_id == psc_client_id, MachineClient.id != client.id
    )
    if psc_client_id and await db.scalar(named):
        raise Refused("Pro Santé Connect calls another client so.")
    if psc_client_id and not (client.jwks or {}).get("keys"):
        raise Refused("This client has no key: it must prove itself by private_key_jwt.")
    said = "reads" if psc_client_id else "reads for nobody"
    authorise(db, OPERATOR, Action.BIND_CERTIFICATE, None, reason=said)
    client.psc_client_id = psc_client_id or None
    await db.execute(delete(ReadingToken).where(ReadingToken.client_id == client.id))


async def listed(db: AsyncSession) -> Sequence[Bound]:
    """Every client with each of its certificates."""
    rows = await db.execute(
        select(MachineClient, Structure, MachineCertificate)
        .join(Structure, Structure.id == MachineClient.structure_id)
        .outerjoin(MachineCertificate, MachineCertificate.client_id == MachineClient.id)
        .order_by(MachineClient.client_id, MachineCertificate.bound_at)
    )
    return [
        Bound(
            client.client_id,
            place.finess,
            place.name,
            client.scopes,
            _proof(client),
            reads=client.psc_client_id is not None,
            revoked_at=client.disabled_at,
            certificate=held,
        )
        for client, place, held in rows
    ]


async def count_expiring(db: AsyncSession, by: datetime) -> int:
    """Clients that have certificates, of which none will be left then."""
    last = (
        select(MachineCertificate.client_id)
        .group_by(MachineCertificate.client_id)
        .having(func.max(MachineCertificate.expires_at) < by)
    )
    return await db.scalar(select(func.count()).select_from(last.subquery())) or 0


def _proof(client: MachineClient) -> str:
    keys = (client.jwks or {}).get("keys")
    count = len(keys) if isinstance(keys, list) else 0
    return f"{count} key{'s' if count > 1 else ''}" if count else "secret"


def _short(fingerprint: bytes) -> str:
    return fingerprint.hex()[:PRINT]
