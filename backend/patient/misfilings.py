"""« Ce document n’est pas à moi »: asked once more, then done at once."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.services import masking, misfilings
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this

AnyRequest = Request[Any, Any, Any]


@get("/{document_id:uuid}/pas-a-moi", name="patient.misfilings.ask")
async def ask(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """It is unusual, and only the laboratory can undo it."""
    line = await masking.look(db, actor, at, document_id)
    return await patient_page(db, actor, at, "patient/misfilings/ask.html", line=line, message="")


@post("/{document_id:uuid}/pas-a-moi", name="patient.misfilings.disown")
async def disown(
    document_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    await about_this(request, actor)
    line = await masking.look(db, actor, at, document_id)
    if refused := await misfilings.disown(db, actor, at, document_id):
        template = "patient/misfilings/ask.html"
        screen = await patient_page(db, actor, at, template, line=line, message=refused.message)
        screen.status_code = 429
        return screen
    return Redirect("/documents/signale", status_code=303)


@get("/signale", name="patient.misfilings.done")
async def done(db: Db, actor: Person, at: At) -> Template:
    """What happens next, in words that say nothing of the document."""
    return await patient_page(db, actor, at, "patient/misfilings/done.html")


router = Router("/documents", route_handlers=[ask, disown, done], opt={"door": HOLDERS})
