"""« Accès »: three answers — who may see the record, who opened it, what is set."""

from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound
from backend.services import activity, blocking, emergency, masking, reporting
from backend.services.activity import Asked, Line
from backend.services.reporting import REPORTABLE
from backend.services.sentences import words
from backend.web import At, Db, Person, patient_page

FORMAT = "%Y%m%dT%H%M%S.%fZ"
EVERYBODY = "tous"


class Day(Struct, frozen=True):
    """One heading of the journal."""

    on: datetime
    lines: tuple[tuple[Line, str], ...]


@get("/acces", name="patient.access.index")
async def index(
    db: Db, actor: Person, at: At, qui: FromQuery[str] = "", avant: FromQuery[str] = ""
) -> Template:
    """What others did, a sentence each, the latest first."""
    asked = Asked(_who(qui), qui == EVERYBODY, _moment(avant))
    timeline = await activity.read(db, actor, at, asked)
    following = timeline.following
    place = {"qui": qui, "avant": f"{following.astimezone(UTC):{FORMAT}}" if following else ""}
    return await patient_page(
        db,
        actor,
        at,
        "patient/access/index.html",
        days=_by_day(timeline.lines),
        people=timeline.people,
        who=qui,
        first_page=not avant,
        more=following and f"/acces?{urlencode({k: v for k, v in place.items() if v})}",
        reportable=REPORTABLE,
        last=await activity.last_look(db, actor, at),
        everyone=await blocking.everyone(db, actor, at),
        masks=await masking.standing(db, actor, at),
        switches=await emergency.switches(db, actor, at),
        reports=await reporting.reports(db, actor, at),
    )


@get("/activite", name="patient.access.activity")
async def moved() -> Redirect:
    """Where this page was before."""
    return Redirect(f"/acces?qui={EVERYBODY}", status_code=303)


def _who(text: str) -> UUID | None:
    """Somebody, as the form of the page names them; NotFound for any other word."""
    if text in {"", EVERYBODY}:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def _moment(text: str) -> datetime | None:
    """Before when, as an address says it; NotFound when it says anything else."""
    if not text:
        return None
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise NotFound from error


def _by_day(lines: tuple[Line, ...]) -> list[Day]:
    days = groupby(lines, key=lambda line: civil_day(line.at))
    held = [tuple((line, words(line)) for line in found) for _, found in days]
    return [Day(found[0][0].at, found) for found in held]


handlers = (index, moved)
