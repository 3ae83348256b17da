"""A provisional code that came by post: one of the two proofs of a recovery (security.md §3.6)."""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes.newcomers import live_code
from backend.storage.accounts import ProvisionalCode
from backend.storage.db import AsyncSession, utcnow

TRYING = Robot("try-code")
ON_PAPER = ("letter", "desk")
"""What came by e-mail or SMS is no other proof than the code that comes there."""


async def take_a_try(db: AsyncSession, record_id: UUID) -> ProvisionalCode | None:
    """The live code of this record with one more try counted, before it is compared."""
    on_paper = ProvisionalCode.sent_by.in_(ON_PAPER)
    code = await db.scalar(live_code(record_id, utcnow()).where(on_paper))
    if code is not None:
        authorise(db, TRYING, Action.TRY_CODE, code)
        code.tries += 1
    return code


async def use_up(db: AsyncSession, code_id: UUID) -> bool:
    """Used, whoever proved what with it; False when it was used or replaced meanwhile."""
    code = await db.get_one(ProvisionalCode, code_id, with_for_update=True, populate_existing=True)
    if code.used_at or code.replaced_at:
        return False
    authorise(db, TRYING, Action.TRY_CODE, code)
    code.used_at = utcnow()
    return True
