"""« Ce document n’est pas à moi »: put away at once, for its laboratory to answer.

From the commit on it is for its author alone, whoever reads this record. The laboratory answers
in its register of anomalies (`identification/misfilings.py`), or by the messages that it has: a
withdrawal when the patient is right, a replacement in the same record when the report is theirs.
"""

from uuid import UUID, uuid4

from backend.access import Action, Actor, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, misfilings_of
from backend.domain.errors import NotFound
from backend.domain.misfilings import MisfilingState
from backend.services import limits
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession, utcnow
from backend.storage.documents import Document, DocumentStatus, Misfiling


async def disown(
    db: AsyncSession, actor: Patient, at: Moment, document_id: UUID
) -> Rejected | None:
    """Nobody but its author sees it any more; NotFound when the person may not know it."""
    query = documents_for(actor, at).where(Document.id == document_id).with_for_update(of=Document)
    document = await db.scalar(query, execution_options={"populate_existing": True})
    if document is None or document.structure_id is None:
        raise NotFound
    if wait := await limits.hit(db, "misfiling", str(actor.id)):
        return too_often(wait)
    authorise(db, actor, Action.DISOWN_DOCUMENT, document)
    document.status = DocumentStatus.QUARANTINED
    db.add(
        Misfiling(
            id=uuid4(),
            record_id=document.record_id,
            document_id=document.id,
            structure_id=document.structure_id,
            version_id=document.version_id,
            account_id=actor.id,
            state=MisfilingState.OPEN,
            at=at.now,
        )
    )
    return None


async def answer(db: AsyncSession, actor: Actor, document: Document, state: MisfilingState) -> None:
    """What the laboratory’s message says of a document that was put away. Nothing of any other."""
    if document.status is not DocumentStatus.QUARANTINED:
        return
    document.status = DocumentStatus.CURRENT
    said = misfilings_of(actor).where(
        Misfiling.document_id == document.id, Misfiling.record_id == document.record_id
    )
    for misfiling in await db.scalars(said.with_for_update()):
        misfiling.state, misfiling.closed_at = state, utcnow()
