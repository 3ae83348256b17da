"""« Lecture simple »: larger words, one idea at a time. Kept in a cookie, and with the account."""

from typing import Any

from litestar import Request, post
from litestar.response import Redirect
from msgspec.structs import replace

from backend.access.actors import Patient
from backend.services import preferences
from backend.web import Config, Db, Me
from backend.web.cookies import READING, YEAR, end_cookie, make_cookie, safe_path


@post("/lecture", name="patient.account.reading")
async def switch(request: Request[Any, Any, Any], db: Db, actor: Me, config: Config) -> Redirect:
    """The same page, read the other way."""
    form = await request.form()
    simple = form.get("lecture") == "simple"
    if isinstance(actor, Patient):
        chosen = await preferences.preferences_of(db, actor)
        if chosen.simple != simple:
            await preferences.set_preferences(db, actor, replace(chosen, simple=simple))
    cookie = (
        make_cookie(config, READING, "simple", max_age=YEAR)
        if simple
        else end_cookie(config, READING)
    )
    return Redirect(safe_path(str(form.get("page", "/"))), status_code=303, cookies=[cookie])


handlers = (switch,)
