"""The page where a visit begins: the card, the search, the list of the day, who waits for INSi."""

from typing import Any

from litestar.response import Template

from backend.pro.frame import pro_page
from backend.services.identification import cards, day, files
from backend.services.sign_in import Rejected
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft
from backend.web.security import policy_with

NAME, BORN = SEARCHED = ("nom", "naissance")
EMPTY = Draft(fields=SEARCHED)


async def desk_page(
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
    *,
    form: Draft = EMPTY,
    message: str | None = None,
    card_message: str | None = None,
    status: int = 200,
) -> Template:
    """Who is it? `message` is about the search, `card_message` about the card."""
    shown = await pro_page(
        db,
        actor,
        at,
        "pro/patients/index.html",
        status,
        section="patients",
        form=form,
        message=message,
        card_message=card_message,
        waiting=await files.waiting(db, actor, at),
        lines=await day.list_day(db, actor, at),
        most=day.MOST,
        reader=cards.button_for(outside.connector),
    )
    return _reading_cards(shown, outside.connector)


async def slow_down(
    db: Db, actor: Staff, at: At, outside: Neighbours, rejected: Rejected, **shown: Any
) -> Template:
    """The same page, and how long to wait."""
    page = await desk_page(db, actor, at, outside, status=429, **shown)
    page.headers["Retry-After"] = str(rejected.retry_after)
    return page


def _reading_cards(shown: Template, connector: str) -> Template:
    """The page may ask the connector of its own machine: no other page of ours may."""
    if connector:
        shown.headers["Content-Security-Policy"] = policy_with(connector)
    return shown
