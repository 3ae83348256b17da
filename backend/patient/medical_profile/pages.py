"""The cards, the first question of each section, and its entries."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.domain.errors import NotFound, Refused
from backend.domain.medical_profile import (
    Declare,
    Entry,
    FieldKind,
    Offered,
    Operation,
    Put,
    Remove,
    State,
)
from backend.patient.medical_profile.steps import OVER, VERSION, Walk, begin, flat, number_in, walk
from backend.services import medical_profile, profile_links
from backend.services.medical_profile import Conflict, Shown
from backend.web import At, Db, Person, patient_page
from backend.web.about import FIELD, about_this

FOLDER = "patient/medical_profile"
CHOICE = "choix"
TOKEN = "_csrf_token"  # noqa: S105 - the name of a field
ONLY_HERE = frozenset({TOKEN, FIELD, VERSION, OVER})
AnyRequest = Request[Any, Any, Any]
Answered = Template | Redirect


@get("/", name="patient.medical_profile.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """One card a section: what was told, by whom, when."""
    shown = await medical_profile.read(db, actor, at)
    return await patient_page(db, actor, at, f"{FOLDER}/index.html", sections=shown)


@get("/{code:str}", name="patient.medical_profile.show")
async def show(code: FromPath[str], db: Db, actor: Person, at: At) -> Template:
    """Its question, or what was told."""
    shown = await medical_profile.open_section(db, actor, at, code)
    return await patient_page(db, actor, at, f"{FOLDER}/show.html", shown=shown, message="")


@post("/{code:str}", name="patient.medical_profile.declare", opt={"door": HOLDERS})
async def declare(
    code: FromPath[str], request: AnyRequest, db: Db, actor: Person, at: At
) -> Answered:
    """« Oui », « Non » or « Je ne sais pas »."""
    await about_this(request, actor)
    sent = flat(await request.form())
    choice = str(sent.get(CHOICE, ""))
    shown = await medical_profile.look(db, actor, at, code)
    if choice not in shown.section.answers:
        return await _again(db, actor, at, code)
    if choice == State.TOLD:
        return Redirect(f"/profil/{code}/ajouter", status_code=303)
    return await _change(db, actor, at, code, Declare(State(choice)), sent, f"/profil/{code}")


@get("/{code:str}/ajouter", name="patient.medical_profile.add", opt={"door": HOLDERS})
async def add(code: FromPath[str], db: Db, actor: Person, at: At) -> Template:
    shown = await medical_profile.open_section(db, actor, at, code)
    return await _first(db, actor, at, shown, uuid4(), None)


@get("/{code:str}/{entry_id:uuid}", name="patient.medical_profile.edit", opt={"door": HOLDERS})
async def edit(
    code: FromPath[str], entry_id: FromPath[UUID], db: Db, actor: Person, at: At
) -> Template:
    shown = await medical_profile.open_section(db, actor, at, code)
    entry = shown.answer.entry(entry_id)
    if entry is None:
        raise NotFound
    return await _first(db, actor, at, shown, entry_id, entry)


@post("/{code:str}/{entry_id:uuid}", name="patient.medical_profile.put", opt={"door": HOLDERS})
async def put(
    code: FromPath[str],
    entry_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Person,
    at: At,
) -> Answered:
    """The next page, this one again with what is wrong, or the end."""
    await about_this(request, actor)
    sent = flat(await request.form())
    shown = await medical_profile.look(db, actor, at, code)
    walked = await _walked(db, actor, at, shown, entry_id, sent)
    if walked.values is None:
        return await _step(db, actor, at, shown, entry_id, walked, sent=sent)
    done, path = Put(entry_id, walked.values), f"/profil/{code}/{entry_id}"
    try:
        return await _change(db, actor, at, code, done, sent, path)
    except Refused as refused:
        said = refused.message
    return await _step(db, actor, at, shown, entry_id, walked, sent=sent, message=said)


@get(
    "/{code:str}/{entry_id:uuid}/supprimer",
    name="patient.medical_profile.leave",
    opt={"door": HOLDERS},
)
async def leave(
    code: FromPath[str], entry_id: FromPath[UUID], db: Db, actor: Person, at: At
) -> Template:
    """It cannot be undone: asked once more, on a page of its own."""
    shown = await medical_profile.open_section(db, actor, at, code)
    entry = shown.answer.entry(entry_id)
    if entry is None:
        raise NotFound
    return await patient_page(db, actor, at, f"{FOLDER}/remove.html", shown=shown, entry=entry)


@post(
    "/{code:str}/{entry_id:uuid}/supprimer",
    name="patient.medical_profile.remove",
    opt={"door": HOLDERS},
)
async def remove(
    code: FromPath[str],
    entry_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Person,
    at: At,
) -> Answered:
    await about_this(request, actor)
    path = f"/profil/{code}/{entry_id}/supprimer"
    return await _change(db, actor, at, code, Remove(entry_id), flat(await request.form()), path)


async def _change(
    db: Db,
    actor: Person,
    at: At,
    code: str,
    operation: Operation,
    sent: Mapping[str, str],
    path: str,
) -> Answered:
    """To its section; or, answered meanwhile, both answers side by side."""
    version, over = number_in(sent, VERSION), bool(sent.get(OVER))
    outcome = await medical_profile.change(
        db, actor, at, code, operation, version=version, over=over
    )
    if outcome is None:
        return Redirect(f"/profil/{code}", status_code=303)
    return await _conflict(db, actor, at, outcome, sent, path)


async def _conflict(
    db: Db, actor: Person, at: At, both: Conflict, sent: Mapping[str, str], path: str
) -> Template:
    kept = {name: value for name, value in sent.items() if name not in ONLY_HERE}
    screen = await patient_page(
        db, actor, at, f"{FOLDER}/conflict.html", both=both, sent=kept, path=path
    )
    screen.status_code = 409
    return screen


async def _again(db: Db, actor: Person, at: At, code: str) -> Template:
    """What was told is on this page too: it is read."""
    shown = await medical_profile.open_section(db, actor, at, code)
    message = "Choisissez une réponse."
    screen = await patient_page(db, actor, at, f"{FOLDER}/show.html", shown=shown, message=message)
    screen.status_code = 422
    return screen


async def _first(
    db: Db, actor: Person, at: At, shown: Shown, entry_id: UUID, entry: Entry | None
) -> Template:
    """The first page of an entry."""
    walked = begin(shown.section, entry, await _offered(db, actor, at, shown, entry_id))
    return await _step(db, actor, at, shown, entry_id, walked)


async def _walked(
    db: Db, actor: Person, at: At, shown: Shown, entry_id: UUID, sent: Mapping[str, str]
) -> Walk:
    offered = await _offered(db, actor, at, shown, entry_id)
    return walk(shown.section, sent, at.today, offered, shown.answer.entry(entry_id))


async def _offered(db: Db, actor: Person, at: At, shown: Shown, entry_id: UUID) -> Offered:
    return await profile_links.offered(
        db, actor, at, shown.section, entry_id=entry_id, known=shown.around
    )


async def _step(
    db: Db,
    actor: Person,
    at: At,
    shown: Shown,
    entry_id: UUID,
    walked: Walk,
    *,
    sent: Mapping[str, str] | None = None,
    message: str = "",
) -> Template:
    """One page of an entry; the version that was sent is the one that its first page was about."""
    pages = shown.section.pages(walked.offered)
    asked = pages[walked.step]
    if asked[0].kind is FieldKind.DOCUMENTS:
        profile_links.saw_documents(db, actor)
    screen = await patient_page(
        db,
        actor,
        at,
        f"{FOLDER}/entry.html",
        shown=shown,
        section=shown.section,
        entry_id=entry_id,
        form=walked.draft,
        step=walked.step,
        last=len(pages) - 1,
        asked=asked,
        offered=walked.offered,
        version=shown.version if sent is None else number_in(sent, VERSION),
        message=message,
    )
    screen.status_code = 422 if message or walked.draft.errors else 200
    return screen
