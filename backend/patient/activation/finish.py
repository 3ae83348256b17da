"""The last questions: who may see, how to sign in; then the open space."""

from datetime import timedelta

from litestar import get, post
from litestar.response import Redirect, Template

from backend.domain.browsers import browser_of
from backend.domain.errors import Refused
from backend.domain.sign_in import read_identifier, read_typed_password
from backend.patient.activation.common import (
    MEANS,
    WAY,
    AnyRequest,
    go,
    opening_of,
    start_again,
    step_page,
    token_of,
)
from backend.services import enrolment
from backend.services.enrolment import Way
from backend.services.sign_in import Rejected
from backend.web import At, Config, Db, Neighbours, Person, patient_page
from backend.web.callers import client_address
from backend.web.cookies import DEVICE, SESSION, YEAR, end_cookie, make_cookie
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS

IDENTIFIER, PASSWORD, CHOICE = "identifiant", "mot_de_passe", "visibilite"
CHOICES = {"visibles": False, "masques": True}
WELCOME = "/bienvenue"


@get("/activer/visibilite", name="patient.activation.visibility")
async def visibility(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """Documents seen by professionals according to their trade, or by nobody."""
    way = await _reachable(request, db)
    if way is None:
        return start_again(config)
    chosen = "masques" if way.typed.masked else "visibles"
    return step_page("visibility", "visibilite", form=Draft(fields=(CHOICE,)), chosen=chosen)


@post("/activer/visibilite", name="patient.activation.choose_visibility")
async def choose_visibility(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """Kept until the end."""
    way = await _reachable(request, db)
    if way is None:
        return start_again(config)
    draft = Draft(dict(await request.form()), fields=(CHOICE,))
    masked = draft.take(CHOICE, _read_choice)
    if masked is None:
        return step_page("visibility", "visibilite", 422, form=draft, chosen="")
    await enrolment.keep(db, way, masked=masked)
    return go(MEANS)


@get("/activer/identifiants", name="patient.activation.means")
async def means(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """An identifier and a password of one’s own."""
    way = await _reachable(request, db)
    return _means_page(_means_draft(), way) if way else start_again(config)


@post("/activer/identifiants", name="patient.activation.finish", lane=PASSWORDS)
async def finish(request: AnyRequest, config: Config, outside: Neighbours) -> Template | Redirect:
    """The space is open and its person signed in."""
    sessions = request.app.state.sessions
    async with sessions.begin() as db:
        way = await _reachable(request, db)
    if way is None:
        return start_again(config)
    draft = _means_draft(dict(await request.form()))
    identifier = draft.take(IDENTIFIER, read_identifier)
    password = draft.take(PASSWORD, read_typed_password)
    if identifier is None or password is None:
        return _means_page(draft, way, 422)
    try:
        done = await enrolment.finish(
            sessions,
            token_of(request),
            identifier=identifier,
            password=password,
            breaches=outside.breaches,
            browser=browser_of(request.headers.get("user-agent", "")),
            address=client_address(request),
            lasts=timedelta(minutes=config.session_absolute_minutes),
        )
    except Refused as refusal:
        field = IDENTIFIER if "identifiant" in refusal.message else PASSWORD
        draft.errors[field] = refusal.message
        return _means_page(draft, way, 422)
    if isinstance(done, Rejected):
        return _means_page(draft, way, 422, done)
    if done is None:
        return start_again(config)
    cookies = [
        make_cookie(config, SESSION, done.token),
        make_cookie(config, DEVICE, done.device, max_age=YEAR),
        end_cookie(config, WAY),
    ]
    return Redirect(WELCOME, status_code=303, cookies=cookies)


@get("/bienvenue", name="patient.activation.welcome")
async def welcome(db: Db, actor: Person, at: At) -> Template:
    """« C’est fait »: what is there, and two ways to come back faster."""
    return await patient_page(db, actor, at, "patient/activation/welcome.html")


async def _reachable(request: AnyRequest, db: Db) -> Way | None:
    way = await opening_of(request, db)
    return way if way and enrolment.is_reachable(way) and not way.returns else None


def _means_draft(sent: dict[str, object] | None = None) -> Draft:
    return Draft(sent, fields=(IDENTIFIER, PASSWORD), secret=PASSWORD)


def _means_page(
    draft: Draft, way: Way, status: int = 200, rejected: Rejected | None = None
) -> Template:
    return step_page(
        "means",
        "identifiants",
        status,
        rejected=rejected,
        form=draft,
        back=way.comes_back,
        refused=way.refused,
    )


def _read_choice(text: str) -> bool:
    if text not in CHOICES:
        raise Refused("Choisissez l’une des deux réponses.")
    return CHOICES[text]


handlers = (visibility, choose_visibility, means, finish)
