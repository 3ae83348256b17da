"""Clients of laboratories’ systems, and the structures that they deposit for: operators decide."""

import re
from secrets import token_urlsafe
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.scopes.teams import structures_by
from backend.domain.errors import Refused
from backend.domain.laboratory import read_finess, read_name
from backend.services.certificates import OPERATOR, live_client, unbind_all
from backend.services.machines import secret_mac
from backend.storage.db import AsyncSession, utcnow
from backend.storage.structures import MachineClient, MachineToken, ReadingToken, Structure

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{2,63}", re.ASCII)
Keys = dict[str, object]


class Created(Struct, frozen=True):
    """A client that may deposit from now on."""

    structure: str
    secret: str
    """To be shown once, for only its HMAC is kept; empty for who proves itself by a key."""
    newly: bool
    """The structure becomes a laboratory by it: its people come in once they are attached."""


async def add_structure(db: AsyncSession, finess: str, name: str, city: str) -> str:
    """Known from now on, before anybody comes in from it; Refused when it is. Its number."""
    row = {"finess": read_finess(finess), "name": read_name(name), "city": read_name(city)}
    made = insert(Structure).values(id=uuid4(), **row).on_conflict_do_nothing()
    if await db.scalar(made.returning(Structure.id)) is None:
        raise Refused(f"The structure {row['finess']} is known already.")
    authorise(db, OPERATOR, Action.CREATE_STRUCTURE, None, reason=row["finess"])
    return row["finess"]


async def create(
    db: AsyncSession, client_id: str, finess: str, *, keys: Keys | None = None
) -> Created:
    """A system deposits for this structure, by a secret of its own or by these public keys."""
    if not NAME.fullmatch(client_id):
        raise Refused("A client is called by 3 to 64 of a-z, 0-9, dot and hyphen: sgl-du-parc.")
    number = read_finess(finess)
    structure = await db.scalar(structures_by(frozenset({number})).with_for_update())
    if structure is None:
        raise Refused(f"No structure {number} is known: say `reperes structure` first.")
    secret = "" if keys else token_urlsafe(32)
    row = {
        "client_id": client_id,
        "structure_id": structure.id,
        "secret_mac": secret_mac(db, secret) if secret else None,
        "jwks": keys,
    }
    made = insert(MachineClient).values(id=uuid4(), **row).on_conflict_do_nothing()
    if await db.scalar(made.returning(MachineClient.id)) is None:
        raise Refused(f"A client is called {client_id} already.")
    newly, structure.laboratory = not structure.laboratory, True
    authorise(db, OPERATOR, Action.CREATE_MACHINE, None, reason=client_id)
    return Created(structure.name, secret, newly)


async def rotate(db: AsyncSession, client_id: str, *, keys: Keys | None = None) -> str:
    """Its new secret, or "" when `keys` take its place; what it had, and its tokens, end at once.

    Refused when it has keys and none is given: it would prove itself by less.
    """
    client = await live_client(db, client_id)
    if client.jwks and not keys:
        raise Refused("This client proves itself by a key: give its new ones with --keys.")
    secret = "" if keys else token_urlsafe(32)
    authorise(db, OPERATOR, Action.ROTATE_PROOF, None, reason=client_id)
    client.secret_mac, client.jwks = (secret_mac(db, secret) if secret else None), keys
    await _end_tokens(db, client.id)
    return secret


async def revoke(db: AsyncSession, client_id: str) -> None:
    """Nobody comes in under this name any more, by any door; what it deposited stays."""
    client = await live_client(db, client_id)
    authorise(db, OPERATOR, Action.REVOKE_MACHINE, None, reason=client_id)
    client.disabled_at = utcnow()
    await unbind_all(db, client.id)
    await _end_tokens(db, client.id)


async def _end_tokens(db: AsyncSession, client_id: UUID) -> None:
    for kind in (MachineToken, ReadingToken):
        await db.execute(delete(kind).where(kind.client_id == client_id))
