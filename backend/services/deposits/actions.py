"""The three things a laboratory may do: deposit, replace, withdraw."""

from uuid import uuid4

from msgspec import Struct
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Machine
from backend.access.scopes import deposited_by
from backend.domain.calendar import civil_day
from backend.domain.deposits import (
    Deposit,
    DepositAction,
    DepositRefused,
    check_version,
    merged_flags,
)
from backend.gateways.files import Files
from backend.gateways.pdf import PdfWorkers
from backend.services.deposits.lookup import find, set_index, unique_index
from backend.services.filing import file_version, tell_people, write_visibility
from backend.storage.db import AsyncSession, utcnow
from backend.storage.documents import (
    Document,
    DocumentStatus,
    Notice,
    Opening,
    Version,
    VisibilityChange,
)
from backend.storage.records import Record


class Tools(Struct, frozen=True):
    """What a deposit needs besides the database."""

    files: Files
    pdfs: PdfWorkers


async def create(
    db: AsyncSession, actor: Machine, tools: Tools, deposit: Deposit, record: Record
) -> Version:
    """A first version, in a record that does not know its setId."""
    header = deposit.report.header
    set_key = set_index(db, actor, deposit)
    if await db.scalar(deposited_by(actor).where(Document.set_index == set_key)):
        raise DepositRefused(
            "900", "Ce document est déjà déposé : envoyez un remplacement (RO).", place="document"
        )
    now = utcnow()
    document = Document(
        id=uuid4(),
        record_id=record.id,
        structure_id=actor.structure_id,
        set_index=set_key,
        type_code=deposit.type_code,
        deposited_at=now,
        dated_on=civil_day(header.sampled_at or header.created),
        version_id=uuid4(),
        masked=deposit.flags.masked,
        withheld=deposit.flags.withheld,
        hidden_from_guardians=deposit.flags.hidden_from_guardians,
        visibility_number=0,
    )
    authorise(db, actor, Action.DEPOSIT_DOCUMENT, document)
    await write_visibility(db, actor, document, now)
    version = await file_version(
        db,
        tools.files,
        deposit,
        record,
        document=document,
        number=header.version or 1,
        unique_index=unique_index(db, actor, deposit),
    )
    await tell_people(db, document, version, "new")
    return version


async def supersede(
    db: AsyncSession, actor: Machine, tools: Tools, deposit: Deposit, record: Record
) -> Version:
    """The next version of a document of this author; the patient's protections stay."""
    header = deposit.report.header
    document, previous = await find(db, actor, deposit, record)
    authorise(db, actor, Action.REPLACE_DOCUMENT, document)
    number = check_version(header.version, previous.number)
    was_hidden = document.withheld
    flags = merged_flags(
        deposit.flags,
        document,
        masked_by_patient=await _masked_by_patient(db, document),
        seen_by_patient=await _was_opened(db, document),
    )
    document.masked, document.withheld = flags.masked, flags.withheld
    document.hidden_from_guardians = flags.hidden_from_guardians
    now = utcnow()
    previous.superseded_at = now
    document.version_id, document.deposited_at = uuid4(), now
    document.dated_on = civil_day(header.sampled_at or header.created)
    document.visibility_number += 1
    await write_visibility(db, actor, document, now)
    version = await file_version(
        db,
        tools.files,
        deposit,
        record,
        document=document,
        number=number,
        unique_index=unique_index(db, actor, deposit),
    )
    corrected = None if was_hidden else previous.received_at
    kept = previous.corrects_received_at
    version.corrects_received_at = kept if flags.visibility_only else corrected
    await tell_people(db, document, version, "new" if was_hidden else "replaced")
    return version


async def withdraw(
    db: AsyncSession, actor: Machine, _tools: Tools, deposit: Deposit, record: Record
) -> Version:
    """The document leaves every screen; its bytes and its history stay."""
    document, version = await find(db, actor, deposit, record)
    authorise(db, actor, Action.WITHDRAW_DOCUMENT, document)
    document.status = DocumentStatus.WITHDRAWN
    now = utcnow()
    version.superseded_at = now
    if not document.withheld:
        db.add(Notice(record_id=record.id, document_id=document.id, kind="withdrawn", at=now))
    return version


async def _masked_by_patient(db: AsyncSession, document: Document) -> bool:
    last = await db.scalar(
        select(VisibilityChange)
        .where(VisibilityChange.document_id == document.id)
        .order_by(VisibilityChange.number.desc())
        .limit(1)
    )
    return document.masked and last is not None and last.actor_kind == "Patient"


async def _was_opened(db: AsyncSession, document: Document) -> bool:
    opened = select(Opening.at).join(Version, Version.id == Opening.version_id)
    return bool(await db.scalar(select(opened.where(Version.document_id == document.id).exists())))


ACTIONS = {
    DepositAction.NEW: create,
    DepositAction.REPLACE: supersede,
    DepositAction.WITHDRAW: withdraw,
}
