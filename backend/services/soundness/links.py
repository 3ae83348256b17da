"""What a statement can see by itself: rows that point at each other, or that count each other."""

from backend.services.soundness.verdict import Fault, Tally
from backend.storage import announcements, inventory
from backend.storage.db import AsyncSession
from backend.storage.folders import PLACEMENT_ASTRAY

NOTHING = {
    Fault.CURRENT_MISSING: inventory.CURRENT_MISSING,
    Fault.CURRENT_SUPERSEDED: inventory.CURRENT_SUPERSEDED,
    Fault.NOT_SUPERSEDED: inventory.NOT_SUPERSEDED,
    Fault.NUMBER_ABOVE_CURRENT: inventory.NUMBER_ABOVE_CURRENT,
    Fault.VERSION_ASTRAY: inventory.VERSION_ASTRAY,
    Fault.FILE_ASTRAY: inventory.FILE_ASTRAY,
    Fault.HISTORY_BROKEN: inventory.HISTORY_BROKEN,
    Fault.HISTORY_DIFFERS: inventory.HISTORY_DIFFERS,
    Fault.WITHOUT_RECEIPT: inventory.WITHOUT_RECEIPT,
    Fault.TWO_RECEIPTS: inventory.TWO_RECEIPTS,
    Fault.WITHDRAWN_WITHOUT_RECEIPT: inventory.WITHDRAWN_WITHOUT_RECEIPT,
    Fault.RECEIPT_ASTRAY: inventory.RECEIPT_ASTRAY,
    Fault.PLACEMENT_ASTRAY: PLACEMENT_ASTRAY,
    Fault.NOTICE_ASTRAY: inventory.NOTICE_ASTRAY,
    Fault.ANNOUNCEMENT_ASTRAY: announcements.ASTRAY,
    Fault.ANNOUNCEMENT_MISSING: announcements.MISSING,
    Fault.NOT_IN_JOURNAL: inventory.NOT_IN_JOURNAL,
    Fault.CHANGE_LOST: inventory.CHANGE_LOST,
    Fault.DOCUMENT_LOST: inventory.DOCUMENT_LOST,
}
"""What each statement finds is a fault."""


async def read_links(db: AsyncSession, tally: Tally) -> None:
    """All of them, one after the other."""
    for fault, statement in NOTHING.items():
        async for id_ in inventory.ids(db, statement):
            tally.add(fault, id_)
