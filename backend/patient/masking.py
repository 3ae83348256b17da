"""« Qui peut le voir »: one document or all of them, shown to professionals or masked."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.domain.errors import Refused
from backend.services import caregiving, masking
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.fresh import step_up_first

ALL = "/compte/visibilite"
CHOICE = "choix"
MASKED = {"masquer": True, "montrer": False}
AnyRequest = Request[Any, Any, Any]


@get("/documents/{document_id:uuid}/visibilite", name="patient.masking.show")
async def show(
    document_id: FromPath[UUID], db: Db, actor: Person, at: At, fait: FromQuery[str] = ""
) -> Template:
    """Who sees this document now, and the one button that changes it."""
    line = await masking.look(db, actor, at, document_id)
    return await patient_page(
        db,
        actor,
        at,
        "patient/documents/visibility.html",
        line=line,
        helped=await caregiving.is_helped(db, actor, at),
        done=bool(fait),
        all_masked=await masking.masks_all(db, actor, at),
        treating=at.policy.masked_visible_to_treating_physician,
    )


@post("/documents/{document_id:uuid}/visibilite", name="patient.masking.change")
async def change(
    document_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    """Done at once, undone by the same button; showing again asks who is there."""
    path = f"/documents/{document_id}/visibilite"
    masked = await _choice(request)
    if not masked:
        await step_up_first(db, actor, path)
    await about_this(request, actor)
    await masking.mask(db, actor, at, document_id, masked=masked)
    return Redirect(f"{path}?fait=oui", status_code=303)


@get(ALL, name="patient.masking.show_all")
async def show_all(db: Db, actor: Person, at: At, fait: FromQuery[str] = "") -> Template:
    """Who sees the record, and the one button that changes it."""
    return await patient_page(
        db,
        actor,
        at,
        "patient/account/visibility.html",
        done=bool(fait),
        all_masked=await masking.masks_all(db, actor, at),
        treating=at.policy.masked_visible_to_treating_physician,
    )


@post(ALL, name="patient.masking.change_all")
async def change_all(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Everything, what comes included."""
    masked = await _choice(request)
    if not masked:
        await step_up_first(db, actor, ALL)
    await about_this(request, actor)
    await masking.mask_all(db, actor, at, masked=masked)
    return Redirect(f"{ALL}?fait=oui", status_code=303)


async def _choice(request: AnyRequest) -> bool:
    sent = str((await request.form()).get(CHOICE, ""))
    if sent not in MASKED:
        raise Refused("Choisissez de masquer ou de montrer.")
    return MASKED[sent]


router = Router("/", route_handlers=[show, change, show_all, change_all], opt={"door": HOLDERS})
