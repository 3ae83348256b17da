"""Messages, as each side meets them: people in the record on the screen, professionals at their
structure.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from backend.access.actors import Actor, Patient, Professional, Supposed
from backend.access.scopes import people, professionals
from backend.access.scopes.care import at_the_door
from backend.access.scopes.moments import Moment
from backend.access.scopes.professionals import LIVE
from backend.storage.accounts import Account
from backend.storage.care import CareLink
from backend.storage.conversations import Conversation, Enclosure, Message
from backend.storage.documents import Document, DocumentStatus, StoredFile, Version
from backend.storage.records import Identity, Record, RecordState


def conversations_for(actor: Actor, at: Moment) -> Select[Conversation]:
    """Those of the record on the screen; those of the structure, save with whom blocks its reader.

    What a minor keeps from their representatives is for nobody but them, aidants included.
    """
    return select(Conversation).where(_meets(actor, at))


def messages_for(actor: Actor, at: Moment) -> Select[Message]:
    """All that was written there."""
    of = conversations_for(actor, at).where(
        Conversation.id == Message.conversation_id, Conversation.record_id == Message.record_id
    )
    return select(Message).where(of.correlate(Message).exists())


def enclosures_for(actor: Actor, at: Moment, seen: Select[Document]) -> Select[Enclosure]:
    """What came with it; a document of the record, while it is among those `seen`."""
    of = conversations_for(actor, at).where(
        Conversation.id == Enclosure.conversation_id,
        Conversation.record_id == Enclosure.record_id,
    )
    stands = seen.where(
        Document.id == Enclosure.document_id,
        Document.record_id == Enclosure.record_id,
        Document.version_id == Enclosure.version_id,
    )
    document = or_(Enclosure.document_id.is_(None), stands.correlate(Enclosure).exists())
    return select(Enclosure).where(of.correlate(Enclosure).exists(), document)


def shown_to_professionals() -> Select[Document]:
    """Documents that stand and that their person does not keep from professionals, in any way.

    For what came with a message, which its writer chose to show: whose it is, the rest says.
    """
    return select(Document).where(
        Document.status == DocumentStatus.CURRENT, professionals.is_bare(), ~Document.withheld
    )


def pdf_of(enclosure: Enclosure) -> Select[StoredFile]:
    """The file of a document that came with a message, for who may see that enclosure."""
    return select(StoredFile).where(
        StoredFile.version_id == enclosure.version_id,
        StoredFile.record_id == enclosure.record_id,
        StoredFile.part == "pdf",
    )


def versions_of(ids: Collection[UUID]) -> Select[Version]:
    """Current versions of documents that were found by their scope."""
    return (
        select(Version)
        .join(Document, Document.version_id == Version.id)
        .where(Document.id.in_(ids), Version.record_id == Document.record_id)
    )


def versions_with_pages(record_id: UUID) -> Select[UUID]:
    """Those that have a PDF, to narrow a question about documents in sight."""
    return select(Version.id).where(Version.record_id == record_id, Version.pages_state != "none")


def with_people(of: Select[Conversation]) -> Select[Conversation, Record, Identity]:
    """The same conversations, each with whom it is about."""
    return (
        of.join(Record, Record.id == Conversation.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .add_columns(Record, Identity)
    )


def record_to_write_in(actor: Patient | Professional, at: Moment) -> Select[Record]:
    """The record that a message is written in: it must be there, and live."""
    if isinstance(actor, Professional):
        return at_the_door(actor).where(Record.state == RecordState.ACTIVE)
    return select(Record).where(people.knows_record(actor, at))


def conversations_to_close(record_id: UUID) -> Select[Conversation, Record]:
    """Those still open in a record whose space is being closed, by who may close it."""
    return (
        select(Conversation, Record)
        .join(Record, Record.id == Conversation.record_id)
        .where(Conversation.record_id == record_id, Conversation.closed_at.is_(None))
        .with_for_update(of=Conversation, key_share=True)
    )


def _meets(actor: Actor, at: Moment) -> ColumnElement[bool]:
    match actor:
        case Patient():
            own = select(Account.record_id).where(Account.id == actor.id).correlate(None)
            known = select(Record.id).where(people.knows_record(actor, at)).correlate(None)
            return and_(
                Conversation.record_id == actor.record_id,
                Conversation.record_id.in_(known),
                or_(~Conversation.hidden_from_guardians, Conversation.record_id.in_(own)),
            )
        case Supposed():
            return false()
        case Professional(structure_id=UUID()):
            live = select(Record).where(Record.id == Conversation.record_id, Record.state.in_(LIVE))
            refused = select(CareLink).where(
                CareLink.record_id == Conversation.record_id,
                CareLink.professional_id == actor.id,
                or_(CareLink.blocked, CareLink.objected),
            )
            return and_(
                Conversation.structure_id == actor.structure_id,
                live.correlate(Conversation).exists(),
                ~refused.correlate(Conversation).exists(),
            )
        case _:
            return false()
