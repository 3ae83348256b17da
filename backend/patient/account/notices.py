"""« Notifications »: what tells of a new document, when, and how discreetly."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.preferences import CHANNELS, Preferences
from backend.services import preferences
from backend.web import At, Db, Person, patient_page

PAGE = "/compte/notifications"


@get(PAGE, name="patient.account.notices")
async def show(db: Db, actor: Person, at: At, fait: FromQuery[str] = "") -> Template:
    """As it is."""
    return await _page(db, actor, at, await preferences.preferences_of(db, actor), saved=bool(fait))


@post(PAGE, name="patient.account.set_notices")
async def save(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At
) -> Template | Redirect:
    """As it shall be."""
    form = await request.form()
    chosen = replace(
        await preferences.preferences_of(db, actor),
        new_document=tuple(channel for channel in CHANNELS if form.get(channel)),
        quiet_night=bool(form.get("nuit")),
        discreet=bool(form.get("discret")),
    )
    try:
        await preferences.set_preferences(db, actor, chosen)
    except Refused as refusal:
        shown = await _page(db, actor, at, chosen, message=refusal.message)
        shown.status_code = 422
        return shown
    return Redirect(f"{PAGE}?fait=1", status_code=303)


async def _page(
    db: Db,
    actor: Person,
    at: At,
    chosen: Preferences,
    *,
    saved: bool = False,
    message: str | None = None,
) -> Template:
    by_email, by_sms = await preferences.reachable(db, actor)
    return await patient_page(
        db,
        actor,
        at,
        "patient/account/notices.html",
        chosen=chosen,
        by_email=by_email,
        by_sms=by_sms,
        saved=saved,
        message=message,
    )


handlers = (show, save)
