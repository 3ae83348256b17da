"""Whose record is to be opened, and why: the page before it, which says that they will know."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.access import Action, may
from backend.domain.dates import read_date
from backend.domain.errors import Refused
from backend.domain.ins import NIA, NIR, NIR_DEMO, NIR_TEST
from backend.pro.file_page import file_page
from backend.pro.frame import pro_page
from backend.pro.records.listing import record_page
from backend.services import consultation, threshold
from backend.services.consultation import AskFirst
from backend.services.sign_in import Rejected
from backend.services.threshold import Motive
from backend.web import At, Config, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/dossiers"
TYPED, SAID = ("domaine", "matricule"), ("motif", "jusquau")
DOMAINS = {NIR: "NIR", NIA: "NIA (numéro d’attente)"}
FOR_TESTS = {NIR_TEST: "NIR de test", NIR_DEMO: "NIR de démonstration"}
LAST_DAY = "Écrivez le dernier jour de cet accord comme 21/09/2026."
AnyRequest = Request[Any, Any, Any]


@get("/", name="pro.records.index")
async def index(db: Db, actor: Staff, at: At, config: Config) -> Template:
    """By its INS."""
    return await _search(db, actor, at, config, Draft(fields=TYPED))


@post("/recherche", name="pro.records.find")
async def find(
    request: AnyRequest, db: Db, actor: Staff, at: At, config: Config
) -> Template | Redirect:
    """On to the page before opening: an INS is in no address."""
    draft = Draft(dict(await request.form()), fields=TYPED)
    try:
        found = await threshold.find(db, actor, *(draft.typed[name] for name in TYPED))
    except Refused as refusal:
        return await _search(db, actor, at, config, draft, refusal.message, 422)
    if isinstance(found, Rejected):
        return await _search(db, actor, at, config, draft, found.message, 429)
    return Redirect(f"{PAGE}/{found}", status_code=303)


@post("/patients/{file_id:uuid}", name="pro.records.find_of_file")
async def find_of_file(
    file_id: FromPath[UUID], db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """From a file of the desk."""
    try:
        found = await threshold.find_of_file(db, actor, file_id)
    except Refused as refusal:
        return await file_page(db, actor, at, file_id, message=refusal.message, status=422)
    if isinstance(found, Rejected):
        return await file_page(db, actor, at, file_id, message=found.message, status=429)
    return Redirect(f"{PAGE}/{found}", status_code=303)


@get("/{record_id:uuid}", name="pro.records.show")
async def show(
    record_id: FromPath[UUID],
    db: Db,
    actor: Staff,
    at: At,
    voir: FromQuery[str] = "",
    apres: FromQuery[str] = "",
) -> Template:
    """The record once a visit goes on; until then, the page that asks why."""
    try:
        visit = await consultation.present(db, actor, at, record_id)
    except AskFirst:
        return await _door(db, actor, at, record_id, Draft(fields=SAID))
    return await record_page(db, actor, at, visit, voir, apres)


@post("/{record_id:uuid}/ouvrir", name="pro.records.open")
async def open_one(
    record_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """Why, and in."""
    draft = Draft(dict(await request.form()), fields=SAID)
    motive = draft.take("motif", _motive)
    until = draft.take("jusquau", _last_day) if motive is Motive.CONSENT else None
    if motive is None or draft.errors:
        return await _door(db, actor, at, record_id, draft, status=422)
    try:
        await threshold.open_record(db, actor, at, record_id, motive, until=until)
    except Refused as refusal:
        return await _door(db, actor, at, record_id, draft, refusal.message, status=422)
    return Redirect(f"{PAGE}/{record_id}", status_code=303)


def _motive(text: str) -> Motive:
    if text not in set(Motive):
        raise Refused("Dites pourquoi vous ouvrez ce dossier.")
    return Motive(text)


def _last_day(text: str) -> date:
    return read_date(text, LAST_DAY)


async def _search(
    db: Db,
    actor: Staff,
    at: At,
    config: Config,
    draft: Draft,
    message: str = "",
    status: int = 200,
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/records/index.html",
        status,
        section="records",
        form=draft,
        message=message,
        domains=DOMAINS | (FOR_TESTS if config.is_demo else {}),
        opens=may(actor, Action.FIND_RECORD, None),
    )


async def _door(
    db: Db,
    actor: Staff,
    at: At,
    record_id: UUID,
    draft: Draft,
    message: str = "",
    *,
    status: int = 200,
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/records/door.html",
        status,
        section="records",
        door=await threshold.look(db, actor, at, record_id),
        form=draft,
        message=message,
    )


handlers = (index, find, find_of_file, show, open_one)
