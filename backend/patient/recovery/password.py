"""A forgotten password: identifier, two codes, a new password."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.errors import Refused
from backend.domain.recovery import read_optional_code, read_optional_provisional_code
from backend.domain.sign_in import read_typed_identifier, read_typed_password
from backend.services import credentials
from backend.services.sign_in import Rejected
from backend.settings import Settings
from backend.web import Config, Db, Neighbours, page
from backend.web.callers import client_address
from backend.web.cookies import SESSION, end_cookie, make_cookie, read_cookie
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS

AnyRequest = Request[Any, Any, Any]

COOKIE, TOKEN_LENGTH = "retrouver", 43
START, PASSWORD, CODES, NEW = (
    f"/retrouver{path}" for path in ("", "/mot-de-passe", "/codes", "/nouveau")
)
IDENTIFIER, EMAIL, SMS, APP = "identifiant", "code_email", "code_sms", "code_application"
LETTER = "code_courrier"
CODES_GIVEN = (EMAIL, SMS, APP, LETTER)
CHOSEN = "mot_de_passe"
TWO = "Entrez deux codes. Avec un seul, nous ne pouvons pas savoir que c’est vous."


@get("/retrouver", name="patient.recovery.start")
async def start(fini: FromQuery[str] = "") -> Template:
    """What was forgotten?"""
    return page("patient/recovery/start.html", ended=bool(fini))


@get("/retrouver/mot-de-passe", name="patient.recovery.password")
async def password() -> Template:
    """The identifier."""
    return _page("password", Draft(fields=(IDENTIFIER,)))


@post("/retrouver/mot-de-passe", name="patient.recovery.begin", lane=PASSWORDS)
async def begin(request: AnyRequest, config: Config) -> Template | Redirect:
    """The same answer whoever it is: codes are on their way if there is such an account."""
    draft = Draft(dict(await request.form()), fields=(IDENTIFIER,))
    identifier = draft.take(IDENTIFIER, read_typed_identifier)
    if identifier is None:
        return _page("password", draft, 422)
    answer = await credentials.begin_recovery(
        request.app.state.sessions, identifier, address=client_address(request)
    )
    if isinstance(answer, Rejected):
        return _page("password", draft, 422, answer)
    return _on(config, CODES, answer)


@get("/retrouver/codes", name="patient.recovery.codes")
async def codes(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """Two of four codes."""
    found = await credentials.find_recovery(db, _token(request))
    if found is None:
        return _over(config)
    return _page("codes", Draft(fields=CODES_GIVEN))


@post("/retrouver/codes", name="patient.recovery.prove", lane=PASSWORDS)
async def prove(request: AnyRequest, config: Config) -> Template | Redirect:
    """On to the new password; the same refusal whatever is wrong and whoever it is."""
    draft = Draft(dict(await request.form()), fields=CODES_GIVEN)
    email, sms, app = (draft.take(name, read_optional_code) for name in (EMAIL, SMS, APP))
    letter = draft.take(LETTER, read_optional_provisional_code)
    if email is None or sms is None or app is None or letter is None:
        return _page("codes", draft, 422)
    if sum(map(bool, (email, sms, app, letter))) < credentials.PROOFS:
        return _page("codes", draft, 422, message=TWO)
    codes = credentials.Codes(email, sms, app, letter)
    answer = await credentials.prove_recovery(request.app.state.sessions, _token(request), codes)
    if answer is None:
        return _over(config)
    if isinstance(answer, Rejected):
        return _page("codes", draft, 422, answer)
    return _on(config, NEW, answer)


@get("/retrouver/nouveau", name="patient.recovery.new")
async def new(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """The field for the new password."""
    found = await credentials.find_recovery(db, _token(request))
    if found is None or not found.proved:
        return _over(config)
    return _page("new", _new_draft())


@post("/retrouver/nouveau", name="patient.recovery.finish", lane=PASSWORDS)
async def finish(request: AnyRequest, config: Config, outside: Neighbours) -> Template | Redirect:
    """The password is the new one; signing in comes next, with both steps."""
    draft = _new_draft(dict(await request.form()))
    chosen = draft.take(CHOSEN, read_typed_password)
    if chosen is None:
        return _page("new", draft, 422)
    sessions = request.app.state.sessions
    try:
        done = await credentials.finish_recovery(
            sessions, _token(request), chosen, breaches=outside.breaches
        )
    except Refused as refusal:
        draft.errors[CHOSEN] = refusal.message
        return _page("new", draft, 422)
    if not done:
        return _over(config)
    shown = page("patient/recovery/done.html")
    shown.cookies = [end_cookie(config, COOKIE), end_cookie(config, SESSION)]
    return shown


def _token(request: AnyRequest) -> str:
    token = read_cookie(request, COOKIE)
    return token if len(token) == TOKEN_LENGTH else ""


def _on(config: Settings, path: str, token: str) -> Redirect:
    return Redirect(path, status_code=303, cookies=[make_cookie(config, COOKIE, token)])


def _over(config: Settings) -> Redirect:
    cookie = end_cookie(config, COOKIE)
    return Redirect(f"{START}?fini=1", status_code=303, cookies=[cookie])


def _new_draft(sent: dict[str, Any] | None = None) -> Draft:
    return Draft(sent, fields=(CHOSEN,), secret=CHOSEN)


def _page(
    name: str,
    draft: Draft,
    status: int = 200,
    rejected: Rejected | None = None,
    *,
    message: str | None = None,
) -> Template:
    words = rejected.message if rejected else message
    shown = page(f"patient/recovery/{name}.html", status, form=draft, message=words)
    if rejected and rejected.retry_after:
        shown.status_code = 429
        shown.headers["Retry-After"] = str(rejected.retry_after)
    return shown


handlers = (start, password, begin, codes, prove, new, finish)
