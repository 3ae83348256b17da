"""What somebody is told whom a patient does not let in: one sentence, and nothing of the record."""

from uuid import UUID

from backend.access import Action, Denied
from backend.access.actors import Professional
from backend.access.scopes.care import person_at_the_door
from backend.storage.db import AsyncSession
from backend.storage.records import traits_of

WHO = {"F": "Cette patiente", "M": "Ce patient"}


class KeptOut(Denied):
    """The patient does not let them in, or no longer."""

    title = "Accès non autorisé"

    def __init__(self, action: Action, record_id: UUID, reason: str, sex: str) -> None:
        super().__init__(action, record_id, None)
        self.reason = reason
        self.message = f"{WHO.get(sex, 'Cette personne')} n’autorise pas l’accès."


async def kept_out_of(
    db: AsyncSession,
    pro: Professional,
    record_id: UUID,
    why: str,
    *,
    action: Action = Action.CONSULT,
) -> KeptOut:
    """To raise; `why` is for the journal."""
    found = (await db.execute(person_at_the_door(pro, record_id))).one_or_none()
    return KeptOut(action, record_id, why, traits_of(db, *found).sex if found else "")
