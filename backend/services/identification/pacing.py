"""How fast one professional may look for people: as a desk works, not as a copier of identities."""

from backend.access.actors import Professional
from backend.services import limits
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession

SEARCH, INSI = "desk-search", "insi-ask"


async def pace(db: AsyncSession, actor: Professional, what: str) -> Rejected | None:
    """Count one look before anything is read; Rejected when the hour or the day had enough."""
    subject = str(actor.id)
    wait = await limits.hit(db, what, subject) or await limits.hit(db, f"{what}-day", subject)
    return too_often(wait) if wait else None
