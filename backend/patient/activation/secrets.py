"""The start page, the three questions, and the one verdict about them."""

from collections.abc import Callable
from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from backend.domain.activation import (
    Purpose,
    in_fours,
    read_nir,
    read_provisional_code,
    read_serial,
)
from backend.domain.errors import NotFound
from backend.patient.activation.common import (
    CHECK,
    CONFIRM,
    CONTACT,
    QUESTIONS,
    AnyRequest,
    go,
    on_the_way,
    start_again,
    step_page,
    token_of,
    way_of,
)
from backend.services import enrolment
from backend.services.enrolment import Elsewhere, Proved, Way
from backend.services.sign_in import Rejected
from backend.web import Config, Db, page
from backend.web.callers import client_address
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS


class Question(Struct, frozen=True):
    """One of the three."""

    answer: str
    """The field of the draft that it fills."""
    read: Callable[[str], str]
    then: str


PATH = "/activer/question/"
ASKED = {
    "code": Question("code", read_provisional_code, f"{PATH}numero"),
    "numero": Question("nir", read_nir, f"{PATH}carte"),
    "carte": Question("serial", read_serial, CHECK),
}


@get("/activer", name="patient.activation.start")
async def start(fini: FromQuery[str] = "") -> Template:
    """What one needs, how long it takes; and that the way has ended when it has."""
    return page("patient/activation/start.html", ended=bool(fini))


@post("/activer", name="patient.activation.begin")
async def begin(db: Db, config: Config) -> Redirect:
    """A way of its own for this browser."""
    token = await enrolment.begin(db, Purpose.ACTIVATION)
    return on_the_way(config, f"{PATH}code", token)


@get("/activer/question/{name:str}", name="patient.activation.question")
async def question(
    name: FromPath[str], request: AnyRequest, db: Db, config: Config
) -> Template | Redirect:
    """One of the three questions, empty."""
    way = await way_of(request, db, proved=False)
    if way is None:
        return start_again(config)
    _asked(name)
    return _question_page(name, Draft(fields=(name,)))


@post("/activer/question/{name:str}", name="patient.activation.answer")
async def answer(
    name: FromPath[str], request: AnyRequest, db: Db, config: Config
) -> Template | Redirect:
    """Its shape is looked at here; whether it is right, with the two others only."""
    asked, way = _asked(name), await way_of(request, db, proved=False)
    if way is None:
        return start_again(config)
    draft = Draft(dict(await request.form()), fields=(name,))
    given = draft.take(name, asked.read)
    if given is None:
        return _question_page(name, draft, 422)
    await enrolment.keep(db, way, **{asked.answer: given})
    return go(asked.then)


@get("/activer/verifier", name="patient.activation.check")
async def check(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """The three answers, half hidden, before they are checked together."""
    way = await way_of(request, db, proved=False)
    if way is None:
        return start_again(config)
    if missing := _missing(way):
        return go(PATH + missing)
    return _check_page(way)


@post("/activer/verifier", name="patient.activation.prove", lane=PASSWORDS)
async def prove(request: AnyRequest, config: Config) -> Template | Redirect:
    """One verdict for the three."""
    sessions, token = request.app.state.sessions, token_of(request)
    async with sessions.begin() as db:
        way = await way_of(request, db, proved=False)
    if way is None:
        return start_again(config)
    if missing := _missing(way):
        return go(PATH + missing)
    verdict = await enrolment.prove(sessions, token, address=client_address(request))
    match verdict:
        case Proved():
            then = CONFIRM if way.purpose is Purpose.REFUSAL else CONTACT
            return on_the_way(config, then, verdict.token)
        case Elsewhere():
            return page("patient/activation/elsewhere.html", why=verdict.why, purpose=way.purpose)
        case Rejected():
            return _check_page(way, verdict)
        case _:
            return start_again(config)


def _asked(name: str) -> Question:
    if name not in ASKED:
        raise NotFound
    return ASKED[name]


def _missing(way: Way) -> str | None:
    """The first question that has no answer yet."""
    given: dict[str, Any] = {name: getattr(way.typed, ASKED[name].answer) for name in QUESTIONS}
    return next((name for name in QUESTIONS if not given[name]), None)


def _question_page(name: str, draft: Draft, status: int = 200) -> Template:
    return step_page("question", name, status, name=name, form=draft)


def _check_page(way: Way, rejected: Rejected | None = None) -> Template:
    typed = way.typed
    return step_page(
        "check",
        "carte",
        422 if rejected else 200,
        rejected=rejected,
        code=f"•••• •••• {in_fours(typed.code)[-4:]}",
        nir=f"{typed.nir[0]} {typed.nir[1:3]} {typed.nir[3:5]} •• ••• ••• ••",
        serial=f"•••••• {typed.serial[-3:]}",
        purpose=way.purpose,
    )


handlers = (start, begin, question, answer, check, prove)
