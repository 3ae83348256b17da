"""« Mes dossiers »: made, named, filled, emptied, taken away; documents stay whatever happens."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.access.scopes import Moment
from backend.domain.documents import Filters
from backend.domain.errors import Refused
from backend.domain.folders import read_name
from backend.services import folders, listing, masking
from backend.services.listing import read_place
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft, read_ids

PAGE, NAME, DOCUMENT, FOLDER = "/dossiers", "nom", "document", "dossier"
NOTHING_CHOSEN = "Cochez au moins un document."
ONE = PAGE + "/{folder_id:uuid}"
OF_ONE = "/documents/{document_id:uuid}/dossier"
AnyRequest = Request[Any, Any, Any]


@get(PAGE, name="patient.folders.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """From A to Z, and a field to make one."""
    return await _index(db, actor, at, Draft(fields=(NAME,)))


@post(PAGE, name="patient.folders.create")
async def create(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    await about_this(request, actor)
    draft = Draft(dict(await request.form()), fields=(NAME,))
    name = draft.take(NAME, read_name)
    try:
        made = name and await folders.create(db, actor, at, name)
    except Refused as refused:
        draft.errors[NAME], made = refused.message, None
    if not made:
        return await _index(db, actor, at, draft, status=422)
    return Redirect(f"{PAGE}/{made}/ranger", status_code=303)


@get(ONE, name="patient.folders.show")
async def show(folder_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """What is in it, and what can be done with it."""
    shelf = await folders.find(db, actor, at, folder_id)
    return await _show(db, actor, at, shelf, Draft({NAME: shelf.name}, fields=(NAME,)))


@post(f"{ONE}/nom", name="patient.folders.rename")
async def rename(
    folder_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    await about_this(request, actor)
    shelf = await folders.find(db, actor, at, folder_id)
    draft = Draft(dict(await request.form()), fields=(NAME,))
    try:
        if name := draft.take(NAME, read_name):
            await folders.rename(db, actor, at, folder_id, name)
    except Refused as refused:
        draft.errors[NAME] = refused.message
    if draft.errors:
        return await _show(db, actor, at, shelf, draft, status=422)
    return Redirect(f"{PAGE}/{folder_id}", status_code=303)


@get(f"{ONE}/ranger", name="patient.folders.choose")
async def choose(
    folder_id: FromPath[UUID], db: Db, actor: Person, at: At, apres: FromQuery[str] = ""
) -> Template:
    """The documents of the record, with boxes to tick."""
    return await _choose(db, actor, at, folder_id, apres)


@post(f"{ONE}/ranger", name="patient.folders.put")
async def put(
    folder_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    """All those that are ticked, or none."""
    await about_this(request, actor)
    chosen = await _chosen(request)
    if not chosen:
        return await _choose(db, actor, at, folder_id, "", NOTHING_CHOSEN)
    await folders.put(db, actor, at, folder_id, chosen)
    return Redirect(f"{PAGE}/{folder_id}", status_code=303)


@post(f"{ONE}/sortir", name="patient.folders.take_out")
async def take_out(
    folder_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    await about_this(request, actor)
    shelf, chosen = await folders.find(db, actor, at, folder_id), await _chosen(request)
    if not chosen:
        draft = Draft({NAME: shelf.name}, fields=(NAME,))
        return await _show(db, actor, at, shelf, draft, message=NOTHING_CHOSEN, status=422)
    await folders.take_out(db, actor, at, folder_id, chosen)
    return Redirect(f"{PAGE}/{folder_id}", status_code=303)


@get(f"{ONE}/supprimer", name="patient.folders.leave")
async def leave(folder_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """Asked once more; the page says that documents stay."""
    shelf = await folders.find(db, actor, at, folder_id)
    return await patient_page(db, actor, at, "patient/folders/remove.html", folder=shelf)


@post(f"{ONE}/supprimer", name="patient.folders.remove")
async def remove(
    folder_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    await about_this(request, actor)
    await folders.remove(db, actor, at, folder_id)
    return Redirect(PAGE, status_code=303)


@get(OF_ONE, name="patient.folders.place")
async def place(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """In which folder one document goes."""
    seen = await folders.look(db, actor, at, document_id)
    shown = {"line": seen.line, "folders": seen.names, "chosen": seen.chosen}
    return await patient_page(db, actor, at, "patient/folders/place.html", **shown)


@post(OF_ONE, name="patient.folders.move")
async def move(
    document_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    """Into a folder, or out of the one where it was."""
    await about_this(request, actor)
    await masking.look(db, actor, at, document_id)
    sent = read_ids([str((await request.form()).get(FOLDER, ""))])
    now = (await folders.places(db, actor, at, [document_id])).get(document_id)
    if sent:
        await folders.put(db, actor, at, sent[0], [document_id])
    elif now:
        await folders.take_out(db, actor, at, now, [document_id])
    return Redirect(f"{PAGE}/{sent[0] if sent else ''}".rstrip("/"), status_code=303)


async def _index(db: Db, actor: Person, at: Moment, draft: Draft, *, status: int = 200) -> Template:
    shelves = await folders.index(db, actor, at)
    shown = await patient_page(
        db, actor, at, "patient/folders/index.html", folders=shelves, form=draft
    )
    shown.status_code = status
    return shown


async def _show(
    db: Db,
    actor: Person,
    at: Moment,
    shelf: folders.Shelf,
    draft: Draft,
    *,
    message: str = "",
    status: int = 200,
) -> Template:
    inside = Filters(folder=shelf.id)
    lines, more = await listing.list_documents(db, actor, at, inside)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/folders/show.html",
        folder=shelf,
        lines=lines,
        more=bool(more),
        form=draft,
        message=message,
    )
    shown.status_code = status
    return shown


async def _choose(
    db: Db, actor: Person, at: Moment, folder_id: UUID, after: str, message: str = ""
) -> Template:
    shelf = await folders.find(db, actor, at, folder_id)
    lines, more = await listing.list_documents(db, actor, at, after=read_place(after))
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/folders/choose.html",
        folder=shelf,
        lines=lines,
        places=await folders.places(db, actor, at, [line.id for line in lines]),
        names=await folders.names(db, actor, at),
        more=more and f"{PAGE}/{shelf.id}/ranger?apres={more[0]}.{more[1]}",
        message=message,
    )
    shown.status_code = 422 if message else 200
    return shown


async def _chosen(request: AnyRequest) -> tuple[UUID, ...]:
    return read_ids([str(one) for one in (await request.form()).getall(DOCUMENT, [])])


router = Router(
    "/",
    route_handlers=[
        *(index, create, show, rename, choose, put, take_out, leave, remove),
        *(place, move),
    ],
    opt={"door": HOLDERS},
)
