"""« Mes professionnels »: who may look, who treats, who is blocked; blocking, in advance too."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.domain.directory import read_wanted
from backend.domain.errors import NotFound
from backend.services import blocking, masking, professionals, treating
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft, read_ids
from backend.web.fresh import step_up_first

PAGE = "/acces/professionnels"
SEARCH, UNBLOCK = f"{PAGE}/chercher", f"{PAGE}/debloquer/{{professional_id:uuid}}"
TREATING, NO_LONGER = (
    f"{PAGE}/medecin-traitant/{{professional_id:uuid}}",
    f"{PAGE}/plus-medecin-traitant",
)
NAME, CHOSEN = "nom", "professionnel"
DONE = {"bloque", "debloque", "traitant"}
NOBODY_CHOSEN = "Cochez au moins un professionnel."
AnyRequest = Request[Any, Any, Any]


@get(PAGE, name="patient.access.professionals")
async def show(db: Db, actor: Person, at: At, fait: FromQuery[str] = "") -> Template:
    """Those who may see, those who are blocked, and what each may do."""
    return await _page(db, actor, at, done=fait if fait in DONE else "")


@post(f"{PAGE}/bloquer", name="patient.access.block")
async def block(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    """Done at once, one or several; undone on the page that follows."""
    await about_this(request, actor)
    try:
        ids = [UUID(str(one)) for one in (await request.form()).getall(CHOSEN, [])]
    except ValueError as error:
        raise NotFound from error
    if not ids:
        return await _page(db, actor, at, message=NOBODY_CHOSEN, status=422)
    await blocking.block(db, actor, at, set(ids))
    return Redirect(f"{PAGE}?fait=bloque", status_code=303)


@get(UNBLOCK, name="patient.access.ask_unblock")
async def ask_unblock(professional_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """What unblocking does, before it is done."""
    who = await blocking.blocked(db, actor, at, professional_id)
    await step_up_first(db, actor, f"{PAGE}/debloquer/{professional_id}")
    return await patient_page(db, actor, at, "patient/access/unblock.html", who=who)


@post(UNBLOCK, name="patient.access.unblock")
async def unblock(
    professional_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    """They may ask again."""
    await step_up_first(db, actor, f"{PAGE}/debloquer/{professional_id}")
    await about_this(request, actor)
    await blocking.unblock(db, actor, at, professional_id)
    return Redirect(f"{PAGE}?fait=debloque", status_code=303)


@get(TREATING, name="patient.access.ask_treating")
async def ask_treating(professional_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """What follows from saying it, before it is said."""
    who = await treating.find(db, actor, at, professional_id)
    await _prove(db, actor, at, professional_id)
    before = await treating.declared(db, actor, at)
    masks = await masking.standing(db, actor, at)
    page = "patient/access/treating.html"
    return await patient_page(db, actor, at, page, who=who, before=before, masks=masks)


@post(TREATING, name="patient.access.declare_treating")
async def declare_treating(
    professional_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person, at: At
) -> Redirect:
    """« C’est mon médecin traitant »: this one, and nobody else."""
    await _prove(db, actor, at, professional_id)
    await about_this(request, actor)
    await treating.declare(db, actor, at, professional_id)
    return Redirect(f"{PAGE}?fait=traitant", status_code=303)


@post(NO_LONGER, name="patient.access.end_treating")
async def end_treating(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """« Ce n’est plus mon médecin traitant »: done at once, as it opens nothing."""
    await about_this(request, actor)
    ids = read_ids([str((await request.form()).get(CHOSEN, ""))])
    if not ids:
        raise NotFound
    await treating.end(db, actor, at, ids[0])
    return Redirect(f"{PAGE}?fait=traitant", status_code=303)


@get(SEARCH, name="patient.access.search")
async def search(db: Db, actor: Person, at: At) -> Template:
    """Somebody to block before they come."""
    return await _search_page(db, actor, at, Draft(fields=(NAME,)))


@post(SEARCH, name="patient.access.find")
async def find(request: AnyRequest, db: Db, actor: Person, at: At) -> Template:
    """Whom one looks for stays out of the address."""
    draft = Draft(dict(await request.form()), fields=(NAME,))
    wanted = draft.take(NAME, read_wanted)
    if wanted is None:
        return await _search_page(db, actor, at, draft, status=422)
    found, more = await professionals.search(db, wanted)
    return await _search_page(db, actor, at, draft, found=found, more=more, asked=True)


async def _prove(db: Db, actor: Person, at: At, professional_id: UUID) -> None:
    """Where it opens what is masked, it asks who is there."""
    if at.policy.masked_visible_to_treating_physician:
        await step_up_first(db, actor, f"{PAGE}/medecin-traitant/{professional_id}")


async def _page(
    db: Db, actor: Person, at: At, *, done: str = "", message: str = "", status: int = 200
) -> Template:
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/access/professionals.html",
        everyone=await blocking.everyone(db, actor, at),
        masks=await masking.standing(db, actor, at),
        done=done,
        message=message,
    )
    shown.status_code = status
    return shown


async def _search_page(
    db: Db, actor: Person, at: At, draft: Draft, *, status: int = 200, **found: Any
) -> Template:
    context = {"found": (), "more": False, "asked": False} | found
    shown = await patient_page(db, actor, at, "patient/access/search.html", form=draft, **context)
    shown.status_code = status
    return shown


handlers = (
    *(show, block, ask_unblock, unblock, search, find),
    *(ask_treating, declare_treating, end_treating),
)
