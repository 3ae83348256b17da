"""Contrats de confiance: signed, audited, stopped; and where each stands today."""

from datetime import date
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import audits_for, contracts_for
from backend.domain.anomalies import read_words
from backend.domain.errors import NotFound, Refused
from backend.domain.laboratory import Ability, can
from backend.domain.trust_contracts import (
    TOLD_BEFORE,
    ContractState,
    Ending,
    Terms,
    check_terms,
    instead,
    state_of,
)
from backend.domain.trust_contracts import ending as count_ending
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import ContractAudit, TrustContract, seal_terms, terms_of

PURPOSE = "contract-audit"


class Contract(Struct, frozen=True):
    """One contract, as its page shows it."""

    id: UUID
    terms: Terms
    state: ContractState


class Audit(Struct, frozen=True):
    """One audit of a contract."""

    day: date
    good: bool
    findings: str
    audited_by: UUID


async def list_contracts(db: AsyncSession, actor: Professional, at: Moment) -> list[Contract]:
    """All of them, those that end first before the others."""
    authorise(db, actor, Action.LIST_CONTRACTS, None)
    query = contracts_for(actor).order_by(TrustContract.until, TrustContract.id)
    return [
        Contract(one.id, terms_of(db, one), state_at(one, at)) for one in await db.scalars(query)
    ]


async def ending(db: AsyncSession, actor: Professional, at: Moment) -> Ending:
    """Those to renew, for the home page of who keeps them; nobody is named there."""
    if not can(actor.roles, Ability.MANAGE_CONTRACTS):
        return Ending()
    query = contracts_for(actor).where(
        TrustContract.until >= at.today - TOLD_BEFORE, TrustContract.stopped_on.is_(None)
    )
    running = [(terms_of(db, one).partner, one.until) for one in await db.scalars(query)]
    return count_ending(running, at.today)


async def partner_of(
    db: AsyncSession, actor: Professional, at: Moment, contract_id: UUID | None
) -> tuple[str, str]:
    """Under whose contract samples came, and why it no longer qualifies; nothing without one."""
    if contract_id is None:
        return "", ""
    query = contracts_for(actor).where(TrustContract.id == contract_id)
    if (contract := await db.scalar(query)) is None:
        raise NotFound
    partner = terms_of(db, contract).partner
    return partner, instead(state_at(contract, at), partner)


async def find(db: AsyncSession, actor: Professional, at: Moment, contract_id: UUID) -> Contract:
    """One of them, or NotFound."""
    one = await _hold(db, actor, contract_id)
    return Contract(one.id, terms_of(db, one), state_at(one, at))


async def sign(db: AsyncSession, actor: Professional, terms: Terms) -> TrustContract:
    """A new one."""
    if actor.structure_id is None:
        raise NotFound
    read = check_terms(terms)
    contract_id = uuid4()
    contract = TrustContract(
        id=contract_id,
        structure_id=actor.structure_id,
        sealed_terms=seal_terms(db, contract_id, read),
        signed_on=read.signed_on,
        until=read.until,
        suspended=False,
    )
    authorise(db, actor, Action.SIGN_CONTRACT, contract)
    db.add(contract)
    await db.flush()
    return contract


async def stop(db: AsyncSession, actor: Professional, at: Moment, contract_id: UUID) -> None:
    """From today on nothing is qualified under it; what was stays so."""
    contract = await _hold(db, actor, contract_id)
    if state_at(contract, at) in {ContractState.STOPPED, ContractState.EXPIRED}:
        raise Refused("Ce contrat est déjà terminé.")
    authorise(db, actor, Action.STOP_CONTRACT, contract)
    contract.stopped_on = at.today


async def audit(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    contract_id: UUID,
    *,
    day: date,
    good: bool,
    findings: str,
) -> None:
    """Write an audit down. A bad one suspends the contract, the next good one resumes it."""
    contract = await _hold(db, actor, contract_id)
    if not contract.signed_on <= day <= at.today:
        raise Refused("Un audit a lieu entre la signature du contrat et aujourd’hui.")
    if not (words := read_words(findings)):
        raise Refused("Écrivez ce que l’audit a constaté.")
    authorise(db, actor, Action.AUDIT_CONTRACT, contract)
    audit_id = uuid4()
    sealed = vault_of(db).seal(PURPOSE, words.encode(), audit_id)
    db.add(
        ContractAudit(
            id=audit_id,
            contract_id=contract.id,
            day=day,
            good=good,
            audited_by=actor.id,
            at=at.now,
            sealed_findings=sealed,
        )
    )
    await db.flush()
    contract.suspended = not (await _audits(db, actor, contract_id))[0].good


async def list_audits(db: AsyncSession, actor: Professional, contract_id: UUID) -> list[Audit]:
    """The audits of one contract, the last first."""
    contract = await _hold(db, actor, contract_id)
    authorise(db, actor, Action.LIST_CONTRACTS, None)
    vault = vault_of(db)
    return [
        Audit(
            one.day,
            one.good,
            vault.unseal(PURPOSE, one.sealed_findings, one.id).decode(),
            one.audited_by,
        )
        for one in await _audits(db, actor, contract.id)
    ]


async def _audits(db: AsyncSession, actor: Professional, contract_id: UUID) -> list[ContractAudit]:
    query = audits_for(actor).where(ContractAudit.contract_id == contract_id)
    last_first = (ContractAudit.day.desc(), ContractAudit.at.desc(), ContractAudit.id)
    return list(await db.scalars(query.order_by(*last_first)))


async def _hold(db: AsyncSession, actor: Professional, contract_id: UUID) -> TrustContract:
    held = contracts_for(actor).where(TrustContract.id == contract_id).with_for_update()
    if (contract := await db.scalar(held)) is None:
        raise NotFound
    return contract


def state_at(contract: TrustContract, at: Moment) -> ContractState:
    """Where it stands today."""
    return state_of(
        signed_on=contract.signed_on,
        until=contract.until,
        stopped_on=contract.stopped_on,
        suspended=contract.suspended,
        today=at.today,
    )
