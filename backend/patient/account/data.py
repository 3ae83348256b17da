"""« Mes données »: everything, in one file, for a day."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.errors import Refused
from backend.services import exports
from backend.web import At, Db, Neighbours, Person, patient_page
from backend.web.about import about_this
from backend.web.fresh import step_up_first

PAGE = "/compte/donnees"


@get(PAGE, name="patient.account.data")
async def show(db: Db, actor: Person, at: At) -> Template:
    """What one may take away, and what is being made."""
    return await _page(db, actor, at)


@post(PAGE, name="patient.account.ask_data")
async def ask(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At
) -> Template | Redirect:
    """Have it made."""
    await step_up_first(db, actor, PAGE)
    await about_this(request, actor)
    try:
        refused = await exports.ask(db, actor, at)
    except Refused as refusal:
        return await _page(db, actor, at, refusal.message, status=422)
    if refused:
        shown = await _page(db, actor, at, refused.message, status=429)
        shown.headers["Retry-After"] = str(refused.retry_after)
        return shown
    return Redirect(PAGE, status_code=303)


@get("/compte/donnees/{export_id:uuid}/mes-donnees.zip", name="patient.account.take_data")
async def take(
    export_id: FromPath[UUID], db: Db, actor: Person, at: At, outside: Neighbours
) -> Response[bytes]:
    """The file, after a fresh proof."""
    await step_up_first(db, actor, PAGE)
    content = await exports.take(db, actor, at, outside.files, export_id)
    return Response(
        content,
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="mes-donnees.zip"'},
    )


async def _page(
    db: Db, actor: Person, at: At, message: str | None = None, *, status: int = 200
) -> Template:
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/account/data.html",
        exports=await exports.of(db, actor, at),
        message=message,
    )
    shown.status_code = status
    return shown


handlers = (show, ask, take)
