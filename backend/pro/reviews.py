"""`/pro/urgences`: what a laboratory looks at afterwards, and what it found."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.domain.emergency import Purpose
from backend.domain.errors import Refused
from backend.domain.pace import Span
from backend.pro.frame import pro_page
from backend.services import reviewing
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/urgences"
FIELDS = ("commentaire",)
MOST_PAGES = 1_000
PURPOSES = {
    Purpose.ANY: "Personne en danger, qui ne peut pas dire ce qu’elle veut",
    Purpose.SAMU: "Régulation du Samu – Centre 15",
}
SPANS = {Span.HOUR: "une heure", Span.DAY: "un jour"}
AnyRequest = Request[Any, Any, Any]


@get("/urgences", name="pro.reviews.index")
async def index(db: Db, actor: Staff, at: At, page: FromQuery[int] = 1) -> Template:
    """Those that wait first, then those that were looked at."""
    return await _page(db, actor, at, Draft(fields=FIELDS), number=page)


@post("/urgences/{emergency_id:uuid}", name="pro.reviews.review")
async def review(
    emergency_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Staff,
    at: At,
    page: FromQuery[int] = 1,
) -> Template | Redirect:
    """An emergency was looked at."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    try:
        await reviewing.review_emergency(db, actor, at, emergency_id, draft.typed["commentaire"])
    except Refused as refusal:
        return await _page(db, actor, at, draft, refusal.message, about=emergency_id, number=page)
    return Redirect(PAGE, status_code=303)


@post("/urgences/alertes/{alert_id:uuid}", name="pro.reviews.review_alert")
async def review_alert(
    alert_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Staff,
    at: At,
    page: FromQuery[int] = 1,
) -> Template | Redirect:
    """An alert was looked at."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    try:
        await reviewing.review_alert(db, actor, at, alert_id, draft.typed["commentaire"])
    except Refused as refusal:
        return await _page(db, actor, at, draft, refusal.message, about=alert_id, number=page)
    return Redirect(PAGE, status_code=303)


async def _page(
    db: Db,
    actor: Staff,
    at: At,
    draft: Draft,
    message: str = "",
    *,
    about: UUID | None = None,
    number: int,
) -> Template:
    number = min(max(number, 1), MOST_PAGES)
    emergencies, more = await reviewing.emergencies(db, actor, number)
    alerts, more_alerts = await reviewing.alerts(db, actor, number)
    return await pro_page(
        db,
        actor,
        at,
        "pro/reviews/index.html",
        422 if message else 200,
        section="reviews",
        emergencies=emergencies,
        alerts=alerts,
        number=number,
        more=more or more_alerts,
        purposes=PURPOSES,
        spans=SPANS,
        form=draft,
        message=message,
        about=about,
    )


router = Router("/", route_handlers=[index, review, review_alert])
