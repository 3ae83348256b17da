"""`/pro/contrats`: with whom, by which clause, until when; their audits, their end."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.dates import read_date
from backend.domain.errors import Refused
from backend.domain.laboratory import Ability, can
from backend.domain.trust_contracts import ContractState, Terms
from backend.pro.frame import pro_page
from backend.services.identification import contracts
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/contrats"
FIELDS = ("partenaire", "finess", "clause", "referent", "referent_partenaire", "debut", "fin")
AUDITED = ("jour", "resultat", "constat")
RESULTS = {"bon": True, "mauvais": False}
DAY = "Écrivez une date comme 21/09/2026."
STATES = {
    ContractState.ACTIVE: "en vigueur",
    ContractState.COMING: "à venir",
    ContractState.SUSPENDED: "suspendu par un audit",
    ContractState.EXPIRED: "expiré",
    ContractState.STOPPED: "arrêté",
}
AnyRequest = Request[Any, Any, Any]


@get("/contrats", name="pro.contracts.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """All of them, and the form for one more."""
    return await _page(db, actor, at, Draft(fields=FIELDS))


@post("/contrats", name="pro.contracts.sign")
async def sign(request: AnyRequest, db: Db, actor: Staff, at: At) -> Template | Redirect:
    """One more, or the form again."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    begins, ends = draft.take("debut", _day), draft.take("fin", _day)
    if begins is None or ends is None:
        return await _page(db, actor, at, draft, status=422)
    try:
        await contracts.sign(db, actor, _terms(draft.typed, begins, ends))
    except Refused as refusal:
        return await _page(db, actor, at, draft, refusal.message, status=422)
    return Redirect(PAGE, status_code=303)


@get("/contrats/{contract_id:uuid}", name="pro.contracts.show")
async def show(contract_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """One contract and its audits."""
    return await _one(db, actor, at, contract_id, Draft(fields=AUDITED))


@post("/contrats/{contract_id:uuid}/audits", name="pro.contracts.audit")
async def audit(
    contract_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """One more audit."""
    draft = Draft(dict(await request.form()), fields=AUDITED)
    day, good = draft.take("jour", _day), draft.take("resultat", _good)
    if day is None or good is None:
        return await _one(db, actor, at, contract_id, draft, status=422)
    said = draft.typed["constat"]
    try:
        await contracts.audit(db, actor, at, contract_id, day=day, good=good, findings=said)
    except Refused as refusal:
        return await _one(db, actor, at, contract_id, draft, refusal.message, status=422)
    return Redirect(f"{PAGE}/{contract_id}", status_code=303)


@post("/contrats/{contract_id:uuid}/arret", name="pro.contracts.stop")
async def stop(contract_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template | Redirect:
    """From today on nothing is qualified under it."""
    try:
        await contracts.stop(db, actor, at, contract_id)
    except Refused as refusal:
        draft = Draft(fields=AUDITED)
        return await _one(db, actor, at, contract_id, draft, refusal.message, status=422)
    return Redirect(f"{PAGE}/{contract_id}", status_code=303)


def _terms(typed: Mapping[str, str], begins: date, ends: date) -> Terms:
    return Terms(
        partner=typed["partenaire"],
        clause=typed["clause"],
        our_referent=typed["referent"],
        their_referent=typed["referent_partenaire"],
        signed_on=begins,
        until=ends,
        finess=typed["finess"],
    )


def _day(text: str) -> date:
    return read_date(text, DAY)


def _good(text: str) -> bool:
    """A bad audit suspends a contract: nothing is understood of a question left unanswered."""
    if text not in RESULTS:
        raise Refused("Choisissez le résultat de l’audit.")
    return RESULTS[text]


async def _page(
    db: Db, actor: Staff, at: At, draft: Draft, message: str | None = None, *, status: int = 200
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/contracts/index.html",
        status,
        section="contracts",
        contracts=await contracts.list_contracts(db, actor, at),
        states=STATES,
        manages=can(actor.roles, Ability.MANAGE_CONTRACTS),
        form=draft,
        message=message,
    )


async def _one(
    db: Db,
    actor: Staff,
    at: At,
    contract_id: UUID,
    draft: Draft,
    message: str | None = None,
    *,
    status: int = 200,
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/contracts/show.html",
        status,
        section="contracts",
        contract=await contracts.find(db, actor, at, contract_id),
        audits=await contracts.list_audits(db, actor, contract_id),
        states=STATES,
        manages=can(actor.roles, Ability.MANAGE_CONTRACTS),
        form=draft,
        message=message,
    )


router = Router("/", route_handlers=[index, sign, show, audit, stop])
