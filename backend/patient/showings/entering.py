"""`/partage`: a doctor types the code that a patient shows, and says who they are."""

from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Template

from backend.domain.showings import read_code, read_visitor
from backend.services import visits
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Config, Db, page
from backend.web.callers import client_address
from backend.web.cookies import VISIT, make_cookie
from backend.web.forms import Draft

ENTER, SHOWN = "/partage", "/partage/documents"
CODE, WHO = FIELDS = ("code", "lecteur")
WRONG = "Ce code n’ouvre rien. Il est mal recopié, ou le partage est terminé."


@get(ENTER, name="guests.enter.show")
async def show() -> Template:
    """Two questions."""
    return _form(Draft(fields=FIELDS))


@post(ENTER, name="guests.enter.submit")
async def submit(
    request: Request[Any, Any, Any], db: Db, at: At, config: Config
) -> Template | Redirect:
    """In, or the form again: the same sentence whatever is wrong with the code."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    code, visitor = draft.take(CODE, read_code), draft.take(WHO, read_visitor)
    if code is None or visitor is None:
        return _form(draft, status=422)
    entered = await visits.enter(db, at, code, visitor, address=client_address(request))
    if entered is None:
        return _form(draft, WRONG, status=422)
    if isinstance(entered, Rejected):
        shown = _form(draft, entered.message, status=429)
        shown.headers["Retry-After"] = str(entered.retry_after)
        return shown
    return Redirect(SHOWN, status_code=303, cookies=[make_cookie(config, VISIT, entered)])


def _form(draft: Draft, message: str | None = None, *, status: int = 200) -> Template:
    return page("guests/enter.html", status, form=draft, message=message)


handlers = (show, submit)
