"""« Confirmez que c’est bien vous »: a fresh proof, then back to where the person was going."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Response, Template

from backend.domain.sign_in import read_code, read_typed_password
from backend.services import sign_in
from backend.services.sign_in import Rejected
from backend.settings import Settings
from backend.web import Config, Db, Person, page
from backend.web.callers import client_address
from backend.web.cookies import SESSION, make_cookie, safe_path
from backend.web.forms import Draft
from backend.web.fresh import CONFIRM
from backend.web.passkeys import as_json, site_of
from backend.web.shedding import PASSWORDS

FORM, CODE_FORM = "patient/security/confirm.html", "patient/security/confirm_code.html"
PASSWORD, CODE, APP_CODE, THEN = "mot_de_passe", "code", "code_application", "suite"
CHANNELS = {"email": "e-mail", "sms": "SMS"}
AnyRequest = Request[Any, Any, Any]


@get("/confirmer", name="patient.confirm.show")
async def show(db: Db, actor: Person, suite: FromQuery[str] = "/") -> Template | Redirect:
    """The password; straight on for whoever has just given a proof."""
    if await sign_in.is_fresh(db, actor):
        return Redirect(safe_path(suite), status_code=303)
    return await _password_page(db, actor, _draft(THEN, {THEN: suite}))


@post("/confirmer", name="patient.confirm.submit", lane=PASSWORDS)
async def submit(request: AnyRequest, actor: Person, config: Config) -> Template | Redirect:
    """Back at once with the code of an application, on to the code, or one sentence."""
    sessions = request.app.state.sessions
    draft = _draft(PASSWORD, dict(await request.form()))
    password = draft.take(PASSWORD, read_typed_password)
    code = draft.take(APP_CODE, lambda text: read_code(text) if text.strip() else "")
    refused = None
    if password is not None and code is not None:
        answer = await sign_in.begin_step_up(
            sessions, actor, password, address=client_address(request), app_code=code
        )
        if isinstance(answer, str):
            return on_with(config, answer, draft.typed[THEN])
        if answer is None:
            return _to_code(draft)
        refused = answer
    async with sessions.begin() as db:
        return await _password_page(db, actor, draft, refused, 422)


@post("/confirmer/cle/defi", name="patient.confirm.passkey_ask", status_code=200)
async def passkey_ask(request: AnyRequest, db: Db, actor: Person, config: Config) -> Response[str]:
    """What this browser is asked for."""
    asked = await sign_in.ask_passkey(
        db, site_of(config), address=client_address(request), actor=actor
    )
    return as_json(asked)


@post("/confirmer/cle", name="patient.confirm.passkey")
async def passkey(
    request: AnyRequest, db: Db, actor: Person, config: Config
) -> Template | Redirect:
    """Back to where the person was going, by a passkey."""
    form = dict(await request.form())
    draft = _draft(THEN, form)
    answer = await sign_in.step_up_by_passkey(
        db, site_of(config), actor, str(form.get("reponse", ""))
    )
    if isinstance(answer, Rejected):
        return await _password_page(db, actor, draft, answer, 422)
    return on_with(config, answer, draft.typed[THEN])


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
    draft = Draft(sent, fields=(field, APP_CODE, THEN), secret=PASSWORD)
    draft.typed[THEN] = safe_path(draft.typed[THEN])
    return draft


def _to_code(draft: Draft) -> Redirect:
    then = quote(draft.typed[THEN], safe="/")
    return Redirect(f"{CONFIRM}/code?suite={then}", status_code=303)


async def _password_page(
    db: Db, actor: Person, draft: Draft, rejected: Rejected | None = None, status: int = 200
) -> Template:
    by_app, by_key = await sign_in.other_proofs(db, actor)
    return _told(FORM, draft, rejected, status, by_app=by_app, by_key=by_key)


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


router = Router("/", route_handlers=[show, submit, passkey_ask, passkey, code, verify, resend])
