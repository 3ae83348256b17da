"""Reports that are sent and not filed (DESTDMP=N): their person is opposed, or wants it so.

Each lies in a record of its own that no space, list or search leads to, sealed under a key of its
own: it is sent, followed, sent again and proven like any other, and a month later its key is
destroyed. The record is named after the document, so that two deposits of it are one.
"""

from datetime import timedelta
from secrets import token_bytes
from uuid import UUID, uuid4

from backend.access import Action, authorise
from backend.access.scopes.machines import transits_of, whose_number
from backend.domain.calendar import civil_day
from backend.domain.deposits import DepositRefused, check_identity
from backend.services.deposits.actions import by_hand_of, take_off
from backend.services.deposits.lookup import Known, Sent, index_of_version
from backend.services.dispatches import promise_dispatches
from backend.services.filing import Filing, file_version, note_visibility
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import Document, DocumentStatus, Version
from backend.storage.records import (
    Identity,
    IdentityStatus,
    Record,
    RecordState,
    ins_index,
    key_of,
    traits_of,
)
from backend.storage.vault import Vault

KEPT = timedelta(days=30)
"""Longer than a mail that comes back, and than a laboratory takes to send it again."""
FILED = (
    "Ce compte rendu est dans l’espace de son patient : corrigez-le ou retirez-le là, avec "
    "DESTDMP=Y."
)
UNKNOWN = "Le document à supprimer n’est pas connu ici, ou il a plus d’un mois."
OLD = "Ce document a déjà été transmis, il y a plus d’un mois : produisez-le de nouveau."


async def find(db: AsyncSession, sent: Sent) -> Version | None:
    """The same document, sent already; DepositRefused when that was more than a month ago."""
    id_ = _name(vault_of(db), sent.unique_index)
    there = (await db.execute(transits_of(sent.actor).where(Record.id == id_))).first()
    if there is None:
        return None
    _document, version, record = there
    if record.state is RecordState.ERASED:
        raise DepositRefused("906", OLD, place="document")
    return version


async def pass_on(db: AsyncSession, known: Known, filing: Filing, sent: Sent) -> Version:
    """Send it to the professionals that it names; what it replaces is sent no more."""
    if sent.set_index in known.sets:
        raise DepositRefused("906", FILED, place="document")
    _compare(db, known, sent)
    before = await _earlier(db, sent)
    if not sent.adds:
        return await _withdraw(db, sent, before)
    record, identity = await _record(db, sent)
    document = _document(sent, record)
    authorise(db, sent.actor, Action.DEPOSIT_DOCUMENT, document, reason=sent.remarked)
    for old, version in before:
        authorise(db, sent.actor, Action.REPLACE_DOCUMENT, old)
        version.superseded_at = record.created_at
    filing.rows += (record, identity, document)
    key = key_of(db, record)
    note_visibility(filing, vault_of(db), sent.actor, document, utcnow())
    version = file_version(
        filing,
        sent.deposit,
        key,
        document=document,
        number=sent.deposit.report.header.version or 1,
        unique_index=sent.unique_index,
        digest=sent.digest,
    )
    filing.rows += promise_dispatches(db, sent.actor, sent.deposit, document, key)
    return version


def _compare(db: AsyncSession, known: Known, sent: Sent) -> None:
    """With the open space of that number, when there is one."""
    found = known.records.get(sent.ins_index)
    traits = traits_of(db, *found) if found else None
    check_identity(sent.deposit.patient, sent.deposit.report.header.patient, traits)


async def _earlier(db: AsyncSession, sent: Sent) -> list[tuple[Document, Version]]:
    """Those of the same set, or that it says it replaces, which still stand."""
    vault, header = vault_of(db), sent.deposit.report.header
    named = [index_of_version(vault, sent.structure_id, str(one)) for one in header.replaces]
    ids = [_name(vault, index) for index in (*named, sent.unique_index)]
    mine = transits_of(sent.actor).where(
        Document.status == DocumentStatus.CURRENT,
        Version.superseded_at.is_(None),
        Record.state == RecordState.TRANSIT,
    )
    same = mine.where((Document.set_index == sent.set_index) | Document.record_id.in_(ids))
    found = [(document, version) for document, version, _ in (await db.execute(same)).all()]
    if found and sent.is_new:
        raise DepositRefused(
            "900", "Ce document est déjà envoyé : envoyez un remplacement (RO).", place="document"
        )
    return found


async def _withdraw(
    db: AsyncSession, sent: Sent, before: list[tuple[Document, Version]]
) -> Version:
    """What has not left yet does not leave."""
    if not before:
        raise DepositRefused("900", UNKNOWN, place="document")
    for document, version in before:
        authorise(db, sent.actor, Action.WITHDRAW_DOCUMENT, document)
        await take_off(db, document, version)
    return before[-1][1]


async def _record(db: AsyncSession, sent: Sent) -> tuple[Record, Identity]:
    vault, patient, now = vault_of(db), sent.deposit.patient, utcnow()
    id_ = _name(vault, sent.unique_index)
    number = ins_index(vault, patient.oid, patient.matricule)
    record = Record(
        id=id_,
        state=RecordState.TRANSIT,
        wrapped_key=vault.new_record_key(id_),
        created_at=now,
        erase_on=civil_day(now + KEPT),
        transit_of=await db.scalar(whose_number([number])),
    )
    identity = Identity(
        id=uuid4(),
        record_id=id_,
        ins_index=token_bytes(32),  # nobody finds it by their number
        status=IdentityStatus.QUAL,
        sealed_traits=key_of(db, record).seal_value(patient, id_, "traits"),
    )
    return record, identity


def _document(sent: Sent, record: Record) -> Document:
    header, flags = sent.deposit.report.header, sent.deposit.flags
    return Document(
        id=uuid4(),
        record_id=record.id,
        structure_id=sent.structure_id,
        author_id=by_hand_of(sent),
        set_index=sent.set_index,
        type_code=sent.deposit.type_code,
        status=DocumentStatus.CURRENT,
        deposited_at=record.created_at,
        dated_on=civil_day(header.sampled_at or header.created),
        version_id=uuid4(),
        masked=flags.masked,
        withheld=flags.withheld,
        hidden_from_guardians=flags.hidden_from_guardians,
        visibility_number=0,
    )


def _name(vault: Vault, unique_index: bytes) -> UUID:
    """The record that a document lies in while it is sent."""
    return UUID(bytes=vault.index("transit", unique_index.hex())[:16], version=4)
