"""Who else receives a draft: found in the Annuaire Santé, kept with it."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.domain.deposits import Recipient
from backend.domain.dispatches.destinations import with_copy
from backend.domain.dispatches.listed import Asked, address_of, by_number, in_town
from backend.domain.errors import Refused
from backend.domain.reports import Person
from backend.gateways.outside import Outside
from backend.services import limits, pro_sign_in
from backend.services.handing.drafts import admit, find
from backend.services.sign_in.refusals import too_often
from backend.storage.db import Sessions
from backend.storage.drafts import about_draft, reseal_about

GONE = "Cette personne n’a pas d’adresse MSSanté connue : elle ne peut pas être ajoutée."


class Proposed(Struct, frozen=True):
    """Somebody whom the directory knows; without an address, nothing can be sent to them."""

    person: Person
    town: str
    address: str


async def look_for(
    sessions: Sessions,
    actor: Professional,
    at: Moment,
    outside: Outside,
    file_id: UUID,
    *,
    asked: Asked,
) -> list[Proposed]:
    """Those who answer to it; Refused, or Unavailable when the directory is down.

    No transaction waits for it, and to have asked counts, whatever comes of it.
    """
    async with sessions.begin() as db:
        await admit(db, actor, at, file_id, 0)
        wait = await limits.hit(db, "annuaire-search", str(actor.id))
    if wait:
        raise Refused(too_often(wait).message)
    found = await outside.annuaire.find(asked)
    domains = outside.mssante.domains
    return [
        Proposed(one.person, ", ".join(one.towns), address_of(one, domains))
        for one in in_town(found, asked.town)
    ]


async def add_copy(
    sessions: Sessions,
    actor: Professional,
    at: Moment,
    outside: Outside,
    of: tuple[UUID, UUID],
    *,
    national_id: str,
) -> None:
    """Of this number, at no other address than the directory’s own, asked again.

    `of`: the patient’s file, and the draft.
    """
    found = await look_for(sessions, actor, at, outside, of[0], asked=by_number(national_id))
    one = next((one for one in found if one.person.national_id == national_id), None)
    if one is None or not one.address:
        raise Refused(GONE)
    async with sessions.begin() as db:
        now = await pro_sign_in.present(db, actor)
        file, draft = await find(db, now, at, *of)
        about = about_draft(db, file, draft)
        copies = with_copy(about.copies, Recipient(one.person, one.address))
        authorise(db, now, Action.KEEP_DRAFT, file)
        reseal_about(db, file, draft, replace(about, copies=copies))
