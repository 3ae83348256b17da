"""Reports that are sent and not filed (DESTDMP=N): their person is opposed, or wants it so.

Each lies in a record of its own that no space, list or search leads to, sealed under a key of its
own: it is sent, corrected, followed and proven like any other, and a month later its key is
destroyed.
"""

from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import uuid4

from backend.access import Action, authorise
from backend.access.scopes.machines import has_version, transits_of, whose_number
from backend.domain.calendar import civil_day
from backend.domain.deposits import DepositRefused, check_identity, check_version
from backend.services.deposits.actions import by_hand_of, take_off
from backend.services.deposits.lookup import FRESH, Known, Sent, index_of_version
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

Standing = tuple[Document, Version, Record]

KEPT = timedelta(days=30)
"""Longer than a mail that comes back, and than a laboratory takes to send it again."""
FILED = (
    "Ce compte rendu est dans l’espace de son patient : corrigez-le ou retirez-le là, avec "
    "DESTDMP=Y."
)
AGAIN = "Ce document est déjà envoyé : envoyez un remplacement (RO)."
UNKNOWN = "Le document à supprimer n’est pas connu ici, ou il a plus d’un mois."
OLD = "Ce document a déjà été transmis, il y a plus d’un mois : produisez-le de nouveau."


async def find(db: AsyncSession, sent: Sent) -> Version | None:
    """The same document, sent already; DepositRefused when that was more than a month ago."""
    here = transits_of(sent.actor).where(Version.unique_index == _index(db, sent))
    there = (await db.execute(here)).first()
    if there is None:
        return None
    _document, version, record = there
    if record.state is RecordState.ERASED:
        raise DepositRefused("906", OLD, place="document")
    return version


async def pass_on(db: AsyncSession, known: Known, filing: Filing, sent: Sent) -> Version:
    """Send it to the professionals that it names, or its correction, or send it no more."""
    if sent.set_index in known.sets:
        raise DepositRefused("906", FILED, place="document")
    _compare(db, known, sent)
    there = await _standing(db, sent)
    if not sent.adds:
        return await _withdraw(db, sent, there)
    if there and sent.is_new:
        raise DepositRefused("900", AGAIN, place="document")
    now = utcnow()
    if there:
        document, previous, record = there
        number = check_version(sent.deposit.report.header.version, previous.number)
        authorise(db, sent.actor, Action.REPLACE_DOCUMENT, document, reason=sent.remarked)
        previous.superseded_at = now
        _fill(document, sent, now)
    else:
        number = sent.deposit.report.header.version or 1
        record, identity = await _record(db, sent)
        document = _document(sent, record)
        authorise(db, sent.actor, Action.DEPOSIT_DOCUMENT, document, reason=sent.remarked)
        filing.rows += (record, identity, document)
    record.erase_on = civil_day(now + KEPT)
    key = key_of(db, record)
    note_visibility(filing, vault_of(db), sent.actor, document, now)
    version = file_version(
        filing,
        sent.deposit,
        key,
        document=document,
        number=number,
        unique_index=_index(db, sent),
        digest=sent.digest,
    )
    filing.rows += promise_dispatches(db, sent.actor, sent.deposit, document, key)
    return version


def _compare(db: AsyncSession, known: Known, sent: Sent) -> None:
    """With the open space of that number, when there is one."""
    found = known.records.get(sent.ins_index)
    traits = traits_of(db, *found) if found else None
    check_identity(sent.deposit.patient, sent.deposit.report.header.patient, traits)


async def _standing(db: AsyncSession, sent: Sent) -> Standing | None:
    """What it replaces or withdraws, held: of the same set, or named by it."""
    vault, header = vault_of(db), sent.deposit.report.header
    named = [index_of_version(vault, sent.structure_id, str(one)) for one in header.replaces]
    ids = [transit_index(vault, index) for index in (*named, sent.unique_index)]
    mine = transits_of(sent.actor).where(
        Version.id == Document.version_id,
        Document.status == DocumentStatus.CURRENT,
        Record.state == RecordState.TRANSIT,
    )
    for query in (mine.where(has_version(ids)), mine.where(Document.set_index == sent.set_index)):
        if found := (await db.execute(query, execution_options=FRESH)).first():
            return found[0], found[1], found[2]
    return None


async def _withdraw(db: AsyncSession, sent: Sent, there: Standing | None) -> Version:
    """What has not left yet does not leave."""
    if there is None:
        raise DepositRefused("900", UNKNOWN, place="document")
    document, version, _record = there
    authorise(db, sent.actor, Action.WITHDRAW_DOCUMENT, document)
    await take_off(db, document, version)
    return version


async def _record(db: AsyncSession, sent: Sent) -> tuple[Record, Identity]:
    vault, patient, id_ = vault_of(db), sent.deposit.patient, uuid4()
    number = ins_index(vault, patient.oid, patient.matricule)
    record = Record(
        id=id_,
        state=RecordState.TRANSIT,
        wrapped_key=vault.new_record_key(id_),
        created_at=utcnow(),
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
    document = Document(
        id=uuid4(),
        record_id=record.id,
        structure_id=sent.structure_id,
        status=DocumentStatus.CURRENT,
        visibility_number=-1,
    )
    _fill(document, sent, record.created_at)
    return document


def _fill(document: Document, sent: Sent, now: datetime) -> None:
    """What a version says of it."""
    header, flags = sent.deposit.report.header, sent.deposit.flags
    document.author_id, document.set_index = by_hand_of(sent), sent.set_index
    document.type_code, document.version_id = sent.deposit.type_code, uuid4()
    document.deposited_at = now
    document.dated_on = civil_day(header.sampled_at or header.created)
    document.masked, document.withheld = flags.masked, flags.withheld
    document.hidden_from_guardians = flags.hidden_from_guardians
    document.visibility_number += 1


def transit_index(vault: Vault, unique_index: bytes) -> bytes:
    """Where a document is found while it is only sent: another place than once it is filed."""
    return vault.index("transit", unique_index.hex())


def _index(db: AsyncSession, sent: Sent) -> bytes:
    return transit_index(vault_of(db), sent.unique_index)
