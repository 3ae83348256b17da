"""« Je préfère refuser »: said plainly, done at once, proved by a paper, undone at any time."""

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Response, Template

from backend.domain.activation import ERASE_AFTER, Purpose
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound
from backend.patient.activation.common import (
    AnyRequest,
    go,
    on_the_way,
    start_again,
    way_of,
)
from backend.services import enrolment
from backend.web import At, Config, Db, page
from backend.web.refusal_paper import refusal_on_paper

DONE = "/refuser/fait"


@get("/refuser", name="patient.activation.refusal_start")
async def refusal_start(fini: FromQuery[str] = "") -> Template:
    """What refusing changes, and what it does not."""
    return page("patient/activation/refuse.html", ended=bool(fini))


@post("/refuser", name="patient.activation.refusal_begin")
async def refusal_begin(db: Db, config: Config) -> Redirect:
    """The same three questions as for activating: nobody refuses for somebody else."""
    token = await enrolment.begin(db, Purpose.REFUSAL)
    return on_the_way(config, "/activer/question/code", token)


@get("/refuser/confirmer", name="patient.activation.refusal_ask")
async def refusal_ask(request: AnyRequest, db: Db, config: Config, at: At) -> Template | Redirect:
    """The last page before it."""
    way = await way_of(request, db)
    if way is None or way.purpose is not Purpose.REFUSAL:
        return start_again(config)
    if way.typed.done:
        return go(DONE)
    return page("patient/activation/confirm.html", until=civil_day(at.now + ERASE_AFTER))


@post("/refuser/confirmer", name="patient.activation.refusal_confirm")
async def refusal_confirm(request: AnyRequest, db: Db, config: Config) -> Redirect:
    """Refused; what was filed before is kept unless they ask that it be erased."""
    way = await way_of(request, db)
    if way is None or way.purpose is not Purpose.REFUSAL:
        return start_again(config)
    if not way.typed.done:
        choice = (await request.form()).get("choix")
        await enrolment.refuse_space(db, way, erase=choice == "effacer")
    return go(DONE)


@get("/refuser/fait", name="patient.activation.refusal_done")
async def refusal_done(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """It is done; here is the proof."""
    way = await way_of(request, db)
    facts = await enrolment.certificate(db, way) if way else None
    if facts is None:
        return start_again(config)
    return page("patient/activation/refused.html", facts=facts)


@get("/refuser/justificatif", name="patient.activation.refusal_proof")
async def refusal_proof(request: AnyRequest, db: Db, at: At) -> Response[bytes]:
    """The « justificatif d’opposition », as a PDF, while this visit lasts."""
    way = await way_of(request, db)
    facts = await enrolment.certificate(db, way) if way else None
    if facts is None:
        raise NotFound
    return Response(
        await refusal_on_paper(facts, at.now),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="justificatif-opposition.pdf"'},
    )


handlers = (
    refusal_start,
    refusal_begin,
    refusal_ask,
    refusal_confirm,
    refusal_done,
    refusal_proof,
)
