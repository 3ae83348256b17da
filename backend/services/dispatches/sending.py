"""Getting a dispatch ready to leave: the policy asked again, then the mail made from the bytes."""

import asyncio
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import timedelta
from hashlib import sha256
from uuid import NAMESPACE_DNS, UUID, uuid5

from msgspec.structs import replace

from backend.access.scopes.dispatches import (
    SENT_FROM,
    dispatch_for_work,
    dispatches_to_follow,
    refuses,
)
from backend.access.scopes.machines import whose_number
from backend.domain.dispatches import DispatchState, Facts, News, Role, Sending, why_not
from backend.domain.dispatches.letter import body_of, pdf_name, subject_of
from backend.domain.errors import Refused
from backend.domain.formats.cda import read_cda
from backend.domain.formats.xdm import Submission, entry_of, write_xdm
from backend.domain.formats.xdm.schemes import HIDDEN, MASKED, WITHHELD
from backend.gateways.files import Files
from backend.gateways.mssante import Attachment, SecureMail
from backend.services.dispatches.advancing import ROBOT, advance
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.dispatches import Dispatch, message_key, seal_sending, sending_of
from backend.storage.documents import Document, DocumentStatus, Version
from backend.storage.records import (
    Identity,
    IdentityStatus,
    Record,
    RecordState,
    key_of,
    numbers_of,
    traits_of,
)
from backend.storage.vault import Tampered

LOST = timedelta(hours=72)
"""Longer than the outbox tries: whatever took it never came back."""
AT_ONCE = 100


class Unreadable(Refused):
    """The document cannot be made into a mail: trying again would not help."""


@dataclass(frozen=True, slots=True)
class Held:
    """A dispatch that is to leave, and nobody else’s until the commit."""

    dispatch: Dispatch
    document: Document
    version: Version
    record: Record
    sending: Sending | None
    """None when its record is closed: then `why` says so and nothing is opened."""
    why: str
    """The code of what stops it; `""` when nothing does."""


async def hold(db: AsyncSession, dispatch_id: UUID, turn: int) -> Held | None:
    """The dispatch, locked, with the policy asked again; None when there is nothing to do."""
    query = dispatch_for_work(ROBOT).where(Dispatch.id == dispatch_id)
    found = (await db.execute(query)).first()
    if found is None:
        return None
    dispatch, document, version, record, identity = found
    if dispatch.state is not DispatchState.PROMISED or dispatch.round != turn:
        return None
    live = record.state in SENT_FROM
    sending = sending_of(key_of(db, record), dispatch) if live else None
    whose = await _whose(db, record, identity) if live else record.id
    blocked = await _is_refused(db, whose, dispatch.role, sending) if sending else False
    facts = Facts(
        record_is_live=live,
        document_stands=document.status is DocumentStatus.CURRENT,
        is_current=document.version_id == version.id,
        withheld=document.withheld,
        hidden_from_guardians=document.hidden_from_guardians,
        blocked=blocked,
        qualified=identity.status is IdentityStatus.QUAL,
        messages_refused=record.messages_refused,
    )
    return Held(dispatch, document, version, record, sending, why_not(dispatch.role, facts))


async def _whose(db: AsyncSession, record: Record, identity: Identity) -> UUID:
    """Where its patient says whom they refuse: of a transit, in the space that they have now."""
    if record.state is not RecordState.TRANSIT:
        return record.id
    now = await db.scalar(whose_number(*numbers_of(vault_of(db), traits_of(db, record, identity))))
    return now or record.transit_of or record.id


async def _is_refused(db: AsyncSession, whose: UUID, role: Role, sending: Sending) -> bool:
    """Its patient blocked this professional, or objects to them."""
    if role is Role.PATIENT:
        return False
    number = sending.to.person.national_id
    return await db.scalar(refuses(ROBOT, whose, number)) is not None


def note(db: AsyncSession, held: Held, news: News, code: str) -> None:
    """It left, or did not: kept, and said to whoever asked for it."""
    order = held.sending.order if held.sending else None
    advance(db, ROBOT, held.dispatch, news, code=code, order=order)


def note_address(db: AsyncSession, held: Held, address: str) -> Held:
    """The Annuaire santé knows where: kept, for what comes back names it."""
    assert held.sending is not None
    sending = replace(held.sending, to=replace(held.sending.to, address=address))
    held.dispatch.sealed = seal_sending(key_of(db, held.record), held.dispatch.id, sending)
    return dataclass_replace(held, sending=sending)


async def prepare(db: AsyncSession, files: Files, held: Held, to: str, domain: str) -> SecureMail:
    """The mail to this address, the same bytes at each try; Unreadable when it cannot be made.

    `domain` is that of the mailbox that sends. The original is read again and must be the one that
    was received.
    """
    assert held.sending is not None
    version, key = held.version, key_of(db, held.record)
    sealed = await files.get(version.file_key)
    try:
        content = key.for_file(version.id).open(sealed, "original")
        if sha256(content).digest() != version.sha256:
            raise Unreadable
        vault = vault_of(db)
        name = message_key(vault, held.dispatch.id, held.dispatch.round)
        return await asyncio.to_thread(_compose, held, content, name, to, domain)
    except (Refused, Tampered, ValueError) as error:
        raise Unreadable from error


def _compose(held: Held, content: bytes, name: str, to: str, domain: str) -> SecureMail:
    assert held.sending is not None
    dispatch, document, order = held.dispatch, held.document, held.sending.order
    report = read_cda(content)
    header = report.header
    shown = {MASKED: document.masked, WITHHELD: document.withheld}
    shown[HIDDEN] = document.hidden_from_guardians
    entry = entry_of(content, [code for code, there in shown.items() if there])
    lot = Submission(
        unique_id=f"2.25.{uuid5(dispatch.id, str(dispatch.round)).int}",
        source_id=f"2.25.{uuid5(NAMESPACE_DNS, domain).int}",
        at=dispatch.promised_at,
    )
    package = Attachment("IHE_XDM.zip", "application/zip", write_xdm(lot, [(entry, content)]))
    pdf = report.pdf
    beside = [Attachment(pdf_name(header), "application/pdf", pdf)] if pdf else []
    patient = dispatch.role is Role.PATIENT
    said = order.body_patient if patient else order.body_professional
    return SecureMail(
        to=to,
        subject=subject_of(header),
        text=body_of(header, dispatch.role, said, replaces=dispatch.replaces),
        message_id=name,
        at=dispatch.promised_at,
        reply_to=order.reply_to,
        type_codes=(header.type_code,),
        ends_exchange=patient and order.ends_exchange,
        attachments=(package, *beside),
    )


async def give_up_lost(db: AsyncSession) -> int:
    """Dispatches whose work nobody came back from; how many."""
    old = Dispatch.promised_at < utcnow() - LOST
    waiting = dispatches_to_follow(ROBOT).where(old, Dispatch.state == DispatchState.PROMISED)
    rows = (await db.execute(waiting.limit(AT_ONCE))).all()
    for dispatch, record in rows:
        live = record.state in SENT_FROM
        order = sending_of(key_of(db, record), dispatch).order if live else None
        advance(db, ROBOT, dispatch, News.GIVEN_UP, code="expired", order=order)
    return len(rows)
