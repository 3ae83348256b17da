"""« À savoir »: what happened in the record on the screen."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS, PATIENTS
from backend.services import board
from backend.web import At, Db, Person, page, patient_page
from backend.web.about import about_this
from backend.web.htmx import wants_fragment

PAGE = "/notifications"


@get(PAGE, name="patient.notices.index", opt={"door": PATIENTS})
async def index(db: Db, actor: Person, at: At) -> Template:
    """The latest first; what has not been read stands out."""
    told = await board.board(db, actor, at)
    return await patient_page(
        db,
        actor,
        at,
        "patient/notices/index.html",
        told=told,
        news=any(one.unread for one in told),
        may_mark=board.may_mark(actor),
    )


@post(f"{PAGE}/lues", name="patient.notices.read", opt={"door": HOLDERS})
async def read(request: Request[Any, Any, Any], db: Db, actor: Person, at: At) -> Redirect:
    """All of them."""
    await about_this(request, actor)
    await board.mark_all(db, actor, at)
    return Redirect(PAGE, status_code=303)


@post(
    PAGE + "/{notice_id:uuid}", name="patient.notices.mark", opt={"door": HOLDERS}, status_code=200
)
async def mark(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At, notice_id: FromPath[UUID]
) -> Template | Redirect:
    """One, read or put away: its line alone where scripts run."""
    form = await request.form()
    await board.mark(db, actor, at, notice_id, put_away=form.get("geste") == "retirer")
    if not wants_fragment(request):
        return Redirect(PAGE, status_code=303)
    for one in await board.board(db, actor, at, only=notice_id):
        return page("patient/notices/_line.html", notice=one, may_mark=True, just=True)
    return page("patient/notices/_gone.html", id=notice_id)


router = Router("/", route_handlers=[index, read, mark])
