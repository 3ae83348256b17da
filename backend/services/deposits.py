"""A laboratory deposits, replaces or withdraws a document: one transaction, one receipt.

The same use case serves every door. Either everything is written (version, results, visibility,
notices, promises, journal) or nothing is.
"""

from hashlib import sha256
from secrets import token_hex
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import aliased

from backend.access import Action, authorise
from backend.access.actors import Machine
from backend.access.scopes import deposited_by, record_by_ins
from backend.domain.calendar import civil_day
from backend.domain.deposits import (
    Deposit,
    DepositAction,
    DepositRefused,
    check_author,
    check_content,
    check_identity,
    check_version,
    merged_flags,
)
from backend.gateways.files import Files
from backend.gateways.pdf import PdfWorkers
from backend.services.filing import file_version, tell_people, write_visibility
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import (
    Document,
    DocumentStatus,
    Notice,
    Opening,
    Receipt,
    Version,
    VisibilityChange,
)
from backend.storage.records import Record, ins_index, traits_of
from backend.storage.structures import Structure


class Given(Struct, frozen=True):
    """The answer to a deposit."""

    receipt: str
    replayed: bool = False


class Tools(Struct, frozen=True):
    """What a deposit needs besides the database."""

    files: Files
    pdfs: PdfWorkers


async def receive(
    db: AsyncSession, actor: Machine, tools: Tools, deposit: Deposit, *, message: str
) -> Given:
    """File `deposit` and give its receipt; the same `message` again gives the same receipt.

    `message` identifies the message: sender, control id and digest of its bytes. Raises
    DepositRefused (nothing is then written) and the PDF gateway's refusals.
    """
    message_index = vault_of(db).index("message", f"{actor.id}|{message}")
    given = await db.scalar(select(Receipt).where(Receipt.message_index == message_index))
    if given:
        return Given(given.number, replayed=True)
    structure = await db.get_one(Structure, actor.structure_id)
    check_content(deposit)
    check_author(deposit.report.header, deposit.sender, structure.finess)
    record = await _record_of(db, deposit)
    version = await _known_version(db, actor, deposit)
    if version and deposit.action is not DepositAction.WITHDRAW:
        return Given(await _number_of(db, version.id), replayed=True)
    if deposit.report.pdf is not None:
        await tools.pdfs.inspect(deposit.report.pdf)
    version = await _ACTIONS[deposit.action](db, actor, tools, deposit, record)
    receipt = Receipt(
        id=uuid4(),
        message_index=message_index,
        client_id=actor.id,
        number=f"R-{utcnow():%Y%m%d}-{token_hex(5).upper()}",
        version_id=version.id,
        action=deposit.action,
        at=utcnow(),
    )
    db.add(receipt)
    return Given(receipt.number)


async def _record_of(db: AsyncSession, deposit: Deposit) -> Record:
    """The open record whose identity is, trait by trait, the one sent. Never another one."""
    patient = deposit.patient
    found = (
        await db.execute(record_by_ins(ins_index(db, patient.oid, patient.matricule)))
    ).one_or_none()
    known = traits_of(db, *found.tuple()) if found else None
    check_identity(patient, deposit.report.header.patient, known)
    if found is None:
        raise DepositRefused(
            "902", "Aucun espace ouvert ne correspond à cette identité.", place="patient"
        )
    return found[0]


async def _known_version(db: AsyncSession, actor: Machine, deposit: Deposit) -> Version | None:
    """The version that already carries this document id: same bytes, or it is refused."""
    mine = deposited_by(actor).join(Version, Version.document_id == Document.id)
    version = await db.scalar(
        mine.where(Version.unique_index == unique_index(db, actor, deposit)).with_only_columns(
            Version
        )
    )
    if (
        version
        and version.sha256 != sha256(deposit.content).digest()
        and (deposit.action is not DepositAction.WITHDRAW)
    ):
        raise DepositRefused(
            "906",
            "Un document de même identifiant et de contenu différent est déjà déposé.",
            place="document",
        )
    return version


async def _number_of(db: AsyncSession, version_id: UUID) -> str:
    return (
        await db.scalars(
            select(Receipt.number).where(Receipt.version_id == version_id).order_by(Receipt.at)
        )
    ).first() or ""


async def _create(
    db: AsyncSession, actor: Machine, tools: Tools, deposit: Deposit, record: Record
) -> Version:
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
    write_visibility(db, actor, document, now)
    db.add(document)
    await db.flush()  # rows that point at it follow
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


async def _replace(
    db: AsyncSession, actor: Machine, tools: Tools, deposit: Deposit, record: Record
) -> Version:
    header = deposit.report.header
    document, previous = await _find(db, actor, deposit, record)
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
    write_visibility(db, actor, document, now)
    version = await file_version(
        db,
        tools.files,
        deposit,
        record,
        document=document,
        number=number,
        unique_index=unique_index(db, actor, deposit),
    )
    version.corrects_received_at = (
        previous.corrects_received_at
        if flags.visibility_only
        else None
        if was_hidden
        else previous.received_at
    )
    await tell_people(db, document, version, "new" if was_hidden else "replaced")
    return version


async def _withdraw(
    db: AsyncSession, actor: Machine, _tools: Tools, deposit: Deposit, record: Record
) -> Version:
    document, version = await _find(db, actor, deposit, record)
    authorise(db, actor, Action.WITHDRAW_DOCUMENT, document)
    document.status = DocumentStatus.WITHDRAWN
    now = utcnow()
    version.superseded_at = now
    if not document.withheld:
        db.add(Notice(record_id=record.id, document_id=document.id, kind="withdrawn", at=now))
    return version


_ACTIONS = {
    DepositAction.NEW: _create,
    DepositAction.REPLACE: _replace,
    DepositAction.WITHDRAW: _withdraw,
}


async def _find(
    db: AsyncSession, actor: Machine, deposit: Deposit, record: Record
) -> tuple[Document, Version]:
    """The live document of this author meant by a replacement or a deletion, locked.

    By parent id, by its own id, then by setId: official samples name a parent that was never
    sent (interop.md §1.8 item 4).
    """
    header = deposit.report.header
    ids = [_index(db, actor, "version", str(id_)) for id_ in (*header.replaces, header.id)]
    mine = (
        deposited_by(actor)
        .join(Version, Version.id == Document.version_id)
        .where(Document.record_id == record.id, Document.status == DocumentStatus.CURRENT)
        .add_columns(Version)
        .with_for_update(of=Document)
    )
    named = aliased(Version)
    by_id = mine.join(named, named.document_id == Document.id).where(named.unique_index.in_(ids))
    by_set = mine.where(Document.set_index == set_index(db, actor, deposit))
    for query in (by_id, by_set):
        if found := (await db.execute(query)).first():
            return found.tuple()
    raise DepositRefused(
        "900", "Le document à remplacer ou à supprimer n’est pas connu ici.", place="document"
    )


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


def unique_index(db: AsyncSession, actor: Machine, deposit: Deposit) -> bytes:
    """Blind index of the document’s own id, within its author."""
    return _index(db, actor, "version", str(deposit.report.header.id))


def set_index(db: AsyncSession, actor: Machine, deposit: Deposit) -> bytes:
    """Blind index of what stays the same from version to version, within its author."""
    header = deposit.report.header
    return _index(db, actor, "set", str(header.set_id or header.id))


def _index(db: AsyncSession, actor: Machine, kind: str, identifier: str) -> bytes:
    return vault_of(db).index(f"document-{kind}", f"{actor.structure_id}|{identifier}")
