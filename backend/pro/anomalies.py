"""`/pro/anomalies`: the register of identity anomalies, and the same for a spreadsheet."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.anomalies import KINDS, STATES, AnomalyState
from backend.domain.errors import Refused
from backend.pro.frame import pro_page
from backend.services.identification import anomalies
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/anomalies"
FIELDS = ("motif",)
AnyRequest = Request[Any, Any, Any]


@get("/anomalies", name="pro.anomalies.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """What is still to be done, then what is closed."""
    return await _page(db, actor, at, Draft(fields=FIELDS))


@post("/anomalies/{anomaly_id:uuid}/prise-en-charge", name="pro.anomalies.treat")
async def treat(anomaly_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template | Redirect:
    """Somebody takes it."""
    try:
        await anomalies.treat(db, actor, at, anomaly_id)
    except Refused as refusal:
        return await _page(db, actor, at, Draft(fields=FIELDS), refusal.message, status=422)
    return Redirect(PAGE, status_code=303)


@post("/anomalies/{anomaly_id:uuid}/cloture", name="pro.anomalies.settle")
async def settle(
    anomaly_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """It is closed, with what was found."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    try:
        await anomalies.settle(db, actor, at, anomaly_id, draft.typed["motif"])
    except Refused as refusal:
        return await _page(db, actor, at, draft, refusal.message, about=anomaly_id, status=422)
    return Redirect(PAGE, status_code=303)


@get("/anomalies/registre.csv", name="pro.anomalies.export")
async def export(db: Db, actor: Staff) -> Response[bytes]:
    """All of it, for a spreadsheet; nobody keeps a copy on the way."""
    return Response(
        await anomalies.export_register(db, actor),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="registre-anomalies.csv"',
            "Cache-Control": "no-store",
        },
    )


async def _page(
    db: Db,
    actor: Staff,
    at: At,
    draft: Draft,
    message: str | None = None,
    *,
    about: UUID | None = None,
    status: int = 200,
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/anomalies/index.html",
        status,
        section="anomalies",
        lines=await anomalies.list_anomalies(db, actor),
        kinds=KINDS,
        states=STATES,
        state=AnomalyState,
        form=draft,
        message=message,
        about=about,
    )


router = Router("/", route_handlers=[index, treat, settle, export])
