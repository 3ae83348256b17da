"""What the pages of an activation share: the way that the browser is on, and where it leads."""

from typing import Any

from litestar import Request
from litestar.response import Redirect, Template

from backend.services import enrolment
from backend.services.enrolment import Way
from backend.services.sign_in import Rejected
from backend.settings import Settings
from backend.web import Db, page
from backend.web.cookies import end_cookie, make_cookie, read_cookie

AnyRequest = Request[Any, Any, Any]

WAY = "parcours"
QUESTIONS = ("code", "numero", "carte")
CHECK, CONTACT, PROOF = "/activer/verifier", "/activer/contact", "/activer/preuve"
VISIBILITY, MEANS = "/activer/visibilite", "/activer/identifiants"
CONFIRM = "/refuser/confirmer"
RETURN = "/retrouver/courrier/mot-de-passe"
STEPS = (*QUESTIONS, "contact", "visibilite", "identifiants")
TOKEN_LENGTH = 43


def token_of(request: AnyRequest) -> str:
    """The token that this browser holds, or nothing worth a query."""
    token = read_cookie(request, WAY)
    return token if len(token) == TOKEN_LENGTH else ""


async def way_of(request: AnyRequest, db: Db, *, proved: bool = True) -> Way | None:
    """The way that this browser is on; None when it is not at this point of it."""
    token = token_of(request)
    way = await enrolment.find(db, token) if token else None
    return way if way and (way.record_id is not None) == proved else None


async def opening_of(request: AnyRequest, db: Db) -> Way | None:
    """The way of somebody who opens a space; None for a refusal, whose visit outlives its code."""
    way = await way_of(request, db)
    return way if way and way.opens else None


def start_again(config: Settings) -> Redirect:
    """The way has ended: from the beginning, with a word about it."""
    cookie = end_cookie(config, WAY)
    return Redirect("/activer?fini=1", status_code=303, cookies=[cookie])


def go(path: str) -> Redirect:
    """On to the next page."""
    return Redirect(path, status_code=303)


def on_the_way(config: Settings, path: str, token: str) -> Redirect:
    """On to the next page, with a token that replaces the one before."""
    return Redirect(path, status_code=303, cookies=[make_cookie(config, WAY, token)])


def step_page(
    template: str, step: str, status: int = 200, *, rejected: Rejected | None = None, **context: Any
) -> Template:
    """A page of the way with its place among the steps; a refusal says when to come back."""
    message = rejected.message if rejected else None
    shown = page(
        f"patient/activation/{template}.html",
        status,
        step=STEPS.index(step) + 1,
        steps=len(STEPS),
        message=message,
        **context,
    )
    if rejected and rejected.retry_after:
        shown.status_code = 429
        shown.headers["Retry-After"] = str(rejected.retry_after)
    return shown
