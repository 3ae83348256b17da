"""Connexion: identifier and password, then the code."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.response import Redirect, Template

from backend.access.actors import Actor, Patient, Visitor
from backend.access.doors import HALFWAY, PATIENTS, PUBLIC
from backend.domain.browsers import browser_of
from backend.domain.errors import NotFound
from backend.domain.sign_in import read_code, read_typed_identifier, read_typed_password
from backend.services import sign_in
from backend.services.sign_in import Complete, Rejected, Waiting
from backend.settings import Settings
from backend.web import Config, Db, Me, page
from backend.web.callers import client_address
from backend.web.cookies import (
    DEVICE,
    NEXT,
    READING,
    SESSION,
    YEAR,
    end_cookie,
    make_cookie,
    read_cookie,
    safe_path,
)
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS

HOME, SIGN_IN, SIGN_IN_CODE = "/", "/connexion", "/connexion/code"
SIGN_IN_APP = "/connexion/application"
IDENTIFIER_PAGE, CODE_PAGE = "patient/sign_in/identifier.html", "patient/sign_in/code.html"
IDENTIFIER, PASSWORD, CODE = "identifiant", "mot_de_passe", "code"
CHANNELS = {"email": "e-mail", "sms": "SMS"}


@get("/connexion", name="patient.sign_in.show")
async def show(request: Request[Any, Any, Any], actor: Me, config: Config) -> Template | Redirect:
    """The first step; the home page for whoever is in already.

    A browser that still holds the mark of a session is told that it has ended, once.
    """
    if isinstance(actor, Patient):
        return Redirect(HOME, status_code=303)
    if actor == Visitor() and read_cookie(request, SESSION):
        shown = identifier_page(ended=True)
        shown.cookies = [end_cookie(config, SESSION)]
        return shown
    return identifier_page()


@get("/rester-connecte", name="patient.sign_in.stay", opt={"door": PATIENTS})
async def stay() -> Redirect:
    """« Rester connecté »: asking is enough, a request counts as a click."""
    return Redirect(HOME, status_code=303)


@post("/connexion", name="patient.sign_in.submit", lane=PASSWORDS)
async def submit(request: Request[Any, Any, Any], config: Config) -> Template | Redirect:
    """On to the code, or the same page with what was typed and one sentence."""
    draft = _identifier_draft(dict(await request.form()))
    identifier = draft.take(IDENTIFIER, read_typed_identifier)
    password = draft.take(PASSWORD, read_typed_password)
    if identifier is None or password is None:
        return identifier_page(draft, status=422)
    started = await sign_in.start(
        request.app.state.sessions,
        identifier,
        password,
        address=client_address(request),
        device=read_cookie(request, DEVICE),
        browser=browser_of(request.headers.get("user-agent", "")),
    )
    if isinstance(started, Rejected):
        return identifier_page(draft, started, 422)
    cookie = make_cookie(config, SESSION, started.token)
    then = SIGN_IN_APP if started.by_app else SIGN_IN_CODE
    return Redirect(then, status_code=303, cookies=[cookie])


@get("/connexion/code", name="patient.sign_in.code")
async def code(db: Db, actor: Me, config: Config) -> Template | Redirect:
    """Where the code went, and the field for it."""
    waiting = await sign_in.waiting(db, half_of(actor))
    return _code_page(waiting) if waiting else await start_again(db, half_of(actor), config)


@post("/connexion/code", name="patient.sign_in.verify")
async def verify(
    request: Request[Any, Any, Any], db: Db, actor: Me, config: Config
) -> Template | Redirect:
    """In, where the person was going; or the same page with one try less."""
    draft = Draft(dict(await request.form()), fields=(CODE,))
    typed = draft.take(CODE, read_code)
    rejected = None
    if typed is not None:
        lasts = timedelta(minutes=config.session_absolute_minutes)
        device = read_cookie(request, DEVICE)
        answer = await sign_in.verify(db, half_of(actor), typed, lasts=lasts, device=device)
        if not isinstance(answer, Rejected):
            return let_in(config, answer, safe_path(read_cookie(request, NEXT)))
        rejected = answer
    waiting = await sign_in.waiting(db, half_of(actor))
    return (
        _code_page(waiting, draft, rejected, status=422)
        if waiting
        else await start_again(db, half_of(actor), config)
    )


@post("/connexion/renvoyer", name="patient.sign_in.resend")
async def resend(
    request: Request[Any, Any, Any], db: Db, actor: Me, config: Config
) -> Template | Redirect:
    """Another code, by the other channel when the button says so."""
    other = (await request.form()).get("canal") == "autre"
    sent = await sign_in.resend(
        db, half_of(actor), address=client_address(request), other_channel=other
    )
    waiting = await sign_in.waiting(db, half_of(actor))
    if waiting is None:
        return await start_again(db, half_of(actor), config)
    rejected = sent if isinstance(sent, Rejected) else None
    return _code_page(waiting, rejected=rejected, sent=rejected is None)


@post("/deconnexion", name="patient.sign_in.leave")
async def leave(db: Db, actor: Me, config: Config) -> Redirect:
    """Out, and nothing of the visit stays in the browser."""
    await sign_in.leave(db, actor)
    return Redirect(
        SIGN_IN,
        status_code=303,
        cookies=[end_cookie(config, SESSION), end_cookie(config, NEXT)],
        headers={"Clear-Site-Data": '"cache", "storage"'},
    )


def half_of(actor: Actor) -> UUID:
    """The half session: the door let nobody else in."""
    if not isinstance(actor, Visitor) or actor.half is None:
        raise NotFound
    return actor.half


def _identifier_draft(sent: Mapping[str, Any] | None = None) -> Draft:
    return Draft(sent, fields=(IDENTIFIER, PASSWORD), secret=PASSWORD)


def identifier_page(
    draft: Draft | None = None,
    rejected: Rejected | None = None,
    status: int = 200,
    *,
    ended: bool = False,
) -> Template:
    """The first step; `ended` says why one is here again."""
    form = draft or _identifier_draft()
    message = words(rejected)
    return told(page(IDENTIFIER_PAGE, status, form=form, message=message, ended=ended), rejected)


def _code_page(
    waiting: Waiting,
    draft: Draft | None = None,
    rejected: Rejected | None = None,
    *,
    status: int = 200,
    sent: bool = False,
) -> Template:
    shown = page(
        CODE_PAGE,
        status,
        form=draft or Draft(fields=(CODE,)),
        message=words(rejected),
        sent=sent,
        channel=CHANNELS[waiting.channel],
        other_channel=waiting.other and CHANNELS[waiting.other],
        resend_in=waiting.resend_in,
    )
    return told(shown, rejected)


def words(rejected: Rejected | None) -> str | None:
    """The sentence of a refusal."""
    return rejected.message if rejected else None


def told(shown: Template, rejected: Rejected | None) -> Template:
    """A refusal that time will lift says so to programs too."""
    if rejected and rejected.retry_after:
        shown.status_code = 429
        shown.headers["Retry-After"] = str(rejected.retry_after)
    return shown


def let_in(config: Settings, done: Complete, path: str) -> Redirect:
    """Both steps passed: on under the new token."""
    cookies = [
        make_cookie(config, SESSION, done.token),
        make_cookie(config, DEVICE, done.device, max_age=YEAR),
        end_cookie(config, NEXT),
    ]
    if done.simple:
        cookies.append(make_cookie(config, READING, "simple", max_age=YEAR))
    return Redirect(path, status_code=303, cookies=cookies)


async def start_again(db: Db, half: UUID, config: Settings) -> Redirect:
    """This half session is over; or this is a second click, and the first one has opened it."""
    if await sign_in.is_whole(db, half):
        return Redirect(HOME, status_code=303)
    return Redirect(SIGN_IN, status_code=303, cookies=[end_cookie(config, SESSION)])


router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[show, submit, leave], opt={"door": PUBLIC}),
        Router("/", route_handlers=[code, verify, resend], opt={"door": HALFWAY}),
        stay,
    ],
)
