"""« Montrer à un médecin »: choose documents and for how long, give the code, take it back."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.activation import in_fours
from backend.domain.documents import DocumentLine
from backend.domain.errors import NotFound, Refused
from backend.domain.showings import read_duration, read_whom
from backend.services import listing, masking, showings
from backend.services.sign_in.refusals import Rejected
from backend.services.typed import typed_before
from backend.web import At, Config, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft, first_of, texts_of
from backend.web.fresh import step_up_first
from backend.web.squares import square

PAGE, NEW = "/partages", "/partages/nouveau"
DOCUMENTS, LASTING, WHOM = "documents", "duree", "pour"
FIELDS = (LASTING, WHOM)
AnyRequest = Request[Any, Any, Any]


@get(PAGE, name="patient.showings.index")
async def index(db: Db, actor: Person, at: At, config: Config) -> Template:
    """What is shown now, with its code; what was, and who came.

    In the QR code the code stands after the `#`: browsers keep that part for themselves.
    """
    found = await showings.of(db, actor, at)
    return await patient_page(
        db,
        actor,
        at,
        "patient/showings/index.html",
        running=[
            (one, in_fours(one.code), square(f"{config.public_url}/partage#{one.code}"))
            for one in found
            if one.running
        ],
        past=[one for one in found if not one.running],
        address=config.public_url.partition("://")[2],
    )


@get(NEW, name="patient.showings.choose")
async def choose(
    db: Db, actor: Person, at: At, document: FromQuery[str] = "", repris: FromQuery[str] = ""
) -> Template:
    """Which documents, for how long; the one that the person comes from is ticked."""
    before = typed_before(db, actor, repris)
    chosen = _ids(before.get(DOCUMENTS, [document] if document else []))
    draft = Draft({LASTING: "1h"} | first_of(before), fields=FIELDS)
    return await _form(db, actor, at, draft, chosen=chosen, to_finish=bool(before))


@post(NEW, name="patient.showings.make")
async def make(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    """The code is made, or the form again with what was ticked."""
    await about_this(request, actor)
    form = await request.form()
    draft = Draft(dict(form), fields=FIELDS)
    await step_up_first(db, actor, NEW, texts_of(form, DOCUMENTS, *FIELDS))
    chosen = _ids(str(value) for value in form.getall(DOCUMENTS, []))
    lasting, whom = draft.take(LASTING, read_duration), draft.take(WHOM, read_whom)
    if lasting is None or whom is None:
        return await _form(db, actor, at, draft, chosen=chosen, status=422)
    try:
        refused = await showings.show(db, actor, at, chosen, lasting=lasting, whom=whom)
    except Refused as refusal:
        return await _form(db, actor, at, draft, refusal.message, chosen=chosen, status=422)
    if refused:
        return await _wait(db, actor, at, draft, refused, chosen)
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/arreter", name="patient.showings.end")
async def end(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Taken back at once."""
    await about_this(request, actor)
    (showing_id,) = _ids([str((await request.form()).get("id", ""))])
    await showings.end(db, actor, at, showing_id)
    return Redirect(PAGE, status_code=303)


async def _form(
    db: Db,
    actor: Person,
    at: At,
    draft: Draft,
    message: str | None = None,
    *,
    chosen: set[UUID],
    to_finish: bool = False,
    status: int = 200,
) -> Template:
    lines = await _lines(db, actor, at, chosen)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/showings/new.html",
        form=draft,
        message=message,
        lines=lines,
        chosen=chosen,
        to_finish=to_finish,
    )
    shown.status_code = status
    return shown


async def _wait(
    db: Db, actor: Person, at: At, draft: Draft, refused: Rejected, chosen: set[UUID]
) -> Template:
    shown = await _form(db, actor, at, draft, refused.message, chosen=chosen, status=429)
    shown.headers["Retry-After"] = str(refused.retry_after)
    return shown


async def _lines(db: Db, actor: Person, at: At, chosen: set[UUID]) -> list[DocumentLine]:
    """The latest documents, and before them those that are ticked already."""
    latest, _ = await listing.list_documents(db, actor, at)
    older = chosen - {line.id for line in latest}
    return [*[await masking.look(db, actor, at, one) for one in sorted(older)], *latest]


def _ids(texts: Iterable[str]) -> set[UUID]:
    try:
        return {UUID(text) for text in texts}
    except ValueError as error:
        raise NotFound from error


handlers = (index, choose, make, end)
