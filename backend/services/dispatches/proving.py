"""The proof of what was sent and received: as data for a program, as facts for a paper."""

from typing import Any
from uuid import UUID

from backend.access.actors import Professional
from backend.access.scopes.dispatches import receipts_of
from backend.domain.errors import NotFound
from backend.services.dispatches.overseeing import Followed, find, follow
from backend.services.dispatches.stories import as_data
from backend.services.proofs import Deposited, deposit_of
from backend.storage.db import AsyncSession
from backend.storage.documents import Receipt


def proof_of(found: Followed) -> dict[str, Any]:
    """One dispatch as data, without whose report it is nor what it says."""
    return {
        "envoi": str(found.line.id),
        "destinataire": found.address,
        "document_sha256": found.sha256,
        "message_id": found.message_id,
        "depose_le": found.deposited_at.isoformat(),
        "etat": found.line.state.value,
        "evenements": [as_data(one) for one in found.story],
    }


async def prove(
    db: AsyncSession, actor: Professional, dispatch_id: UUID
) -> tuple[Followed, Deposited]:
    """One dispatch as its page has it, and the deposit that it carries."""
    found = await follow(db, actor, dispatch_id)
    _dispatch, version, record, _identity = await find(db, actor, dispatch_id)
    given = receipts_of(actor).where(Receipt.version_id == version.id)
    receipt = (await db.scalars(given.order_by(Receipt.at).limit(1))).first()
    if receipt is None:
        raise NotFound
    line, about = found.line, (receipt, version, record)
    return found, await deposit_of(db, actor, about, patient=line.patient, title=line.title)
