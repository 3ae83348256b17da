"""« Je ne connais pas cette personne »: explained, blocked, reported."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.services import reporting
from backend.services.sentences import words
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft

PAGE = "/acces/signaler/{trace_id:uuid}"
WORDS = "mots"


@get(PAGE, name="patient.access.ask_report")
async def ask(trace_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """What reporting does; or the number, once it is done."""
    return await _page(db, actor, at, trace_id, Draft(fields=(WORDS,)))


@post(PAGE, name="patient.access.report")
async def report(
    trace_id: FromPath[UUID], request: Request[Any, Any, Any], db: Db, actor: Person, at: At
) -> Template | Redirect:
    """Reported, and a professional blocked."""
    await about_this(request, actor)
    draft = Draft(dict(await request.form()), fields=(WORDS,))
    said = draft.take(WORDS, reporting.read_words)
    if said is None:
        return await _page(db, actor, at, trace_id, draft, status=422)
    await reporting.report(db, actor, at, trace_id, said)
    return Redirect(f"/acces/signaler/{trace_id}", status_code=303)


async def _page(
    db: Db, actor: Person, at: At, trace_id: UUID, draft: Draft, *, status: int = 200
) -> Template:
    line = await reporting.look(db, actor, at, trace_id)
    shown = await patient_page(
        db, actor, at, "patient/access/report.html", line=line, words=words(line), form=draft
    )
    shown.status_code = status
    return shown


handlers = (ask, report)
