"""`/pro/patients/carte`: a carte Vitale was read in the browser, and leads to whose file it is."""

import re
from typing import Any

from litestar import Request, Router, post
from litestar.response import Redirect, Template

from backend.domain.calendar import MAJORITY, in_years
from backend.domain.errors import Refused
from backend.pro.desk_page import desk_page, slow_down
from backend.pro.file_page import PATH, file_page
from backend.pro.frame import pro_page
from backend.services.identification import cards
from backend.services.sign_in import Rejected
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft, read_ids
from backend.web.shedding import ABROAD

AnyRequest = Request[Any, Any, Any]
FIELDS = ("lecture", "personne", "dossier")
PLACE = re.compile(r"\d{1,2}", re.ASCII)
NOBODY = -1
"""No place of a card: it is refused in words."""


@post("/patients/carte", name="pro.cards.read", lane=ABROAD)
async def read(
    request: AnyRequest, outside: Neighbours, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """The answer of the connector as it came; who it is, when several people are on the card."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    sessions = request.app.state.sessions
    try:
        came = await cards.arrive(sessions, outside.insi, actor, at, _asked(draft))
    except Refused as refusal:
        return await desk_page(db, actor, at, outside, card_message=refusal.message, status=422)
    if isinstance(came, Rejected):
        return await slow_down(db, actor, at, outside, came, card_message=came.message)
    if not isinstance(came, cards.Arrival):
        return await _ask(db, actor, at, draft, came)
    return await _lead(db, actor, at, came)


def _asked(draft: Draft) -> cards.Asked:
    typed = draft.typed
    chosen = read_ids([typed["dossier"]])
    return cards.ask_of(typed["lecture"], _place(typed["personne"]), chosen[0] if chosen else None)


async def _lead(db: Db, actor: Staff, at: At, came: cards.Arrival) -> Template | Redirect:
    """To their file, with what INSi answered when it was asked."""
    if came.lookup is None and not came.warning:
        return Redirect(f"{PATH}/{came.file_id}", status_code=303)
    warning = came.warning or None
    return await file_page(db, actor, at, came.file_id, lookup=came.lookup, message=warning)


async def _ask(
    db: Db, actor: Staff, at: At, draft: Draft, among: cards.Several | cards.Choice
) -> Template:
    """Which of them; the reading goes back into the form, and is kept nowhere else."""
    return await pro_page(
        db,
        actor,
        at,
        "pro/patients/card.html",
        section="patients",
        typed=draft.typed,
        of_age_since=in_years(at.today, -MAJORITY),
        people=among.people if isinstance(among, cards.Several) else (),
        files=among.files if isinstance(among, cards.Choice) else (),
    )


def _place(text: str) -> int | None:
    """Where on the card; None when nobody chose."""
    if not text:
        return None
    return int(text) if PLACE.fullmatch(text) else NOBODY


router = Router("/", route_handlers=[read])
