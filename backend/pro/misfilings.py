"""`/pro/anomalies/documents`: a document that its patient says is not theirs, and the answer."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.errors import Refused
from backend.domain.misfilings import MisfilingState, read_answer
from backend.pro.frame import pro_page
from backend.services.identification import misfilings
from backend.web import At, Db, Staff
from backend.web.forms import Draft

FIELDS = ("reponse",)
AnyRequest = Request[Any, Any, Any]


@get("/{misfiling_id:uuid}", name="pro.misfilings.show")
async def show(misfiling_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """Whose name is on it, and what may be answered."""
    return await _page(db, actor, at, misfiling_id)


@post("/{misfiling_id:uuid}", name="pro.misfilings.answer")
async def answer(
    misfiling_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """It is theirs, it is not, a second person says so too, or it is looked at again."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    try:
        said = read_answer(draft.typed["reponse"])
        await misfilings.answer(db, actor, at, misfiling_id, said)
    except Refused as refusal:
        return await _page(db, actor, at, misfiling_id, refusal.message, status=422)
    return Redirect(f"/pro/anomalies/documents/{misfiling_id}", status_code=303)


async def _page(
    db: Db,
    actor: Staff,
    at: At,
    misfiling_id: UUID,
    message: str | None = None,
    *,
    status: int = 200,
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/anomalies/misfiled.html",
        status,
        section="anomalies",
        one=await misfilings.open_misfiling(db, actor, misfiling_id),
        state=MisfilingState,
        form=Draft(fields=FIELDS),
        message=message,
    )


router = Router("/anomalies/documents", route_handlers=[show, answer])
