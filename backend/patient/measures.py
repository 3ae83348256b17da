"""« Mesures »: tension, weight, sugar and the rest, added by the person, seen through time."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.access.scopes import Moment
from backend.domain.calendar import PARIS
from backend.domain.errors import NotFound, Refused
from backend.domain.measures import (
    MYSELF,
    ORIGINS,
    Measure,
    Measured,
    doubt_about,
    read_comment,
    read_context,
    read_day,
    read_goal,
    read_hour,
    read_moment,
    read_numbers,
    read_origin,
)
from backend.services import measures
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft

VALUE, SECOND, DAY, HOUR, CONTEXT = "valeur", "deuxieme", "jour", "heure", "contexte"
COMMENT, CONFIRMED, ORIGIN = "commentaire", "confirme", "source"
FIELDS = (VALUE, SECOND, DAY, HOUR, CONTEXT, ORIGIN, COMMENT, CONFIRMED)
GOAL, ROW, CHOICE = "objectif", "mesure", "choix"
WANTED = {"oui": True, "non": False}
REPORTS = "/mesures/comptes-rendus"
AnyRequest = Request[Any, Any, Any]


@get("/", name="patient.measures.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """Each measure with its latest value; those that have none may be added."""
    seen = await measures.overview(db, actor, at)
    return await patient_page(db, actor, at, "patient/measures/index.html", seen=seen)


@get("/{address:uuid}", name="patient.measures.show")
async def show(
    address: FromPath[UUID],
    db: Db,
    actor: Person,
    at: At,
    ajoutee: FromQuery[UUID | None] = None,
    supprimee: FromQuery[UUID | None] = None,
) -> Template:
    """One measure: its latest value in a sentence, its curve, every value."""
    return await _show(db, actor, at, address, Draft(fields=(GOAL,)), done=(ajoutee, supprimee))


@get("/{address:uuid}/ajouter", name="patient.measures.new", opt={"door": HOLDERS})
async def new(address: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """A value, now."""
    measure, _born = await measures.look(db, actor, at, address)
    now = at.now.astimezone(PARIS)
    typed = {DAY: f"{now:%Y-%m-%d}", HOUR: f"{now:%H:%M}", ORIGIN: MYSELF}
    return await _form(db, actor, at, address, measure, Draft(typed, fields=FIELDS))


@post("/{address:uuid}/ajouter", name="patient.measures.add", opt={"door": HOLDERS})
async def add(
    address: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    """What is wrong is said beside it; what is surprising is asked once more, and kept."""
    await about_this(request, actor)
    measure, born = await measures.look(db, actor, at, address)
    draft = Draft(dict(await request.form()), fields=FIELDS)
    value, when = _told(draft, measure), _when(draft, at, born)
    if value is None or when is None:
        return await _form(db, actor, at, address, measure, draft, status=422)
    if asked := _doubt(draft, measure, value):
        return await _form(db, actor, at, address, measure, draft, asked=asked, status=422)
    done = await measures.add(db, actor, at, value, when)
    if isinstance(done, Rejected):
        draft.errors[VALUE] = done.message
        return await _form(db, actor, at, address, measure, draft, status=429)
    return Redirect(f"/mesures/{address}?ajoutee={done}", status_code=303)


@post("/{address:uuid}/supprimer", name="patient.measures.remove", opt={"door": HOLDERS})
async def remove(
    address: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    """Done at once, undone by a button on the page that follows."""
    await about_this(request, actor)
    row_id = await _row(request)
    await measures.remove(db, actor, at, address, row_id)
    return Redirect(f"/mesures/{address}?supprimee={row_id}", status_code=303)


@post("/{address:uuid}/remettre", name="patient.measures.put_back", opt={"door": HOLDERS})
async def put_back(
    address: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    await about_this(request, actor)
    row_id = await _row(request)
    await measures.put_back(db, actor, at, address, row_id)
    return Redirect(f"/mesures/{address}?ajoutee={row_id}", status_code=303)


@post("/{address:uuid}/objectif", name="patient.measures.set_goal", opt={"door": HOLDERS})
async def set_goal(
    address: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    """The goal seen with the doctor; an empty one takes it away."""
    await about_this(request, actor)
    measure, _born = await measures.look(db, actor, at, address)
    draft = Draft(dict(await request.form()), fields=(GOAL,))
    goal = draft.take(GOAL, lambda text: read_goal(measure, text))
    if goal is None:
        return await _show(db, actor, at, address, draft, status=422)
    done = await measures.set_goal(db, actor, at, address, goal)
    if isinstance(done, Rejected):
        draft.errors[GOAL] = done.message
        return await _show(db, actor, at, address, draft, status=429)
    return Redirect(f"/mesures/{address}", status_code=303)


@get(REPORTS.removeprefix("/mesures"), name="patient.measures.reports", opt={"door": HOLDERS})
async def reports(db: Db, actor: Person, at: At, fait: FromQuery[str] = "") -> Template:
    """Whether reports are read too, in words, and the one button that changes it."""
    wanted = await measures.reads_reports(db, actor, at)
    template = "patient/measures/reports.html"
    return await patient_page(db, actor, at, template, wanted=wanted, done=bool(fait))


@post(REPORTS.removeprefix("/mesures"), name="patient.measures.read_reports", opt={"door": HOLDERS})
async def read_reports(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    await about_this(request, actor)
    sent = str((await request.form()).get(CHOICE, ""))
    if sent not in WANTED:
        raise Refused("Choisissez oui ou non.")
    await measures.set_extraction(db, actor, at, wanted=WANTED[sent])
    return Redirect(f"{REPORTS}?fait=oui", status_code=303)


def _told(draft: Draft, measure: Measure) -> Measured | None:
    """The value, its context and its comment; every field is tried."""
    both = [draft.typed[VALUE], draft.typed[SECOND]] if measure.parts else [draft.typed[VALUE]]
    numbers = draft.take(VALUE, lambda _: read_numbers(measure, both))
    context = draft.take(CONTEXT, lambda text: read_context(measure, text))
    comment = draft.take(COMMENT, read_comment)
    origin = draft.take(ORIGIN, read_origin)
    if numbers is None or context is None or comment is None or origin is None:
        return None
    return Measured(measure.key, numbers, context, comment, origin)


def _when(draft: Draft, at: Moment, born: date | None) -> datetime | None:
    day, hour = draft.take(DAY, read_day), draft.take(HOUR, read_hour)
    if day is None or hour is None:
        return None
    return draft.take(DAY, lambda _: read_moment(day, hour, now=at.now, born=born))


def _doubt(draft: Draft, measure: Measure, value: Measured) -> str:
    """What to ask once more; nothing when the very same value was confirmed."""
    asked, confirmed = doubt_about(measure, value.numbers), draft.typed[CONFIRMED]
    draft.typed[CONFIRMED] = "/".join(value.numbers)
    return asked if confirmed != draft.typed[CONFIRMED] else ""


async def _row(request: AnyRequest) -> UUID:
    try:
        return UUID(str((await request.form()).get(ROW, "")))
    except ValueError as error:
        raise NotFound from error


async def _show(
    db: Db,
    actor: Person,
    at: Moment,
    address: UUID,
    form: Draft,
    *,
    done: tuple[UUID | None, UUID | None] = (None, None),
    status: int = 200,
) -> Template:
    """`done`: what was just added, what was just deleted."""
    added, deleted = done
    seen = await measures.show(db, actor, at, address, deleted)
    if not form.errors:
        form.typed[GOAL] = seen.goal
    screen = await patient_page(
        db,
        actor,
        at,
        "patient/measures/show.html",
        seen=seen,
        known=seen.known,
        measure=seen.known.measure,
        added=next((one for one in seen.readings if added and one.id == added), None),
        form=form,
    )
    screen.status_code = status
    return screen


async def _form(
    db: Db,
    actor: Person,
    at: Moment,
    address: UUID,
    measure: Measure,
    draft: Draft,
    *,
    asked: str = "",
    status: int = 200,
) -> Template:
    """`asked`: what is asked once more before it is kept."""
    screen = await patient_page(
        db,
        actor,
        at,
        "patient/measures/new.html",
        address=address,
        measure=measure,
        form=draft,
        asked=asked,
        origins=ORIGINS,
        last_day=at.today,
    )
    screen.status_code = status
    return screen


router = Router(
    "/mesures",
    route_handlers=[
        *(index, reports, read_reports, show, new, add),
        *(remove, put_back, set_goal),
    ],
)
