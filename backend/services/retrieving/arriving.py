"""Into a record by an INS, as on `/pro/dossiers`: the same rules, the same lines of the journal."""

from uuid import UUID

from msgspec import Struct

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.domain.errors import NotFound, Refused
from backend.domain.formats.mhd import FhirError
from backend.domain.ins import check_matricule
from backend.services import consultation, threshold
from backend.services.documents import Visit
from backend.services.sign_in.refusals import Rejected
from backend.storage.db import AsyncSession


class Closed(Struct, frozen=True):
    """Nobody’s record, one that is not open, or whose person does not let them in: all the same."""


async def come_in(
    db: AsyncSession, pro: Professional, at: Moment, oid: str, matricule: str
) -> Visit | Closed | Rejected:
    """A visit, or why there is none; what was refused is in the journal, and stays there."""
    try:
        check_matricule(matricule, oid)
    except Refused as refusal:
        raise FhirError("value", refusal.message) from refusal
    try:
        found = await threshold.find(db, pro, oid, matricule)
    except Refused:
        return Closed()
    return found if isinstance(found, Rejected) else await here(db, pro, at, found)


async def here(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> Visit | Closed:
    """The visit that goes on or begins: nobody comes in who may not open the record on a screen."""
    threshold.check(pro, record_id)
    try:
        return await consultation.enter(db, pro, at, record_id) or Closed()
    except NotFound:
        return Closed()
