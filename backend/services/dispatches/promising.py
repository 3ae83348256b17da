"""Promising dispatches in the transaction of the deposit: they exist if and only if it does."""

from uuid import UUID, uuid4

from backend.access import Action, Actor, authorise
from backend.access.actors import Depositor, Machine
from backend.access.scopes.dispatches import dispatches_for
from backend.domain.deposits import Deposit, DepositAction, Flags
from backend.domain.dispatches import DispatchState, Sending, destinations
from backend.domain.jobs import SendDispatch
from backend.storage.db import AsyncSession, Base, utcnow, vault_of
from backend.storage.dispatches import (
    Dispatch,
    message_index,
    message_key,
    seal_sending,
    sending_of,
)
from backend.storage.documents import Document
from backend.storage.outbox import promise
from backend.storage.vault import RecordKey


def promise_dispatches(
    db: AsyncSession, actor: Depositor, deposit: Deposit, document: Document, key: RecordKey
) -> list[Base]:
    """The rows of one dispatch a recipient, with the promise to send it."""
    flags = Flags(
        masked=document.masked,
        withheld=document.withheld,
        hidden_from_guardians=document.hidden_from_guardians,
    )
    rows: list[Base] = []
    for to in destinations(deposit, flags):
        sending = Sending(to, deposit.order)
        replaces = deposit.action is DepositAction.REPLACE or bool(deposit.report.header.replaces)
        rows += _promise(
            db, actor, document, key, sending, client_id=_system(actor), replaces=replaces
        )
    return rows


def promise_held(
    db: AsyncSession,
    actor: Actor,
    document: Document,
    key: RecordKey,
    sending: Sending,
    *,
    client_id: UUID | None,
) -> list[Base]:
    """What was held back while the document was withheld; `client_id` had asked for it."""
    return _promise(db, actor, document, key, sending, client_id=client_id)


async def promise_again(
    db: AsyncSession, actor: Depositor, document: Document, key: RecordKey
) -> list[Base]:
    """What has not left yet of a version whose visibility changes leaves with the one that does."""
    waiting = dispatches_for(actor).where(
        Dispatch.document_id == document.id, Dispatch.state == DispatchState.PROMISED
    )
    rows: list[Base] = []
    for one in await db.scalars(waiting.with_for_update()):
        before = sending_of(key, one)
        sending = Sending(before.to, before.order)
        told = _system(actor) or one.client_id
        rows += _promise(db, actor, document, key, sending, client_id=told, replaces=one.replaces)
    return rows


def _promise(
    db: AsyncSession,
    actor: Actor,
    document: Document,
    key: RecordKey,
    sending: Sending,
    *,
    client_id: UUID | None,
    replaces: bool = False,
) -> list[Base]:
    now, id_ = utcnow(), uuid4()
    dispatch = Dispatch(
        id=id_,
        record_id=document.record_id,
        document_id=document.id,
        version_id=document.version_id,
        structure_id=document.structure_id,
        client_id=client_id,
        role=sending.to.role,
        replaces=replaces,
        state=DispatchState.PROMISED,
        round=1,
        events=0,
        promised_at=now,
        changed_at=now,
        message_index=message_index(vault_of(db), message_key(vault_of(db), id_, 1)),
        sealed=seal_sending(key, id_, sending),
    )
    authorise(db, actor, Action.PROMISE_DISPATCH, dispatch)
    return [dispatch, promise(SendDispatch(dispatch_id=id_, round=1), key=key_of_job(dispatch))]


def _system(actor: Depositor) -> UUID | None:
    """Who is told what becomes of it: nobody, when a professional deposited by hand."""
    return actor.id if isinstance(actor, Machine) else None


def key_of_job(dispatch: Dispatch) -> str:
    """One promise a round."""
    return f"dispatch/{dispatch.id}/{dispatch.round}"
