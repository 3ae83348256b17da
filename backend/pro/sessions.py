"""`/pro/sessions`: the browsers where a professional is signed in, and their end."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.response import Redirect, Template

from backend.pro.frame import pro_page
from backend.services import pro_sign_in
from backend.web import At, Db, Staff
from backend.web.forms import read_ids

PAGE = "/pro/sessions"


@get("/sessions", name="pro.sessions.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """Each of them, this one first told apart."""
    found = await pro_sign_in.open_sessions(db, actor)
    return await pro_page(
        db, actor, at, "pro/sessions/index.html", section="sessions", browsers=found
    )


@post("/sessions", name="pro.sessions.end")
async def end(request: Request[Any, Any, Any], db: Db, actor: Staff) -> Redirect:
    """Another one leaves."""
    for id_ in read_ids([str((await request.form()).get("id", ""))]):
        await pro_sign_in.end_one(db, actor, id_)
    return Redirect(PAGE, status_code=303)


router = Router("/", route_handlers=[index, end])
