"""`/pro/patients`: somebody comes to the desk; they are found, or a file is made for them."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.dates import read_birth_date
from backend.domain.errors import Refused
from backend.domain.reports import Traits
from backend.domain.trust_contracts import ContractState
from backend.pro.desk_page import BORN, NAME, SEARCHED, desk_page, slow_down
from backend.pro.file_page import PATH, file_page
from backend.pro.frame import pro_page
from backend.services.identification import contracts, files
from backend.services.sign_in import Rejected
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft, read_ids

FIELDS = (
    *("nom", "prenom", "prenoms", "naissance", "sexe", "lieu", "nom_utilise", "prenom_utilise"),
    *("contrat", "autre"),
)
AnyRequest = Request[Any, Any, Any]


@get("/patients", name="pro.patients.index")
async def index(db: Db, actor: Staff, at: At, outside: Neighbours) -> Template:
    """Who is it? And those of the day, and those for whom INSi did not answer."""
    return await desk_page(db, actor, at, outside)


@post("/patients/recherche", name="pro.patients.search")
async def search(
    request: AnyRequest, db: Db, actor: Staff, at: At, outside: Neighbours
) -> Template:
    """By day of birth and name: neither is in an address."""
    draft = Draft(dict(await request.form()), fields=SEARCHED)
    who, born = (db, actor, at, outside), draft.take(BORN, read_birth_date)
    if born is None:
        return await desk_page(*who, form=draft, status=422)
    try:
        found = await files.search(db, actor, at, born=born, name=draft.typed[NAME])
    except Refused as refusal:
        return await desk_page(*who, form=draft, message=refusal.message, status=422)
    if isinstance(found, Rejected):
        return await slow_down(*who, found, form=draft, message=found.message)
    form = Draft(draft.typed, fields=FIELDS)
    return await _new_page(db, actor, at, form, found=found)


@post("/patients", name="pro.patients.create")
async def create(request: AnyRequest, db: Db, actor: Staff, at: At) -> Template | Redirect:
    """A file, or the form again with what was typed."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    typed = read_traits(draft)
    if typed is None:
        return await _new_page(db, actor, at, draft, status=422)
    sender, another = read_ids([draft.typed["contrat"]]), draft.typed["autre"] == "oui"
    under = sender[0] if sender else None
    try:
        file = await files.create(db, actor, at, typed, contract_id=under, another=another)
    except Refused as refusal:
        return await _new_page(db, actor, at, draft, refusal.message, status=422)
    return Redirect(f"{PATH}/{file.id}", status_code=303)


@get("/patients/{file_id:uuid}", name="pro.patients.show")
async def show(file_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """The file: where the identity stands, and what is to be done."""
    return await file_page(db, actor, at, file_id)


@post("/patients/{file_id:uuid}/traits", name="pro.patients.correct")
async def correct(
    file_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """Other traits, as the identity document says them."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    typed = read_traits(draft)
    if typed is None:
        return await file_page(db, actor, at, file_id, form=draft, status=422)
    try:
        await files.correct(db, actor, at, file_id, typed)
    except Refused as refusal:
        return await file_page(
            db, actor, at, file_id, form=draft, message=refusal.message, status=422
        )
    return Redirect(f"{PATH}/{file_id}", status_code=303)


def read_traits(draft: Draft) -> Traits | None:
    """What was typed of an identity; None when its day of birth cannot be read."""
    born, typed = draft.take(BORN, read_birth_date), draft.typed
    if born is None:
        return None
    return Traits(
        birth_name=typed["nom"],
        first_given=typed["prenom"],
        given_names=typed["prenoms"],
        birth_date=born,
        sex=typed["sexe"],
        birthplace=typed["lieu"],
        used_name=typed["nom_utilise"],
        used_given=typed["prenom_utilise"],
    )


async def _new_page(
    db: Db,
    actor: Staff,
    at: At,
    draft: Draft,
    message: str | None = None,
    *,
    found: list[files.Shown] | None = None,
    status: int = 200,
) -> Template:
    signed = await contracts.list_contracts(db, actor, at)
    return await pro_page(
        db,
        actor,
        at,
        "pro/patients/search.html",
        status,
        section="patients",
        form=draft,
        message=message,
        found=found,
        contracts=[one for one in signed if one.state is ContractState.ACTIVE],
    )


router = Router("/", route_handlers=[index, search, create, show, correct])
