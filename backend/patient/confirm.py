"""« Confirmez que c’est bien vous »: a fresh proof, then back to where the person was going."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.sign_in import read_code, read_typed_password
from backend.services import sign_in
from backend.services.sign_in import Rejected
from backend.settings import Settings
from backend.web import Config, Db, Person, page
from backend.web.cookies import SESSION, make_cookie, safe_path
from backend.web.forms import Draft
from backend.web.fresh import CONFIRM
from backend.web.security import client_address
from backend.web.shedding import PASSWORDS

FORM, CODE_FORM = "patient/security/confirm.html", "patient/security/confirm_code.html"
PASSWORD, CODE, THEN = "mot_de_passe", "code", "suite"
CHANNELS = {"email": "e-mail", "sms": "SMS"}
AnyRequest = Request[Any, Any, Any]


@get("/confirmer", name="patient.confirm.show")
async def show(db: Db, actor: Person, suite: FromQuery[str] = "/") -> Template | Redirect:
    """The password; straight on for whoever has just given a proof."""
    if await sign_in.is_fresh(db, actor):
        return Redirect(safe_path(suite), status_code=303)
    return _password_page(_draft(THEN, {THEN: suite}))


@post("/confirmer", name="patient.confirm.submit", lane=PASSWORDS)
async def submit(request: AnyRequest, actor: Person) -> Template | Redirect:
    """On to the code, or one sentence."""
    draft = _draft(PASSWORD, dict(await request.form()))
    password = draft.take(PASSWORD, read_typed_password)
    if password is None:
        return _password_page(draft, status=422)
    refused = await sign_in.begin_step_up(
        request.app.state.sessions, actor, password, address=client_address(request)
    )
    if refused:
        return _password_page(draft, refused, 422)
    return _to_code(draft)


@get("/confirmer/code", name="patient.confirm.code")
async def code(db: Db, actor: Person, suite: FromQuery[str] = "/") -> Template | Redirect:
    """Where the code went, and the field for it."""
    return await _code_page(db, actor, _draft(CODE, {THEN: suite}))


@post("/confirmer/code", name="patient.confirm.verify")
async def verify(request: AnyRequest, db: Db, actor: Person, config: Config) -> Template | Redirect:
    """Back to where the person was going, or one try less."""
    draft = _draft(CODE, dict(await request.form()))
    typed = draft.take(CODE, read_code)
    if typed is None:
        return await _code_page(db, actor, draft, status=422)
    answer = await sign_in.step_up(db, actor, typed)
    if isinstance(answer, Rejected):
        return await _code_page(db, actor, draft, answer, status=422)
    return on_with(config, answer, draft.typed[THEN])


@post("/confirmer/renvoyer", name="patient.confirm.resend")
async def resend(request: AnyRequest, db: Db, actor: Person) -> Template | Redirect:
    """Another code, by the other channel when the button says so."""
    form = dict(await request.form())
    sent = await sign_in.resend_step_up(
        db, actor, address=client_address(request), other_channel=form.get("canal") == "autre"
    )
    rejected = sent if isinstance(sent, Rejected) else None
    return await _code_page(db, actor, _draft(CODE, form), rejected, sent=rejected is None)


def on_with(config: Settings, token: str, path: str) -> Redirect:
    """The proof is given: on under the new token."""
    cookie = make_cookie(config, SESSION, token)
    return Redirect(safe_path(path), status_code=303, cookies=[cookie])


def _draft(field: str, sent: dict[str, Any]) -> Draft:
    draft = Draft(sent, fields=(field, THEN), secret=PASSWORD)
    draft.typed[THEN] = safe_path(draft.typed[THEN])
    return draft


def _to_code(draft: Draft) -> Redirect:
    then = quote(draft.typed[THEN], safe="/")
    return Redirect(f"{CONFIRM}/code?suite={then}", status_code=303)


def _password_page(draft: Draft, rejected: Rejected | None = None, status: int = 200) -> Template:
    return _told(FORM, draft, rejected, status)


async def _code_page(
    db: Db,
    actor: Person,
    draft: Draft,
    rejected: Rejected | None = None,
    *,
    status: int = 200,
    sent: bool = False,
) -> Template | Redirect:
    waiting = await sign_in.step_up_waiting(db, actor)
    if waiting is None:
        then = quote(draft.typed[THEN], safe="/")
        return Redirect(f"{CONFIRM}?suite={then}", status_code=303)
    return _told(
        CODE_FORM,
        draft,
        rejected,
        status,
        sent=sent,
        channel=CHANNELS[waiting.channel],
        other_channel=waiting.other and CHANNELS[waiting.other],
        resend_in=waiting.resend_in,
    )


def _told(
    template: str, draft: Draft, rejected: Rejected | None, status: int, **context: Any
) -> Template:
    message = rejected.message if rejected else None
    shown = page(template, status, form=draft, message=message, **context)
    if rejected and rejected.retry_after:
        shown.status_code = 429
        shown.headers["Retry-After"] = str(rejected.retry_after)
    return shown


router = Router("/", route_handlers=[show, submit, code, verify, resend])
