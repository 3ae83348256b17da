"""« Ajouter un document »: what people add to their record, change, and take away again."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.access.scopes import Moment
from backend.domain.documents import LABELS, DocumentLine, Filters, Kind
from backend.domain.errors import Refused, Unavailable
from backend.domain.own_documents import Given, Told, read_day, read_kind, read_title
from backend.services import listing, own_documents
from backend.services.listing import read_place
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Db, Neighbours, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft, read_ids
from backend.web.uploads import UPLOAD_BYTES

TITLE, KIND, DAY, FILES = "titre", "categorie", "date", "fichiers"
DOCUMENT = "document"
SEVERAL = "/supprimer-des-documents"
CONFIRM = f"{SEVERAL}/confirmer"
COUNTS = frozenset(str(count) for count in range(1, own_documents.AT_ONCE + 1))
FIELDS = (TITLE, KIND, DAY)
AnyRequest = Request[Any, Any, Any]


@get("/ajouter-un-document", name="patient.own_documents.new")
async def new(db: Db, actor: Person, at: At) -> Template:
    return await _form(db, actor, at, Draft({DAY: f"{at.today}"}, fields=FIELDS))


@post(
    "/ajouter-un-document",
    name="patient.own_documents.add",
    takes_files=True,
    request_max_body_size=UPLOAD_BYTES,
)
async def add(
    request: AnyRequest, db: Db, actor: Person, at: At, outside: Neighbours
) -> Template | Redirect:
    """Everything is looked at, the files last: what is wrong is said beside it."""
    await about_this(request, actor)
    form = await request.form()
    draft = Draft(dict(form), fields=FIELDS)
    told, pdf = _told(draft, at.today), None
    given = [one for one in form.getall(FILES, []) if isinstance(one, Given)]
    try:
        pdf = await own_documents.make_pdf(outside, given)
    except Refused as refusal:
        draft.errors[FILES] = refusal.message
    except Unavailable as down:
        return await _form(db, actor, at, draft, message=down.message, status=422)
    if told is None or pdf is None:
        return await _form(db, actor, at, draft, status=422)
    done = await own_documents.add(db, actor, at, outside.files, told, pdf)
    if isinstance(done, Rejected):
        return await _form(db, actor, at, draft, message=done.message, status=429)
    return Redirect(f"/documents/{done}/document", status_code=303)


@get("/documents/{document_id:uuid}/modifier", name="patient.own_documents.edit")
async def edit(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    line = await own_documents.look(db, actor, at, document_id)
    typed = {TITLE: line.title, KIND: line.kind.value, DAY: f"{line.on:%Y-%m-%d}"}
    return await _form(db, actor, at, Draft(typed, fields=FIELDS), line=line)


@post("/documents/{document_id:uuid}/modifier", name="patient.own_documents.change")
async def change(
    document_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    await about_this(request, actor)
    line = await own_documents.look(db, actor, at, document_id)
    draft = Draft(dict(await request.form()), fields=FIELDS)
    told = _told(draft, at.today)
    if told is None:
        return await _form(db, actor, at, draft, line=line, status=422)
    await own_documents.change(db, actor, at, document_id, told)
    return Redirect(f"/documents/{document_id}/document", status_code=303)


@get("/documents/{document_id:uuid}/supprimer", name="patient.own_documents.leave")
async def leave(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """It cannot be undone: asked once more, on a page of its own."""
    line = await own_documents.look(db, actor, at, document_id)
    return await patient_page(db, actor, at, "patient/own_documents/remove.html", line=line)


@post("/documents/{document_id:uuid}/supprimer", name="patient.own_documents.remove")
async def remove(
    document_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    await about_this(request, actor)
    await own_documents.remove(db, actor, at, document_id)
    return Redirect("/documents", status_code=303)


@get(SEVERAL, name="patient.own_documents.choose")
async def choose(
    db: Db, actor: Person, at: At, apres: FromQuery[str] = "", fait: FromQuery[str] = ""
) -> Template:
    """What was added, with boxes to tick; above it, what was just done."""
    return await _choose(db, actor, at, apres, done=int(fait) if fait in COUNTS else 0)


@get(CONFIRM, name="patient.own_documents.leave_several")
async def leave_several(
    db: Db, actor: Person, at: At, document: FromQuery[list[UUID] | None] = None
) -> Template:
    """It cannot be undone: asked once more, by their titles."""
    try:
        lines = await own_documents.look_several(db, actor, at, dict.fromkeys(document or ()))
    except Refused as refused:
        return await _choose(db, actor, at, "", message=refused.message)
    return await patient_page(
        db, actor, at, "patient/own_documents/remove_several.html", lines=lines
    )


@post(CONFIRM, name="patient.own_documents.remove_several")
async def remove_several(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """All of them, or none."""
    await about_this(request, actor)
    ids = read_ids([str(one) for one in (await request.form()).getall(DOCUMENT, [])])
    await own_documents.remove_several(db, actor, at, ids)
    return Redirect(f"{SEVERAL}?fait={len(ids)}", status_code=303)


async def _choose(
    db: Db, actor: Person, at: Moment, after: str, *, done: int = 0, message: str = ""
) -> Template:
    own = Filters(own=True)
    lines, more = await listing.list_documents(db, actor, at, own, after=read_place(after))
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/own_documents/choose.html",
        lines=lines,
        more=more and f"{SEVERAL}?apres={more[0]}.{more[1]}",
        done=done,
        message=message,
    )
    shown.status_code = 422 if message else 200
    return shown


def _told(draft: Draft, today: date) -> Told | None:
    title, kind = draft.take(TITLE, read_title), draft.take(KIND, read_kind)
    day = draft.take(DAY, lambda text: read_day(text, today))
    return Told(title, kind, day) if title and kind and day else None


async def _form(
    db: Db,
    actor: Person,
    at: Moment,
    draft: Draft,
    *,
    line: DocumentLine | None = None,
    message: str = "",
    status: int = 200,
) -> Template:
    """To add one, or to change `line`."""
    screen = await patient_page(
        db,
        actor,
        at,
        f"patient/own_documents/{'edit' if line else 'new'}.html",
        form=draft,
        line=line,
        message=message,
        kinds=[(kind.value, LABELS[kind]) for kind in Kind],
        last_day=at.today,
    )
    screen.status_code = status
    return screen


router = Router(
    "/",
    route_handlers=[
        *(new, add, edit, change, leave, remove),
        *(choose, leave_several, remove_several),
    ],
    opt={"door": HOLDERS},
)
