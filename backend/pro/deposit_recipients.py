"""« 3. Destinataires »: looked for and added; what else was typed stays on the page."""

from uuid import UUID

from litestar.datastructures import FormMultiDict
from litestar.response import Template

from backend.domain.dispatches.listed import read_asked
from backend.domain.errors import Refused, Unavailable
from backend.pro.deposit_forms import FIELDS, TOWN, WHO, ticked
from backend.pro.deposit_pages import Again, Searched, draft_page
from backend.services import handing
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft

GESTURE, ADD = "geste", "ajouter"
ADDED, NOBODY = "Ajouté à l’envoi.", "Personne à ce nom dans l’Annuaire Santé."
DOWN = "L’Annuaire Santé ne répond pas. Déposez sans lui, ou écrivez l’adresse MSSanté plus bas."


async def recipients_page(
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
    *,
    of: tuple[UUID, UUID],
    form: FormMultiDict,
) -> Template:
    """The page again, with who was found, who was added, or why not."""
    typed, to = Draft(dict(form), fields=FIELDS), ticked(form.getall("vers", []))
    what, _, number = str(form[GESTURE]).partition(":")
    try:
        searched = Searched(said=ADDED)
        if what == ADD:
            await handing.add_copy(db, actor, at, outside, of, national_id=number)
            to |= {number}
            typed.typed[WHO] = typed.typed[TOWN] = ""
        else:
            searched = await _look_for(db, actor, at, outside, of[0], typed)
    except Refused as refusal:
        typed.errors[WHO], searched = refusal.message, Searched()
    except Unavailable:
        searched = Searched(said=DOWN)
    shown = await handing.examine(db, actor, at, of[0], draft_id=of[1])
    return await draft_page(db, actor, at, of[0], shown, Again(typed, to, searched=searched))


async def _look_for(
    db: Db, actor: Staff, at: At, outside: Neighbours, file_id: UUID, typed: Draft
) -> Searched:
    asked = read_asked(typed.typed[WHO], typed.typed[TOWN])
    found = await handing.look_for(db, actor, at, outside, file_id, asked=asked)
    return Searched(tuple(found), "" if found else NOBODY)
