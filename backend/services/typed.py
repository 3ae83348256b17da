"""What was typed before a proof was asked for: sealed, for the same session on its way back.

It travels in an address: nobody else reads it there, and neither does this session once it looks
at another record.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping, Sequence

import msgspec

from backend.access.actors import Patient
from backend.storage.db import AsyncSession, vault_of
from backend.storage.vault import Tampered

PURPOSE = "typed"
Fields = dict[str, list[str]]


def seal_typed(db: AsyncSession, actor: Patient, typed: Mapping[str, Sequence[str]]) -> str:
    """Every field, for an address."""
    content = msgspec.json.encode({name: list(values) for name, values in typed.items()})
    sealed = vault_of(db).seal(PURPOSE, content, actor.session_id, actor.record_id)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def typed_before(db: AsyncSession, actor: Patient, hidden: str) -> Fields:
    """The fields again; none when another session or another record sealed them, or nobody."""
    try:
        sealed = urlsafe_b64decode(hidden + "=" * (-len(hidden) % 4))
        content = vault_of(db).unseal(PURPOSE, sealed, actor.session_id, actor.record_id)
    except (Error, ValueError, Tampered):
        return {}
    return msgspec.json.decode(content, type=Fields)
