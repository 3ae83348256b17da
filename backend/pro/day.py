"""What is said of somebody in the list of the day: expected at an hour, or not there any more."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.errors import Refused
from backend.pro.file_page import PATH, file_page
from backend.services.identification import day
from backend.web import At, Db, Staff
from backend.web.forms import Draft, read_ids

AnyRequest = Request[Any, Any, Any]
TODAY = f"{PATH}#jour"


@post("/patients/{file_id:uuid}/attendu", name="pro.day.expect")
async def expect(
    file_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """« Attendu aujourd’hui », and at what hour."""
    draft = Draft(dict(await request.form()), fields=("heure",))
    try:
        await day.expect(db, actor, at, file_id, draft.typed["heure"])
    except Refused as refusal:
        return await file_page(
            db, actor, at, file_id, form=draft, message=refusal.message, status=422
        )
    return Redirect(TODAY, status_code=303)


@post("/patients/retirer", name="pro.day.leave")
async def leave(request: AnyRequest, db: Db, actor: Staff) -> Redirect:
    """Off the list of today; the button says who."""
    draft = Draft(dict(await request.form()), fields=("dossier",))
    for file_id in read_ids([draft.typed["dossier"]]):
        await day.leave(db, actor, file_id)
    return Redirect(TODAY, status_code=303)


router = Router("/", route_handlers=[expect, leave])
