"""What was deposited by hand: its receipt, and its end within ten minutes if nobody read it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment, deposited_by, documents_for
from backend.access.scopes.desk import ones_structure, patient_files
from backend.access.scopes.dispatches import dispatches_for
from backend.access.scopes.drafts import readings_of, receipts_by_hand
from backend.domain.deposits import Deposit, DepositAction, Flags
from backend.domain.dispatches import DispatchState
from backend.domain.documents import Summary
from backend.domain.errors import NotFound, Problem
from backend.domain.handing import TAKEN_BACK_WITHIN, Previous, TooLate, check_taken_back
from backend.domain.reports import Organisation, Report, Traits
from backend.domain.visibility import visibility_of
from backend.gateways.files import Files
from backend.services import pro_sign_in
from backend.services.deposits import Sent, receive
from backend.services.deposits.actions import masked_by_patient
from backend.services.professionals import named
from backend.services.proofs import Deposited, deposit_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import PatientFile, number_index
from backend.storage.dispatches import Dispatch, sending_of
from backend.storage.documents import ONLY_SENT, Document, DocumentStatus, Receipt, Version
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey

LATEST = 20
Found = Row[Receipt, Version, Document, Record]


class Told(Struct, frozen=True):
    """One line of the latest deposits."""

    number: str
    at: datetime
    by: str
    withdrawn: bool


class Receipted(Struct, frozen=True):
    """A receipt as its page shows it."""

    number: str
    at: datetime
    by: str
    title: str
    """Empty for a professional whom the patient blocked: they keep the receipt."""
    patient: str
    file_id: UUID | None
    """The patient’s file at the desk, from which another version may be deposited."""
    masked: bool
    """By the laboratory."""
    withheld: bool
    hidden: bool
    only_sent: bool
    """In nobody’s space."""
    current: bool
    to: tuple[str, ...]
    until: datetime
    """When it can no longer be taken back."""
    too_late: str
    """Why it can no longer be; empty while it can."""


async def latest(db: AsyncSession, actor: Professional) -> list[Told]:
    """Of the person’s own deposits by hand."""
    mine = receipts_by_hand(actor).where(
        Receipt.professional_id == actor.id, Receipt.action != DepositAction.WITHDRAW
    )
    rows = (await db.execute(mine.order_by(Receipt.at.desc()).limit(LATEST))).all()
    me = (await named(db, [actor.id]))[actor.id].name
    return [
        Told(receipt.number, receipt.at, me, document.status is DocumentStatus.WITHDRAWN)
        for receipt, _version, document, _record in rows
    ]


async def open_receipt(db: AsyncSession, actor: Professional, at: Moment, number: str) -> Receipted:
    """One receipt of the laboratory, and what became of its document."""
    receipt, version, document, record = await _find(db, actor, number)
    authorise(db, actor, Action.OPEN_RECEIPT, document)
    who = _report(db, record, version).header.patient
    mine = documents_for(actor, at).where(Document.id == document.id)
    key = key_of(db, record)
    summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
    left = dispatches_for(actor).where(Dispatch.version_id == version.id)
    sent, only_sent = (await db.scalars(left)).all(), version.pages_state == ONLY_SENT
    may_read = bool(sent) if only_sent else await db.scalar(select(mine.exists()))
    by = await named(db, [receipt.professional_id] if receipt.professional_id else [])
    return Receipted(
        number=number,
        at=receipt.at,
        by=next((one.name for one in by.values()), ""),
        title=summary.title if may_read else "",
        patient=f"{who.first_given.title()} {who.birth_name.title()}",
        file_id=await _file_of(db, actor, who),
        masked=await _masked(db, document),
        withheld=document.withheld,
        hidden=document.hidden_from_guardians,
        only_sent=only_sent,
        current=_stands(document, version),
        to=tuple(_name(key, one) for one in sent),
        until=receipt.at + TAKEN_BACK_WITHIN,
        too_late=await _too_late(db, actor, at, (receipt, version, document)),
    )


async def prove(db: AsyncSession, actor: Professional, at: Moment, number: str) -> Deposited:
    """The same receipt, as its proof on paper says it."""
    shown = await open_receipt(db, actor, at, number)
    receipt, version, _document, record = await _find(db, actor, number)
    about = receipt, version, record
    return await deposit_of(db, actor, about, patient=shown.patient, title=shown.title)


async def take_back(
    db: AsyncSession, actor: Professional, at: Moment, files: Files, number: str
) -> None:
    """The document leaves every screen, as when a machine withdraws it; or TooLate."""
    now = await pro_sign_in.present(db, actor)
    receipt, version, document, record = await _find(db, now, number, lock=True)
    if why := await _too_late(db, now, at, (receipt, version, document)):
        raise TooLate(why)
    report, place = _report(db, record, version), await db.scalar(ones_structure(now))
    if place is None:
        raise NotFound
    deposit = Deposit(
        action=DepositAction.WITHDRAW,
        patient=report.header.patient,
        sender=Organisation(place.finess, place.name),
        type_code=document.type_code,
        content=b"",
        report=report,
        flags=Flags(),
        only_sent=version.pages_state == ONLY_SENT,
    )
    message = f"by-hand-withdrawn|{version.id}"
    sent = Sent.by(now, deposit, message=message, vault=vault_of(db))
    answer = (await receive(db, files, [sent]))[0]
    if isinstance(answer, Problem):
        raise answer


async def previous_of(db: AsyncSession, actor: Professional, number: str) -> Previous:
    """What a new version of this deposit takes the place of: the current one."""
    _receipt, _version, document, record = await _find(db, actor, number)
    current = (
        deposited_by(actor)
        .join(Version, Version.id == Document.version_id)
        .where(Document.id == document.id)
        .with_only_columns(Version)
    )
    if (version := await db.scalar(current)) is None:  # only sent: there is nothing to replace
        raise NotFound
    header = _report(db, record, version).header
    return Previous(
        id=header.id,
        set_id=header.set_id or header.id,
        number=version.number,
        visibility=visibility_of(withheld=document.withheld, masked=await _masked(db, document)),
        secret=document.hidden_from_guardians,
    )


async def _find(db: AsyncSession, actor: Professional, number: str, *, lock: bool = False) -> Found:
    """With `lock`, whoever opens it meanwhile is waited for, then seen."""
    query = receipts_by_hand(actor).where(
        Receipt.number == number, Receipt.action != DepositAction.WITHDRAW
    )
    if lock:
        query = query.with_for_update(of=(Document, Version))
    found = (await db.execute(query)).first()
    if found is None:
        raise NotFound
    return found


async def _masked(db: AsyncSession, document: Document) -> bool:
    """By the laboratory; that the patient masks it is told to no professional."""
    return document.masked and not await masked_by_patient(db, document)


def _report(db: AsyncSession, record: Record, version: Version) -> Report:
    return key_of(db, record).open_value(Report, version.sealed_report, version.id, "report")


async def _file_of(db: AsyncSession, actor: Professional, who: Traits) -> UUID | None:
    if actor.structure_id is None:
        return None
    index = number_index(vault_of(db), actor.structure_id, who.oid, who.matricule)
    mine = patient_files(actor).where(PatientFile.ins_index == index)
    file = await db.scalar(mine)
    return file.id if file else None


def _name(key: RecordKey, dispatch: Dispatch) -> str:
    to = sending_of(key, dispatch).to
    return to.person.name or to.address


def _stands(document: Document, version: Version) -> bool:
    return document.status is not DocumentStatus.WITHDRAWN and document.version_id == version.id


async def _too_late(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    about: tuple[Receipt, Version, Document],
) -> str:
    receipt, version, document = about
    read = readings_of(document.id, document.record_id, but=actor.id)
    left = dispatches_for(actor).where(
        Dispatch.document_id == document.id, Dispatch.state == DispatchState.READ
    )
    current, replaces = _stands(document, version), receipt.action == DepositAction.REPLACE
    was_read = bool(await db.scalar(select(read.exists()))) or bool(
        await db.scalar(select(left.exists()))
    )
    try:
        check_taken_back(
            receipt.at,
            at.now,
            current=current,
            read=was_read,
            replaces=replaces,
            only_sent=version.pages_state == ONLY_SENT,
        )
    except TooLate as refusal:
        return refusal.message
    return ""
