"""The journal checks itself: every line, every lane, every checkpoint.

A lane is a chain of MACs closed by its head, so a line that was edited, removed, added or moved
shows. A lane cut back to an older head, or removed whole, shows because checkpoints remember
where each lane stood and are chained themselves. The last checkpoint has to be kept elsewhere
too: nothing here can tell that it is missing.
"""

from backend.services.journal.checkpoints import checkpoint, read_checkpoints
from backend.services.journal.lanes import read_lanes
from backend.services.journal.verdict import Broken, Fault, Tally, Verification
from backend.storage.db import AsyncSession

__all__ = ["Broken", "Fault", "Verification", "checkpoint", "verify"]


async def verify(db: AsyncSession) -> Verification:
    """Read the whole journal again, a batch at a time, while others go on writing."""
    tally = Tally()
    await read_lanes(db, tally)
    await read_checkpoints(db, tally)
    return tally.verification()
