"""The announcement is made, or the law’s month is over: the result shows, and its people are told.

Flags, their history, the journal, the notices and what was held back: in one transaction.
"""

from datetime import datetime
from uuid import UUID

from backend.access import Action, Actor, authorise, may
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.announcements import announcements_for, with_what_waits
from backend.domain.announcements import Announced, check_announced
from backend.domain.errors import NotFound, Refused
from backend.domain.notices import Event
from backend.services import pro_sign_in
from backend.services.announcements.waiting import FRESH, end
from backend.services.dispatches import promise_held
from backend.services.filing import Filing, note_visibility
from backend.services.notices import announce
from backend.storage.announcements import Announcement, held_of, seal_outcome
from backend.storage.bulk import insert_all
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import Document
from backend.storage.records import Record, key_of

ALREADY = "Ce résultat est déjà visible pour son patient : quelqu’un l’a rendu visible avant vous."


async def release(
    db: AsyncSession, actor: Professional, at: Moment, announcement_id: UUID, made: Announced
) -> None:
    """« Annonce faite »: it shows from now on. Refused when somebody was first."""
    now = await pro_sign_in.present(db, actor)
    query = with_what_waits(announcements_for(now).where(Announcement.id == announcement_id))
    found = (await db.execute(query.with_for_update(of=Document), execution_options=FRESH)).first()
    if found is None:
        raise NotFound
    _wait, document, _version, record, _identity = found
    await release_held(db, now, at, (document, record), made)


async def release_held(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    of: tuple[Document, Record],
    made: Announced,
) -> None:
    """The same of a document that is locked already; Denied to whoever may not."""
    document, record = of
    if may(actor, Action.RELEASE_DOCUMENT, document):
        if not document.withheld or document.withheld_on is None:
            raise Refused(ALREADY)
        check_announced(made.on, document.withheld_on, at.today)
    authorise(db, actor, Action.RELEASE_DOCUMENT, document)
    wait = await show(db, actor, document, record, utcnow())
    if wait is None:
        raise NotFound
    wait.done_by = actor.id
    wait.sealed_outcome = seal_outcome(key_of(db, record), wait.id, made)


async def show(
    db: AsyncSession, actor: Actor, document: Document, record: Record, now: datetime
) -> Announcement | None:
    """It shows, as if it had just come; None when nothing waited. The caller authorised it."""
    wait = await end(db, document, now)
    filing, key = Filing(), key_of(db, record)
    document.withheld = False
    document.deposited_at = now
    document.visibility_number += 1
    note_visibility(filing, vault_of(db), actor, document, now)
    await announce(db, record_id=document.record_id, event=Event.NEW, at=now, document=document)
    held = held_of(key, wait) if wait else None
    if wait and held:
        filing.rows += promise_held(db, actor, document, key, held, client_id=wait.client_id)
    await insert_all(db, filing.rows)
    return wait
