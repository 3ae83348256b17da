"""Who may release a withheld result besides the laboratory that deposited it.

Article R.1111-53 gives the announcement to a professional; the column « Lift INVISIBLE_PATIENT » of
the product notes, §3.2, says which: the médecin traitant, and another physician who is pertinent,
here the one who prescribed. No pharmacist, midwife or nurse; nobody in an emergency.
"""

from dataclasses import replace
from uuid import UUID

from backend.access.actors import Actor, Professional, Supposed
from backend.access.scopes.moments import Moment
from backend.domain.dispatches import Role
from backend.domain.habilitation import is_physician
from backend.domain.laboratory import Ability, can
from backend.storage.care import CareLink
from backend.storage.db import Traced
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document


def as_announcer(
    pro: Professional,
    document_id: UUID,
    link: CareLink | None,
    at: Moment,
    *,
    prescribed: bool,
    urgent: bool,
) -> Professional:
    """The same professional; one who may announce this document when these facts let them.

    `link` is what the document’s person decided about them, `prescribed` whether the report names
    them as its prescriber, `urgent` whether an emergency lets them in.
    """
    if urgent or link is None or link.professional_id != pro.id or not _follows(link, at):
        return pro
    pertinent = is_physician(pro.profession) and (prescribed or link.treating)
    works = not pro.roles or can(pro.roles, Ability.OPEN_RECORDS)
    if isinstance(pro, Supposed) or not (pertinent and works):
        return pro
    return replace(pro, announces=document_id)


def announcer(actor: Actor, thing: Traced | None) -> bool:
    """Who may announce a document, on it."""
    return isinstance(thing, Document) and _announces(actor, thing.id)


def announcer_of_the_copy(actor: Actor, thing: Traced | None) -> bool:
    """The same, on the copy that the document’s patient was to receive."""
    return (
        isinstance(thing, Dispatch)
        and thing.role is Role.PATIENT
        and _announces(actor, thing.document_id)
    )


def _announces(actor: Actor, document_id: UUID) -> bool:
    return isinstance(actor, Professional) and actor.announces == document_id


def _follows(link: CareLink, at: Moment) -> bool:
    """P7, P8; neither P2 nor P6."""
    if link.blocked or link.objected:
        return False
    if link.in_team:
        return link.informed
    return link.consent_until is not None and link.consent_until >= at.today
