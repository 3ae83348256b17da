"""Where a page goes on: sealed for one professional; an address says nothing of anybody."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

import msgspec
from msgspec import Struct

from backend.access.actors import Professional
from backend.domain.formats.mhd import FhirError
from backend.domain.formats.pdsm import Kind, Search
from backend.services.listing import Place
from backend.storage.db import AsyncSession, vault_of
from backend.storage.vault import Tampered

LONGEST = 6000


class Following(Struct, frozen=True):
    """The same question, after that document."""

    kind: Kind
    record_id: UUID
    search: Search
    after: Place


def keep(db: AsyncSession, pro: Professional, following: Following) -> str:
    """For an address."""
    sealed = vault_of(db).seal("fhir-page", msgspec.json.encode(following), pro.id)
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def resume(db: AsyncSession, pro: Professional, kind: Kind, text: str) -> Following:
    """What was kept for this professional; FhirError for anything else."""
    short = text[:LONGEST]
    try:
        sealed = urlsafe_b64decode(short + "=" * (-len(short) % 4))
        kept = vault_of(db).unseal("fhir-page", sealed, pro.id)
        following = msgspec.json.decode(kept, type=Following)
    except (Tampered, Error, ValueError) as error:
        raise FhirError("value", "Cette page suivante n’existe pas.") from error
    if following.kind is not kind:
        raise FhirError("value", "Cette page suivante n’existe pas.")
    return following
