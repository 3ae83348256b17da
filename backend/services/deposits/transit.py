"""Reports that are sent and not filed (DESTDMP=N): their person is opposed, or wants it so.

Each lies in a record of its own that no space, list or search leads to, sealed under a key of its
own: it is sent, corrected, followed and proven like any other, and a month later its key is
destroyed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.scopes.machines import deposited_by, has_version, transits_of, whose_number
from backend.domain.calendar import civil_day
from backend.domain.deposits import DepositRefused, check_identity, check_version
from backend.domain.errors import Refused
from backend.domain.ins import check_matricule
from backend.domain.reports import Traits
from backend.services.deposits.actions import by_hand_of, take_off
from backend.services.deposits.lookup import FRESH, Known, Sent, index_of_version
from backend.services.dispatches import promise_dispatches
from backend.services.filing import Filing, file_version, note_visibility
from backend.storage.db import AsyncSession, take_turns, utcnow, vault_of
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
from backend.storage.vault import Vault

Standing = tuple[Document, Version, Record, Identity]

KEPT = timedelta(days=30)
"""Longer than a mail that comes back, and than a laboratory takes to send it again."""
FILED = (
    "Ce compte rendu est dans l’espace de son patient : corrigez-le ou retirez-le là, avec "
    "DESTDMP=Y."
)
AGAIN = "Ce document est déjà envoyé : envoyez un remplacement (RO)."
UNKNOWN = "Le document à supprimer n’est pas connu ici, ou il a plus d’un mois."
OLD = "Ce document a déjà été transmis, il y a plus d’un mois : produisez-le de nouveau."


async def wait_for_others(db: AsyncSession, batch: Sequence[Sent]) -> None:
    """Of versions of one set that come at once, each sees the one before; always in one order.

    Not a withdrawal: it may hold its document already, and waits for nothing else.
    """
    mine = {one.set_index.hex() for one in batch if one.deposit.only_sent and one.adds}
    for name in sorted(mine):
        await take_turns(db, f"transit/{name}")


async def find(db: AsyncSession, sent: Sent) -> Version | None:
    """The same document, sent already; DepositRefused when that was more than a month ago."""
    here = transits_of(sent.actor).where(Version.unique_index == _index(db, sent))
    there = (await db.execute(here)).first()
    if there is None:
        return None
    _document, version, record, _identity = there
    if record.state is RecordState.ERASED:
        raise DepositRefused("906", OLD, place="document")
    return version


async def pass_on(db: AsyncSession, known: Known, filing: Filing, sent: Sent) -> Version:
    """Send it to the professionals that it names, or its correction, or send it no more."""
    there = await _standing(db, sent)
    if (sent.adds or there is None) and await _is_filed(db, known, sent):
        raise DepositRefused("906", FILED, place="document")
    _compare(db, known, sent, there)
    if not sent.adds:
        return await _withdraw(db, sent, there)
    if there and sent.is_new:
        raise DepositRefused("900", AGAIN, place="document")
    if there:
        number = check_version(sent.deposit.report.header.version, there[1].number)
        document, record = await _follow(db, sent, there)
    else:
        number = sent.deposit.report.header.version or 1
        document, record = await _begin(db, filing, sent)
    key = key_of(db, record)
    note_visibility(filing, vault_of(db), sent.actor, document, document.deposited_at)
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


async def stop(db: AsyncSession, sent: Sent) -> Version | None:
    """It is corrected or withdrawn where it is filed: what was only sent of it leaves no more."""
    there = await _standing(db, sent)
    return await _withdraw(db, sent, there) if there else None


def _compare(db: AsyncSession, known: Known, sent: Sent, there: Standing | None) -> None:
    """With the open space of that number, when there is one, and with what was sent before.

    Nothing else may know this person: what cannot be an INS is refused.
    """
    patient, carried = sent.deposit.patient, sent.deposit.report.header.patient
    found = known.records.get(sent.ins_index)
    for one in (found, there and there[2:]):
        check_identity(patient, carried, traits_of(db, *one) if one else None)
    try:
        check_matricule(patient.matricule, patient.oid)
    except Refused as refusal:
        raise DepositRefused("903", refusal.message, place="patient") from refusal


async def _is_filed(db: AsyncSession, known: Known, sent: Sent) -> bool:
    """What it replaces, or itself, is in a space: a correction that leaves it wrong there is none.

    Many documents have no setId: they are known by their own identifier alone.
    """
    if sent.set_index in known.sets:
        return True
    there = deposited_by(sent.actor).where(has_version(_named(db, sent)))
    return bool(await db.scalar(select(there.exists())))


def _named(db: AsyncSession, sent: Sent) -> list[bytes]:
    """Itself, and the documents that it says it replaces."""
    replaces = sent.deposit.report.header.replaces
    named = [index_of_version(vault_of(db), sent.structure_id, str(one)) for one in replaces]
    return [*named, sent.unique_index]


async def _standing(db: AsyncSession, sent: Sent) -> Standing | None:
    """What it replaces or withdraws, held: of the same set, or named by it."""
    ids = [transit_index(vault_of(db), index) for index in _named(db, sent)]
    mine = transits_of(sent.actor).where(
        Version.id == Document.version_id,
        Document.status == DocumentStatus.CURRENT,
        Record.state == RecordState.TRANSIT,
    )
    for query in (mine.where(has_version(ids)), mine.where(Document.set_index == sent.set_index)):
        if found := (await db.execute(query, execution_options=FRESH)).first():
            return found[0], found[1], found[2], found[3]
    return None


async def _withdraw(db: AsyncSession, sent: Sent, there: Standing | None) -> Version:
    """What has not left yet does not leave."""
    if there is None:
        raise DepositRefused("900", UNKNOWN, place="document")
    document, version, *_ = there
    authorise(db, sent.actor, Action.WITHDRAW_DOCUMENT, document)
    await take_off(db, document, version)
    return version


async def _follow(db: AsyncSession, sent: Sent, there: Standing) -> tuple[Document, Record]:
    """The next version of what was sent, for another month; its person may have a space since."""
    document, previous, record, _identity = there
    authorise(db, sent.actor, Action.REPLACE_DOCUMENT, document, reason=sent.remarked)
    now = previous.superseded_at = utcnow()
    _fill(document, sent, now)
    record.erase_on = civil_day(now + KEPT)
    record.transit_of = await _whose(db, sent.deposit.patient) or record.transit_of
    return document, record


async def _begin(db: AsyncSession, filing: Filing, sent: Sent) -> tuple[Document, Record]:
    record, identity = await _record(db, sent)
    document = _document(sent, record)
    authorise(db, sent.actor, Action.DEPOSIT_DOCUMENT, document, reason=sent.remarked)
    filing.rows += (record, identity, document)
    return document, record


async def _whose(db: AsyncSession, patient: Traits) -> UUID | None:
    """The record that a person has, whatever became of it."""
    return await db.scalar(whose_number(*numbers_of(vault_of(db), patient)))


async def _record(db: AsyncSession, sent: Sent) -> tuple[Record, Identity]:
    vault, patient, id_, now = vault_of(db), sent.deposit.patient, uuid4(), utcnow()
    record = Record(
        id=id_,
        state=RecordState.TRANSIT,
        wrapped_key=vault.new_record_key(id_),
        created_at=now,
        transit_of=await _whose(db, patient),
        erase_on=civil_day(now + KEPT),
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
    document.masked = flags.masked
    document.withheld = flags.withheld or (flags.by_policy and document.withheld)
    document.hidden_from_guardians = flags.hidden_from_guardians
    document.visibility_number += 1


def transit_index(vault: Vault, unique_index: bytes) -> bytes:
    """Where a document is found while it is only sent: another place than once it is filed."""
    return vault.index("transit", unique_index.hex())


def _index(db: AsyncSession, sent: Sent) -> bytes:
    return transit_index(vault_of(db), sent.unique_index)
