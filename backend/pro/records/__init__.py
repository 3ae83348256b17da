"""`/pro/dossiers`: a patient’s record, read by a professional: why, what, in an emergency."""

from typing import Any

from litestar import Request, Router
from litestar.response import Redirect, Template

from backend.pro.records import announcing, door, emergency, reading
from backend.services.consultation import AskFirst
from backend.services.keeping_out import KeptOut
from backend.services.pace import TooMany
from backend.web import page


def ask_first(_: Request[Any, Any, Any], asked: AskFirst) -> Redirect:
    """To the page before opening."""
    return Redirect(f"{door.PAGE}/{asked.record_id}", status_code=303)


def keep_out(_: Request[Any, Any, Any], problem: KeptOut | TooMany) -> Template:
    """One sentence, and nothing of the record."""
    return page("pro/records/refused.html", 403, problem=problem)


router = Router(
    "/dossiers",
    route_handlers=[*door.handlers, *reading.handlers, *emergency.handlers, *announcing.handlers],
    exception_handlers={AskFirst: ask_first, KeptOut: keep_out, TooMany: keep_out},
)
