"""« Par analyse »: each analysis across laboratories and years, explained, pinned, on paper."""

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.access import Action
from backend.access.doors import HOLDERS
from backend.domain.errors import Refused
from backend.domain.results import PERIODS
from backend.services import analyses, pins
from backend.services.analyses import Known, Table
from backend.services.people import Profile, profile_of
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this

CHOICES = {"epingler": True, "retirer": False}
AnyRequest = Request[Any, Any, Any]


@get("/", name="patient.analyses.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """From A to Z, each with its newest value."""
    found = await analyses.list_analyses(db, actor, at)
    letters = by_letter(found)
    return await patient_page(db, actor, at, "patient/analyses/index.html", letters=letters)


@get("/{analysis_id:uuid}", name="patient.analyses.show")
async def show(
    analysis_id: FromPath[UUID], db: Db, actor: Person, at: At, periode: FromQuery[str] = "tout"
) -> Template:
    """Its newest value, how it moved, every value with its laboratory."""
    return await _show(db, actor, at, analysis_id, periode)


@get("/{analysis_id:uuid}/comprendre", name="patient.analyses.explain")
async def explain(analysis_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """The text about this analysis, the same for everybody."""
    known, text = await analyses.explain(db, actor, at, analysis_id)
    return await patient_page(
        db, actor, at, "patient/analyses/explain.html", known=known, text=text
    )


@post("/{analysis_id:uuid}/epingler", name="patient.analyses.pin", opt={"door": HOLDERS})
async def pin(
    analysis_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect | Template:
    """On the home page or off it: done at once, undone by the same button."""
    await about_this(request, actor)
    sent = str((await request.form()).get("choix", ""))
    if sent not in CHOICES:
        raise Refused("Choisissez d’épingler ou de retirer.")
    try:
        await pins.pin(db, actor, at, analysis_id, pinned=CHOICES[sent])
    except Refused as refused:
        return await _show(db, actor, at, analysis_id, "tout", refused.message)
    return Redirect(f"/analyses/{analysis_id}", status_code=303)


@get("/tableau", name="patient.analyses.choose")
async def choose(db: Db, actor: Person, at: At) -> Template:
    """Which analyses go on the sheet: those that are pinned or outside, to begin with."""
    return await _choose(db, actor, at)


@get("/tableau/feuille", name="patient.analyses.sheet")
async def sheet(
    db: Db, actor: Person, at: At, analyse: FromQuery[list[UUID] | None] = None
) -> Template:
    """The last five values of each, to print."""
    chosen = frozenset(analyse or ())
    try:
        tables = await analyses.make_tables(db, actor, at, chosen)
    except Refused as refused:
        return await _choose(db, actor, at, chosen, refused.message)
    return await patient_page(
        db,
        actor,
        at,
        "patient/analyses/sheet.html",
        tables=tables,
        made_at=at.now,
        pdf="&".join(f"analyse={one}" for one in sorted(chosen, key=str)),
    )


@get("/tableau/feuille.pdf", name="patient.analyses.take")
async def take(
    db: Db, actor: Person, at: At, analyse: FromQuery[list[UUID] | None] = None
) -> Response[bytes]:
    """The same sheet, to keep or to send."""
    tables = await analyses.make_tables(
        db, actor, at, frozenset(analyse or ()), action=Action.TAKE_ANALYSES
    )
    profile = await profile_of(db, actor, at)
    return Response(
        await to_thread(_on_paper, profile, tables, at.now),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="tableau-de-resultats.pdf"'},
    )


def _on_paper(profile: Profile, tables: Sequence[Table], at: datetime) -> bytes:
    """In a thread, the loading too: fpdf and its fonts weigh 25 MB, and others wait meanwhile."""
    from backend.web.result_papers import results_for_the_doctor

    return results_for_the_doctor(profile.name, profile.born, tables, at=at)


def by_letter(found: Iterable[Known]) -> list[tuple[str, list[Known]]]:
    """« A », « B »… each with its analyses; what starts with no letter comes first."""
    return [
        (letter.upper(), list(group))
        for letter, group in groupby(found, key=lambda known: known.place[:1])
    ]


async def _show(
    db: Db, actor: Person, at: At, analysis_id: UUID, period: str, message: str = ""
) -> Template:
    known, history = await analyses.open_analysis(db, actor, at, analysis_id, period)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/analyses/show.html",
        known=known,
        history=history,
        periods=PERIODS,
        period=period if period in PERIODS else "tout",
        message=message,
    )
    shown.status_code = 422 if message else 200
    return shown


async def _choose(
    db: Db, actor: Person, at: At, chosen: frozenset[UUID] | None = None, message: str = ""
) -> Template:
    found: Sequence[Known] = await analyses.list_analyses(db, actor, at)
    if chosen is None:
        chosen = frozenset(one.id for one in found if one.pinned or one.outside)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/analyses/choose.html",
        analyses=found,
        chosen=chosen,
        message=message,
    )
    shown.status_code = 422 if message else 200
    return shown


router = Router("/analyses", route_handlers=[index, show, explain, pin, choose, sheet, take])
