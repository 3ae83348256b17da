"""The files of laboratories’ desks: each key opens, and all that it seals."""

from msgspec import MsgspecError

from backend.services.soundness.verdict import Fault, Tally
from backend.storage import desk
from backend.storage.db import AsyncSession
from backend.storage.desk import DeskVisit, IdentityAnomaly, PatientFile
from backend.storage.drafts import DepositDraft, about_draft, content_of
from backend.storage.inventory import every, where_in
from backend.storage.vault import Tampered


async def read_files(db: AsyncSession, tally: Tally) -> None:
    """Traits, numbers of before, what people wanted, anomalies, drafts: a file is told once."""
    async for batch in every(db, PatientFile):
        ids = [file.id for file in batch]
        visits = await where_in(db, DeskVisit, DeskVisit.file_id, ids)
        lines = await where_in(db, IdentityAnomaly, IdentityAnomaly.file_id, ids)
        drafts = await where_in(db, DepositDraft, DepositDraft.file_id, ids)
        for file in batch:
            tally.counts["patient files"] += 1
            try:
                desk.traits_of(db, file)
                desk.former_of(db, file)
                for visit in (one for one in visits if one.file_id == file.id):
                    desk.choices_of(db, file, visit)
                for line in (one for one in lines if one.file_id == file.id):
                    desk.key_of(db, file).open_value(str, line.sealed_detail, line.id, "detail")
                for draft in (one for one in drafts if one.file_id == file.id):
                    about_draft(db, file, draft)
                    content_of(db, file, draft)
            except (Tampered, MsgspecError):
                tally.add(Fault.PATIENT_FILE_BROKEN, file.id)
