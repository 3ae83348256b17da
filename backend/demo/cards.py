"""`/demo/vitale`: which card is in the reader of the desk, or what is wrong with it."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get, post
from litestar.response import Redirect, Template

from backend.demo.people import everyone
from backend.demo.vitale import FakeReader, card_of
from backend.web import page

AnyRequest = Request[Any, Any, Any]
TROUBLES = {
    "aucune": (404, "Aucune carte dans le lecteur"),
    "illisible": (422, "Une carte qui ne se lit pas"),
    "debranche": (503, "Pas de lecteur branché"),
}
HOLDERS = {someone.key: someone for someone in everyone() if not someone.parents}


@get("/vitale", name="demo.cards.index")
async def index(request: AnyRequest) -> Template:
    """Those that can be put in."""
    reader: FakeReader = request.app.state.reader
    inside = reader.card if reader.status == HTTPStatus.OK else None
    cards = {key: card_of(someone)["people"] for key, someone in HOLDERS.items()}
    return page(
        "demo/vitale.html",
        cards=cards,
        troubles=TROUBLES,
        inside=inside["people"] if inside else None,
        trouble=reader.status,
    )


@post("/vitale", name="demo.cards.choose")
async def choose(request: AnyRequest) -> Redirect:
    """This one is in the reader from now on."""
    chosen, reader = str((await request.form()).get("carte", "")), request.app.state.reader
    if chosen in HOLDERS:
        reader.card, reader.status = card_of(HOLDERS[chosen]), HTTPStatus.OK
    elif chosen in TROUBLES:
        reader.status = TROUBLES[chosen][0]
    return Redirect("/demo/vitale", status_code=303)


router = Router("/", route_handlers=[index, choose])
