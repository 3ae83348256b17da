"""« Qui peut le voir »: documents, categories, or everything, shown to professionals or masked."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.domain.categories import read_categories
from backend.domain.documents import LABELS
from backend.domain.errors import NotFound, Refused
from backend.services import caregiving, listing, masking
from backend.services.listing import read_place
from backend.services.typed import typed_before
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import texts_of
from backend.web.fresh import step_up_first
from backend.web.htmx import wants_fragment

ALL, SEVERAL = "/compte/visibilite", "/masquer-des-documents"
CATEGORIES = f"{ALL}/categories"
ROW = "patient/documents/_row.html"
CHOICE, DOCUMENT, CATEGORY = "choix", "document", "categorie"
MASKED = {"masquer": True, "montrer": False}
NOTHING_CHOSEN = "Cochez au moins un document."
AnyRequest = Request[Any, Any, Any]


@get("/documents/{document_id:uuid}/visibilite", name="patient.masking.show")
async def show(
    document_id: FromPath[UUID], db: Db, actor: Person, at: At, fait: FromQuery[str] = ""
) -> Template:
    """Who sees this document now, and the one button that changes it."""
    line = await masking.look(db, actor, at, document_id)
    return await patient_page(
        db,
        actor,
        at,
        "patient/documents/visibility.html",
        line=line,
        helped=await caregiving.is_helped(db, actor, at),
        done=bool(fait),
        masks=await masking.standing(db, actor, at),
    )


@post("/documents/{document_id:uuid}/visibilite", name="patient.masking.change", status_code=200)
async def change(
    document_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Template | Redirect:
    """Done at once, undone by the same button; showing again asks who is there.

    From a row of the list: that row alone where scripts run, with what was done and its undoing.
    """
    path = f"/documents/{document_id}/visibilite"
    masked = await _choice(request)
    if not masked:
        await step_up_first(db, actor, path)
    await about_this(request, actor)
    await masking.mask(db, actor, at, [document_id], masked=masked)
    if not wants_fragment(request):
        return Redirect(f"{path}?fait=oui", status_code=303)
    line = await listing.one_line(db, actor, at, document_id)
    masks = await masking.standing(db, actor, at)
    return await patient_page(db, actor, at, ROW, line=line, just=True, masks=masks)


@get(SEVERAL, name="patient.masking.show_several")
async def show_several(
    db: Db, actor: Person, at: At, apres: FromQuery[str] = "", fait: FromQuery[str] = ""
) -> Template:
    """The list with boxes to tick; above it, what was just done and how to undo it."""
    ids = _ids(fait.split(".")) if fait else ()
    lines = await listing.named(db, actor, at, ids)
    done = tuple(id_ for id_ in ids if id_ in lines and lines[id_].masked)
    return await _several(db, actor, at, apres, done=done)


@post(SEVERAL, name="patient.masking.change_several")
async def change_several(
    request: AnyRequest, db: Db, actor: Person, at: At, apres: FromQuery[str] = ""
) -> Template | Redirect:
    """All those that are ticked, or none."""
    masked = await _choice(request)
    ids = _ids([str(one) for one in (await request.form()).getall(DOCUMENT, [])])
    if not masked:  # back to the one button that shows them
        await step_up_first(db, actor, f"{SEVERAL}{_done(ids)}")
    await about_this(request, actor)
    if not ids:
        return await _several(db, actor, at, apres, message=NOTHING_CHOSEN, status=422)
    changed = await masking.mask(db, actor, at, ids, masked=masked)
    return Redirect(f"{SEVERAL}{_done(changed) if masked else ''}", status_code=303)


@get(ALL, name="patient.masking.show_all")
async def show_all(
    db: Db,
    actor: Person,
    at: At,
    fait: FromQuery[str] = "",
    repris: FromQuery[str] = "",
) -> Template:
    """Who sees the record, and the buttons that change it."""
    masks, before = await masking.standing(db, actor, at), typed_before(db, actor, repris)
    return await patient_page(
        db,
        actor,
        at,
        "patient/account/visibility.html",
        done=fait,
        masks=masks,
        ticked=before.get(CATEGORY, masks.categories),
        to_finish=bool(before),
        categories=LABELS,
    )


@post(ALL, name="patient.masking.change_all")
async def change_all(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Everything, what comes included."""
    masked = await _choice(request)
    if not masked:
        await step_up_first(db, actor, ALL)
    await about_this(request, actor)
    await masking.mask_all(db, actor, at, masked=masked)
    return Redirect(f"{ALL}?fait=oui", status_code=303)


@post(CATEGORIES, name="patient.masking.change_categories")
async def change_categories(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Always these, what comes included; one that is shown again asks who is there."""
    await about_this(request, actor)
    sent = texts_of(await request.form(), CATEGORY)
    chosen = read_categories(sent[CATEGORY])
    if (await masking.standing(db, actor, at)).categories - chosen:
        await step_up_first(db, actor, ALL, sent)
    await masking.mask_categories(db, actor, at, chosen)
    return Redirect(f"{ALL}?fait=categories", status_code=303)


async def _several(
    db: Db,
    actor: Person,
    at: At,
    after: str,
    *,
    done: tuple[UUID, ...] = (),
    message: str = "",
    status: int = 200,
) -> Template:
    lines, more = await listing.list_documents(db, actor, at, after=read_place(after))
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/documents/several.html",
        lines=lines,
        more=more and f"{SEVERAL}?apres={more[0]}.{more[1]}",
        done=done,
        masks=await masking.standing(db, actor, at),
        message=message,
    )
    shown.status_code = status
    return shown


def _done(ids: Iterable[UUID]) -> str:
    """What an address says of documents that were just masked."""
    said = ".".join(map(str, ids))
    return f"?fait={said}" if said else ""


def _ids(texts: list[str]) -> tuple[UUID, ...]:
    try:
        return tuple(dict.fromkeys(map(UUID, texts)))
    except ValueError as error:
        raise NotFound from error


async def _choice(request: AnyRequest) -> bool:
    sent = str((await request.form()).get(CHOICE, ""))
    if sent not in MASKED:
        raise Refused("Choisissez de masquer ou de montrer.")
    return MASKED[sent]


router = Router(
    "/",
    route_handlers=[
        *(show, change, show_several, change_several),
        *(show_all, change_all, change_categories),
    ],
    opt={"door": HOLDERS},
)
