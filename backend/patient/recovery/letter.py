"""Nothing is left but a letter of the help desk: proved as an activation is, then new means."""

from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from backend.domain.activation import Purpose
from backend.domain.errors import Refused
from backend.domain.sign_in import read_typed_password
from backend.patient.activation.common import (
    RETURN,
    WAY,
    AnyRequest,
    on_the_way,
    step_page,
    token_of,
    way_of,
)
from backend.services import enrolment
from backend.settings import Settings
from backend.web import Config, Db, Neighbours, page
from backend.web.cookies import SESSION, end_cookie
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS

PASSWORD = "mot_de_passe"  # noqa: S105 - the name of a field


@get("/retrouver/courrier", name="patient.recovery.letter")
async def letter() -> Template:
    """What one needs."""
    return page("patient/recovery/letter.html")


@post("/retrouver/courrier", name="patient.recovery.begin_letter")
async def begin_letter(db: Db, config: Config) -> Redirect:
    """The same three questions as for activating."""
    token = await enrolment.begin(db, Purpose.RETURN)
    return on_the_way(config, "/activer/question/code", token)


@get(RETURN, name="patient.recovery.return")
async def choose(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """The field for the new password, once the channels are proved."""
    if not enrolment.may_choose_password(await way_of(request, db)):
        return _over(config)
    return _page(_draft())


@post(RETURN, name="patient.recovery.finish_return", lane=PASSWORDS)
async def finish_return(
    request: AnyRequest, config: Config, outside: Neighbours
) -> Template | Redirect:
    """Every means is new; signing in comes next, with both steps."""
    draft = _draft(dict(await request.form()))
    chosen = draft.take(PASSWORD, read_typed_password)
    if chosen is None:
        return _page(draft, 422)
    try:
        identifier = await enrolment.finish_return(
            request.app.state.sessions, token_of(request), chosen, breaches=outside.breaches
        )
    except Refused as refusal:
        draft.errors[PASSWORD] = refusal.message
        return _page(draft, 422)
    if identifier is None:
        return _over(config)
    shown = page("patient/recovery/returned.html", identifier=identifier)
    shown.cookies = [end_cookie(config, WAY), end_cookie(config, SESSION)]
    return shown


def _over(config: Settings) -> Redirect:
    cookie = end_cookie(config, WAY)
    return Redirect("/retrouver?fini=1", status_code=303, cookies=[cookie])


def _draft(sent: dict[str, Any] | None = None) -> Draft:
    return Draft(sent, fields=(PASSWORD,), secret=PASSWORD)


def _page(draft: Draft, status: int = 200) -> Template:
    return step_page("return", "identifiants", status, form=draft)


handlers = (letter, begin_letter, choose, finish_return)
