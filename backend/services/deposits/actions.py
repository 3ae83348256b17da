"""The three things a laboratory may do: deposit, replace, withdraw.

Each decides first and changes after: what it refuses has left no mark in the transaction.
"""

from uuid import UUID, uuid4

from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.domain.calendar import civil_day
from backend.domain.deposits import (
    DepositAction,
    DepositRefused,
    Flags,
    check_version,
    merged_flags,
)
from backend.domain.handing import check_still_waits
from backend.domain.misfilings import MisfilingState
from backend.domain.notices import Event
from backend.domain.reports import Report
from backend.services import announcements
from backend.services.deposits.lookup import Known, Sent, find
from backend.services.dispatches import promise_again, promise_dispatches
from backend.services.filing import Filing, file_version, note_visibility
from backend.services.misfilings import answer
from backend.services.notices import telling
from backend.storage.db import AsyncSession, Base, utcnow, vault_of
from backend.storage.documents import (
    Document,
    DocumentStatus,
    Opening,
    Version,
    VisibilityChange,
)
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey


async def create(
    db: AsyncSession, known: Known, filing: Filing, sent: Sent, record: Record
) -> Version:
    """A first version, in a record that does not know its setId."""
    deposit, header = sent.deposit, sent.deposit.report.header
    _refuse_known(known, sent)
    now = utcnow()
    document = Document(
        id=uuid4(),
        record_id=record.id,
        structure_id=sent.structure_id,
        author_id=by_hand_of(sent),
        set_index=sent.set_index,
        type_code=deposit.type_code,
        status=DocumentStatus.CURRENT,
        deposited_at=now,
        dated_on=civil_day(header.sampled_at or header.created),
        version_id=uuid4(),
        masked=deposit.flags.masked,
        withheld=deposit.flags.withheld,
        hidden_from_guardians=deposit.flags.hidden_from_guardians,
        visibility_number=0,
    )
    authorise(db, sent.actor, Action.DEPOSIT_DOCUMENT, document, reason=sent.remarked)
    filing.rows.append(document)
    note_visibility(filing, vault_of(db), sent.actor, document, now)
    version = file_version(
        filing,
        deposit,
        key_of(db, record),
        document=document,
        number=header.version or 1,
        unique_index=sent.unique_index,
        digest=sent.digest,
    )
    _tell(filing, known, document, Event.NEW)
    filing.rows += _waits_and_dispatches(db, sent, document, key_of(db, record))
    return version


def _refuse_known(known: Known, sent: Sent) -> None:
    if sent.set_index in known.sets:
        raise DepositRefused(
            "900", "Ce document est déjà déposé : envoyez un remplacement (RO).", place="document"
        )


async def supersede(
    db: AsyncSession, known: Known, filing: Filing, sent: Sent, record: Record
) -> Version:
    """The next version of a document of this author; the patient's protections stay."""
    deposit, header = sent.deposit, sent.deposit.report.header
    document, previous = await find(db, sent, record)
    key = key_of(db, record)
    number = _number(key, sent, previous)
    flags = await _flags(db, sent, document)
    authorise(db, sent.actor, Action.REPLACE_DOCUMENT, document, reason=sent.remarked)
    await answer(db, sent.actor, document, MisfilingState.CONFIRMED)
    was_hidden, now = _was_hidden(document, record), utcnow()
    document.masked, document.withheld = flags.masked, flags.withheld
    document.hidden_from_guardians = flags.hidden_from_guardians
    document.author_id, previous.superseded_at = by_hand_of(sent) or document.author_id, now
    document.version_id, document.deposited_at = uuid4(), now
    document.set_index = sent.set_index if sent.follows else document.set_index
    document.dated_on = civil_day(header.sampled_at or header.created)
    document.visibility_number += 1
    note_visibility(filing, vault_of(db), sent.actor, document, now)
    version = file_version(
        filing,
        deposit,
        key,
        document=document,
        number=number,
        unique_index=sent.unique_index,
        digest=sent.digest,
    )
    corrected = None if was_hidden else previous.received_at
    kept = previous.corrects_received_at
    version.corrects_received_at = kept if flags.visibility_only else corrected
    _tell(filing, known, document, Event.NEW if was_hidden else Event.REPLACED)
    filing.rows += await announcements.follow(db, sent.actor, deposit, document, key)
    filing.rows += await _dispatches(db, sent, document, key)
    return version


def _number(key: RecordKey, sent: Sent, previous: Version) -> int:
    """Its author’s, above the last; after pages deposited by hand, counted on from them."""
    given, current = sent.deposit.report.header.version, previous.number
    if sent.follows:
        return check_version(max(given or 0, current + 1), current)
    if given is None or given > current:
        return check_version(given, current)
    report = key.open_value(Report, previous.sealed_report, previous.id, "report")
    return check_version(given, current, report.header.version)


async def withdraw(
    db: AsyncSession, known: Known, filing: Filing, sent: Sent, record: Record
) -> Version:
    """The document leaves every screen; its bytes and its history stay."""
    document, version = await find(db, sent, record)
    authorise(db, sent.actor, Action.WITHDRAW_DOCUMENT, document)
    await answer(db, sent.actor, document, MisfilingState.WITHDRAWN)
    await take_off(db, document, version)
    _tell(filing, known, document, Event.WITHDRAWN)
    return version


async def take_off(db: AsyncSession, document: Document, version: Version) -> None:
    """No screen shows it any more. Whoever calls authorises, tells, and gives the receipt."""
    document.status = DocumentStatus.WITHDRAWN
    version.superseded_at = utcnow()
    await announcements.end(db, document, version.superseded_at)


def by_hand_of(sent: Sent) -> UUID | None:
    """The professional who answers for it in person; none for a machine’s."""
    return sent.actor.id if isinstance(sent.actor, Professional) else None


def _waits_and_dispatches(
    db: AsyncSession, sent: Sent, document: Document, key: RecordKey
) -> list[Base]:
    """Of a first version: what is withheld waits to be announced, recipients are promised it."""
    waits = announcements.begin(sent.actor, sent.deposit, document, key)
    return waits + promise_dispatches(db, sent.actor, sent.deposit, document, key)


async def _dispatches(
    db: AsyncSession, sent: Sent, document: Document, key: RecordKey
) -> list[Base]:
    """Of a new version to its recipients; of the same one, seen otherwise, to those who wait."""
    if sent.deposit.flags.visibility_only:
        return await promise_again(db, sent.actor, document, key)
    return promise_dispatches(db, sent.actor, sent.deposit, document, key)


def _tell(filing: Filing, known: Known, document: Document, event: Event) -> None:
    readers = known.readers.get(document.record_id, ())
    filing.rows += telling(
        readers, record_id=document.record_id, event=event, at=utcnow(), document=document
    )


def _was_hidden(document: Document, record: Record) -> bool:
    """Nobody could read it: withheld, or kept from the guardians who alone read for a minor."""
    minor = record.minor_until is not None and civil_day(utcnow()) < record.minor_until
    return document.withheld or (minor and document.hidden_from_guardians)


async def _flags(db: AsyncSession, sent: Sent, document: Document) -> Flags:
    """Those of a new version."""
    flags = merged_flags(
        sent.deposit.flags,
        document,
        masked_by_patient=await masked_by_patient(db, document),
        seen_by_patient=await _was_opened(db, document),
    )
    if by_hand_of(sent):
        check_still_waits(waited=document.withheld, withheld=flags.withheld)
    return flags


async def masked_by_patient(db: AsyncSession, document: Document) -> bool:
    """The patient’s own last word is a mask, whatever laboratories or the calendar said since."""
    last = await db.scalar(
        select(VisibilityChange)
        .where(
            VisibilityChange.document_id == document.id, VisibilityChange.actor_kind == "Patient"
        )
        .order_by(VisibilityChange.number.desc())
        .limit(1)
    )
    return document.masked and last is not None and last.masked


async def _was_opened(db: AsyncSession, document: Document) -> bool:
    opened = select(Opening.at).join(Version, Version.id == Opening.version_id)
    return bool(await db.scalar(select(opened.where(Version.document_id == document.id).exists())))


ACTIONS = {
    DepositAction.NEW: create,
    DepositAction.REPLACE: supersede,
    DepositAction.WITHDRAW: withdraw,
}
