"""What a professional is about to deposit by hand, and what they deposited so."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, any_, false, func, or_, select

from backend.access.actors import Actor, Professional
from backend.access.scopes.desk import patient_files
from backend.access.scopes.machines import deposited_by, handed_by, laboratory_of
from backend.domain.deposits import DepositAction
from backend.storage.conversations import Enclosure
from backend.storage.desk import PatientFile
from backend.storage.documents import Document, DocumentStatus, Receipt, StoredResult, Version
from backend.storage.drafts import DepositDraft
from backend.storage.exports import Export
from backend.storage.records import Record
from backend.storage.traces import Trace

READ = ("document:open", "document:see-page", "document:download")
VALUES = ("analysis:list", "analysis:open", "analysis:take")


def drafts_for(actor: Actor, now: datetime) -> Select[DepositDraft]:
    """Those of this very session, for files of the laboratory, until their hour is over."""
    if not isinstance(actor, Professional) or laboratory_of(actor) is None:
        return select(DepositDraft).where(false())
    theirs = patient_files(actor).with_only_columns(PatientFile.id)
    return select(DepositDraft).where(
        DepositDraft.session_id == actor.session_id,
        DepositDraft.file_id.in_(theirs),
        DepositDraft.ends_at > now,
    )


def drafts_to_forget(now: datetime) -> Select[DepositDraft]:
    """Those whose hour is over."""
    return select(DepositDraft).where(DepositDraft.ends_at <= now).with_for_update(skip_locked=True)


def receipts_by_hand(actor: Actor) -> Select[Receipt, Version, Document, Record]:
    """What the people of a laboratory deposited or sent by hand, each with what it is about."""
    return (
        handed_by(actor)
        .join(Version, Version.document_id == Document.id)
        .join(Receipt, Receipt.version_id == Version.id)
        .join(Record, Record.id == Document.record_id)
        .where(Receipt.professional_id.is_not(None))
        .with_only_columns(Receipt, Version, Document, Record)
    )


def taken_back_withheld(
    actor: Actor, records: Collection[UUID]
) -> Select[UUID, UUID, str, date, bytes | None]:
    """What a laboratory’s people took back while it waited for its announcement."""
    return (
        deposited_by(actor)
        .join(Version, Version.id == Document.version_id)
        .join(Receipt, Receipt.version_id == Version.id)
        .where(
            Document.record_id.in_(records),
            Document.status == DocumentStatus.WITHDRAWN,
            Document.withheld,
            Receipt.action == DepositAction.WITHDRAW,
            Receipt.professional_id.is_not(None),
        )
        .with_only_columns(
            Document.structure_id,
            Document.record_id,
            Document.type_code,
            Document.dated_on,
            Version.pdf_fingerprint,
        )
    )


def readings_of(document_id: UUID, record_id: UUID, *, but: UUID) -> Select[Trace]:
    """The lines of the journal that say that somebody else read a document, or what it says.

    Of a conversation, of an export, of the values of all reports, the journal says no more than
    that they were taken: what was in them then counts as read.
    """
    threads = select(Enclosure.conversation_id).where(Enclosure.document_id == document_id)
    exports = select(Export.id).join(Version, Version.id == any_(Export.version_ids))
    since = select(func.min(Version.received_at)).where(Version.document_id == document_id)
    shown = select(StoredResult.id).join(Document, Document.id == StoredResult.document_id)
    return select(Trace).where(
        Trace.lane == record_id,
        Trace.allowed,
        Trace.actor_id != but,
        or_(
            and_(Trace.action.in_(READ), Trace.thing_id == document_id),
            and_(Trace.action == "conversation:take-enclosure", Trace.thing_id.in_(threads)),
            and_(
                Trace.action == "export:take",
                Trace.thing_id.in_(exports.where(Version.document_id == document_id)),
            ),
            and_(
                Trace.action.in_(VALUES),
                Trace.at >= since.scalar_subquery(),
                shown.where(Document.id == document_id, ~Document.withheld).exists(),
            ),
        ),
    )
