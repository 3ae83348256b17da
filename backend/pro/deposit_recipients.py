"""« 3. Destinataires »: looked for and added; what else was typed stays on the page."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.dispatches.listed import read_asked
from backend.domain.errors import NotFound, Refused, Unavailable
from backend.pro.deposit_forms import FIELDS, TOWN, WHO, ticked
from backend.pro.deposit_pages import PATH, Again, Searched, draft_page
from backend.services import handing
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft
from backend.web.shedding import ABROAD

AnyRequest = Request[Any, Any, Any]
GESTURE, ADD = "geste", "ajouter"
ADDED, NOBODY = "Ajouté à l’envoi.", "Personne à ce nom dans l’Annuaire Santé."
DOWN = "L’Annuaire Santé ne répond pas. Déposez sans lui, ou écrivez l’adresse MSSanté plus bas."


@post("/{file_id:uuid}/{draft_id:uuid}/destinataires", name="pro.deposits.recipients", lane=ABROAD)
async def recipients(
    file_id: FromPath[UUID],
    draft_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    """The page again, with who was found, who was added, or why not: the directory comes first."""
    again = await _ask(request, actor, at, outside, (file_id, draft_id))
    if number := await handing.already(db, actor, draft_id):
        return Redirect(f"{PATH}/recus/{number}", status_code=303)
    shown = await handing.examine(db, actor, at, file_id, draft_id=draft_id)
    return await draft_page(db, actor, at, file_id, shown, again)


@get("/{file_id:uuid}/{draft_id:uuid}/destinataires", name="pro.deposits.recipients_again")
async def page_of(
    file_id: FromPath[UUID],
    draft_id: FromPath[UUID],
    actor: Staff,  # noqa: ARG001 - to ask for them is to ask that they work here
) -> Redirect:
    """Its address, typed or kept: the page of the draft."""
    return Redirect(f"{PATH}/{file_id}/{draft_id}", status_code=303)


async def _ask(
    request: AnyRequest, actor: Staff, at: At, outside: Neighbours, of: tuple[UUID, UUID]
) -> Again:
    """What becomes of the gesture, while nothing of the database is held."""
    form = await request.form()
    typed, to = Draft(dict(form), fields=FIELDS), ticked(form.getall("vers", []))
    sessions = request.app.state.sessions
    what, _, number = str(form.get(GESTURE, "")).partition(":")
    searched = Searched(said=ADDED)
    try:
        if what == ADD:
            await handing.add_copy(sessions, actor, at, outside, of, national_id=number)
            to |= {number}
            typed.typed[WHO] = typed.typed[TOWN] = ""
        else:
            asked = read_asked(typed.typed[WHO], typed.typed[TOWN])
            found = await handing.look_for(sessions, actor, at, outside, of[0], asked=asked)
            searched = Searched(tuple(found), "" if found else NOBODY)
    except Refused as refusal:
        typed.errors[WHO], searched = refusal.message, Searched()
    except Unavailable:
        searched = Searched(said=DOWN)
    except NotFound:  # deposited meanwhile, or never theirs: said by the page
        searched = Searched()
    return Again(typed, to, searched=searched)


handlers = [recipients, page_of]
