"""What depositors and robots reach in order to write: never what anybody reads."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select

from backend.access.actors import Actor, Machine, Professional, Robot, Supposed
from backend.access.scopes.professionals import LIVE, of_its_record
from backend.domain.laboratory import Ability, can
from backend.domain.misfilings import UNANSWERED
from backend.storage.db import AsyncSession
from backend.storage.documents import (
    Document,
    DocumentStatus,
    Misfiling,
    StoredFile,
    Version,
)
from backend.storage.records import Identity, IdentityStatus, Record, RecordState

DRAWING, READING = "draw-pages", "calendar"


def laboratory_of(actor: Actor) -> UUID | None:
    """For whom somebody deposits: a system, or a professional whose role lets them; or nobody."""
    match actor:
        case Machine():
            return actor.structure_id
        case Supposed():
            return None
        case Professional() if can(actor.roles, Ability.DEPOSIT):
            return actor.structure_id
        case _:
            return None


def deposited_by(actor: Actor) -> Select[Document]:
    """What a depositor may replace or withdraw: its laboratory’s documents of live records.

    Withdrawn documents are among them: their identifiers may not be used again.
    """
    return _of_the_laboratory(actor, LIVE)


def handed_by(actor: Actor) -> Select[Document]:
    """The same, and what it only sent: for its receipts."""
    return _of_the_laboratory(actor, (*LIVE, RecordState.TRANSIT))


def _of_the_laboratory(actor: Actor, states: Collection[RecordState]) -> Select[Document]:
    if (laboratory := laboratory_of(actor)) is None:
        return select(Document).where(false())
    return select(Document).where(
        Document.structure_id == laboratory, of_its_record(Record.state.in_(states))
    )


def misfilings_of(actor: Actor) -> Select[Misfiling]:
    """What patients said is not theirs among what a depositor’s laboratory sent, unanswered."""
    if (laboratory := laboratory_of(actor)) is None:
        return select(Misfiling).where(false())
    return select(Misfiling).where(
        Misfiling.structure_id == laboratory, Misfiling.state.in_(UNANSWERED)
    )


def records_by_ins(indexes: Collection[bytes]) -> Select[Record, Identity]:
    """The live record of each qualified INS (blind index): where deposits may go."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(
            Identity.ins_index.in_(indexes),
            Identity.status == IdentityStatus.QUAL,
            Record.state.in_(LIVE),
        )
    )


def whose_number(index: bytes, others: Collection[bytes]) -> Select[UUID]:
    """The record of an INS in whatever state: whom its person blocked, a transit is not for.

    `others`: the same number under another OID, which a message may have wrong.
    """
    own = Identity.ins_index == index
    everywhere = select(Identity.record_id).where(Identity.ins_index.in_({index, *others}))
    return everywhere.order_by(own.desc(), Identity.record_id).limit(1)


def has_version(indexes: Collection[bytes]) -> ColumnElement[bool]:
    """Whether one of the versions of a document, be it an earlier one, has one of these indexes."""
    of = select(Version.document_id).where(Version.unique_index.in_(indexes))
    return Document.id.in_(of)


def transits_of(actor: Actor) -> Select[Document, Version, Record, Identity]:
    """What a depositor’s laboratory only sends, each version: for who corrects it or stops it.

    Also what it sent once and whose key is destroyed: its identifier may not be used again. Held
    with its record, so that nothing is added to one whose key is being destroyed.
    """
    laboratory = laboratory_of(actor)
    return (
        select(Document, Version, Record, Identity)
        .join(Version, Version.document_id == Document.id)
        .join(Record, Record.id == Document.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .where(
            Document.structure_id == laboratory if laboratory else false(),
            Record.state.in_((RecordState.TRANSIT, RecordState.ERASED)),
        )
        .with_for_update(of=(Document, Record))
    )


def versions_to_read(robot: Robot) -> Select[Version, Record]:
    """Current versions whose words a search cannot find yet, locked; their record is live."""
    return (
        select(Version, Record)
        .join(Record, Record.id == Version.record_id)
        .where(
            Version.sealed_words.is_(None) if robot.name == READING else false(),
            Version.superseded_at.is_(None),
            Record.state.in_(LIVE),
        )
        .order_by(Version.id)
        .with_for_update(of=Version, key_share=True, skip_locked=True)
    )


def page_facts(robot: Robot, version_id: UUID) -> Select[StoredFile]:
    """The pages of a version, for the text that they carry."""
    of = StoredFile.version_id == version_id if robot.name == READING else false()
    return select(StoredFile).where(of, StoredFile.part == "page-large").order_by(StoredFile.number)


async def version_for_work(
    db: AsyncSession, robot: Robot, version_id: UUID, *, part: str
) -> tuple[Version, Record, StoredFile] | None:
    """The version whose pages wait to be drawn and one of its files, locked, for the robot.

    None when nothing is left to do: drawn already, replaced, withdrawn, record no longer live.
    """
    if robot.name != DRAWING:
        return None
    query = (
        select(Version, Record, StoredFile)
        .join(Record, Record.id == Version.record_id)
        .join(StoredFile, StoredFile.version_id == Version.id)
        .join(Document, Document.version_id == Version.id)
        .where(
            Version.id == version_id,
            Version.pages_state == "waiting",
            StoredFile.part == part,
            Document.status == DocumentStatus.CURRENT,
            Record.state.in_(LIVE),
        )
        .with_for_update(of=Version, key_share=True)  # whoever opens it does not wait
    )
    found = (await db.execute(query)).first()
    if found is None:
        return None
    version, record, stored = found
    return version, record, stored
