"""What is done at the desk about one identity: INSi, a document, a contract, a mark, a visit."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.anomalies import BY_HAND, AnomalyKind
from backend.domain.errors import Refused
from backend.domain.reception import Choices, Sensitive
from backend.domain.rniv import Event
from backend.pro.file_page import PATH, file_page
from backend.services.identification import anomalies, asking, checking, receiving
from backend.services.identification.checking import Seen
from backend.services.identification.outcomes import Lookup
from backend.services.sign_in import Rejected
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft
from backend.web.shedding import ABROAD

AnyRequest = Request[Any, Any, Any]
YES = "oui"


@post("/insi", name="pro.identity.ask", lane=ABROAD)
async def ask(
    file_id: FromPath[UUID],
    request: AnyRequest,
    outside: Neighbours,
    db: Db,
    actor: Staff,
    at: At,
) -> Template:
    """Ask INSi, and set its answer beside the file; no transaction waits for it."""
    sessions = request.app.state.sessions
    try:
        lookup = await asking.look_up(sessions, outside.insi, actor, at, file_id)
    except Refused as refusal:
        return await file_page(db, actor, at, file_id, message=refusal.message, status=422)
    return await _answered(db, actor, at, file_id, lookup)


@post("/verifier", name="pro.identity.verify", lane=ABROAD)
async def verify(
    file_id: FromPath[UUID],
    request: AnyRequest,
    outside: Neighbours,
    db: Db,
    actor: Staff,
    at: At,
) -> Template:
    """Does this number still go with these traits?"""
    sessions = request.app.state.sessions
    try:
        lookup = await asking.verify(sessions, outside.insi, actor, at, file_id)
    except Refused as refusal:
        return await file_page(db, actor, at, file_id, message=refusal.message, status=422)
    return await _answered(db, actor, at, file_id, lookup)


@post("/piece", name="pro.identity.check")
async def check(
    file_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """A document was seen."""
    sent = dict(await request.form())
    draft = Draft(sent, fields=("piece", "memes_traits", "parent"))
    typed = draft.typed
    same, parent = typed["memes_traits"] == YES, typed["parent"] == YES
    seen = Seen(typed["piece"], same_traits=same, parents_seen=parent)
    try:
        await checking.see_document(db, actor, at, file_id, seen)
    except Refused as refusal:
        return await _again(db, actor, at, file_id, draft, refusal)
    return _back(file_id)


@post("/contrat", name="pro.identity.contract")
async def contract(file_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template | Redirect:
    """The partner’s check is taken, under its contract."""
    try:
        await checking.qualify_by_contract(db, actor, at, file_id)
    except Refused as refusal:
        return await file_page(db, actor, at, file_id, message=refusal.message, status=422)
    return _back(file_id)


@post("/signalement", name="pro.identity.mark")
async def mark(
    file_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """Homonyme, douteuse, fictive: said, or no longer."""
    draft = Draft(dict(await request.form()), fields=("signalement",))
    try:
        await checking.mark(db, actor, at, file_id, _event(draft.typed["signalement"]))
    except Refused as refusal:
        return await _again(db, actor, at, file_id, draft, refusal)
    return _back(file_id)


@post("/visite", name="pro.identity.receive")
async def receive(
    file_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """What the person was told, and wants this time."""
    sent = dict(await request.form())
    draft = Draft(sent, fields=("informe", "oppose", "annonce", "secret"))
    try:
        await receiving.receive(db, actor, at, file_id, _choices(draft))
    except Refused as refusal:
        return await _again(db, actor, at, file_id, draft, refusal)
    return _back(file_id)


@post("/anomalies", name="pro.identity.report")
async def report(
    file_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """A line of the register, about this file."""
    draft = Draft(dict(await request.form()), fields=("nature", "description"))
    kind, detail = _kind(draft.typed["nature"]), draft.typed["description"]
    try:
        await anomalies.open_anomaly(db, actor, at, file_id, kind=kind, detail=detail)
    except Refused as refusal:
        return await _again(db, actor, at, file_id, draft, refusal)
    return _back(file_id)


def _choices(draft: Draft) -> Choices:
    typed = draft.typed
    explained = typed["annonce"] == Sensitive.EXPLAINED
    return Choices(
        informed=typed["informe"] == YES,
        opposed=typed["oppose"] == YES,
        sensitive=Sensitive.EXPLAINED if explained else Sensitive.AS_ANY,
        secret=typed["secret"] == YES,
    )


def _event(text: str) -> Event:
    return Event(text) if text in set(Event) else Event.CHANGED


def _kind(text: str) -> AnomalyKind:
    return AnomalyKind(text) if text in set(BY_HAND) else AnomalyKind.OTHER


def _back(file_id: UUID) -> Redirect:
    return Redirect(f"{PATH}/{file_id}", status_code=303)


async def _answered(
    db: Db, actor: Staff, at: At, file_id: UUID, lookup: Lookup | Rejected
) -> Template:
    """INSi’s answer beside the file; or the file, and how long to wait before asking again."""
    if not isinstance(lookup, Rejected):
        return await file_page(db, actor, at, file_id, lookup=lookup)
    shown = await file_page(db, actor, at, file_id, message=lookup.message, status=429)
    shown.headers["Retry-After"] = str(lookup.retry_after)
    return shown


async def _again(
    db: Db, actor: Staff, at: At, file_id: UUID, draft: Draft, refusal: Refused
) -> Template:
    return await file_page(db, actor, at, file_id, form=draft, message=refusal.message, status=422)


router = Router(
    "/patients/{file_id:uuid}",
    route_handlers=[ask, verify, check, contract, mark, receive, report],
)
