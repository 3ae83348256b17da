"""The whole store checks itself: rows, sealed files, promises and journal agree with each other.

It reads one moment of the database in a transaction that can write nothing, a batch at a time,
while others go on writing: files are safe before the rows that name them, so what is committed
later is not missed and what is being written is not mistaken for damage.
"""

from datetime import datetime

from backend.gateways.files import Files
from backend.services import journal
from backend.services.soundness.announcements import read_announcements
from backend.services.soundness.contents import read_contents
from backend.services.soundness.conversations import read_conversations
from backend.services.soundness.desk import read_files
from backend.services.soundness.dispatches import read_dispatches
from backend.services.soundness.leftovers import read_leftovers
from backend.services.soundness.links import read_links
from backend.services.soundness.measures import read_measures
from backend.services.soundness.profiles import read_profiles
from backend.services.soundness.promises import read_promises
from backend.services.soundness.records import read_folders, read_records
from backend.services.soundness.telling import read_telling
from backend.services.soundness.verdict import Broken, Fault, Soundness, Tally
from backend.storage.db import Sessions
from backend.storage.inventory import freeze

__all__ = ["Broken", "Fault", "Soundness", "check"]


async def check(
    sessions: Sessions, files: Files, *, now: datetime, remove_leftovers: bool = False
) -> Soundness:
    """Read everything again. Leftovers are removed when asked for, those of more than a day."""
    tally = Tally()
    async with sessions() as db:
        await freeze(db)
        await read_links(db, tally)
        await read_records(db, tally)
        await read_folders(db, tally)
        await read_contents(db, files, tally)
        await read_profiles(db, tally)
        await read_measures(db, tally)
        await read_dispatches(db, tally)
        await read_conversations(db, files, tally)
        await read_announcements(db, tally)
        await read_files(db, tally)
        await read_telling(db, tally)
        await read_promises(db, tally)
        found = await journal.verify(db)
        tally.counts["journal lines"] += found.lines
        for broken in found.broken:
            tally.add(Fault.JOURNAL_BROKEN, broken.lane)
        tally.faults += found.faults - len(found.broken)
        await read_leftovers(db, files, tally, now=now, remove=remove_leftovers)
    return tally.soundness()
