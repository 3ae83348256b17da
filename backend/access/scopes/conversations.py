"""Messages, as each side meets them: people in the record on the screen, professionals at their
structure, our own work where mails come in and leave.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from backend.access.actors import Actor, Patient, Professional, Robot, Supposed
from backend.access.scopes import people
from backend.access.scopes.care import at_the_door
from backend.access.scopes.moments import Moment
from backend.access.scopes.professionals import LIVE
from backend.storage.accounts import Account
from backend.storage.care import CareLink
from backend.storage.conversations import Conversation, Enclosure, Message
from backend.storage.documents import Document, DocumentStatus, StoredFile, Version
from backend.storage.records import Identity, IdentityStatus, Record, RecordState
from backend.storage.structures import Professional as Directory

MAILING = "dispatch"


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
    """Documents that stand and that their person does not keep from professionals.

    For what came with a message, which its writer chose to show: whose it is, the rest says.
    """
    return select(Document).where(
        Document.status == DocumentStatus.CURRENT, ~Document.masked, ~Document.withheld
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
        .with_for_update(of=Conversation)
    )


# --- our own work, where mails come in and leave


def addressees(robot: Robot, indexes: Collection[bytes]) -> Select[Record, Identity]:
    """Who has this address: a qualified INS, a space that its person uses."""
    return (
        select(Record, Identity)
        .join(Identity, Identity.record_id == Record.id)
        .where(
            _works(robot),
            Identity.ins_index.in_(indexes),
            Identity.status == IdentityStatus.QUAL,
            Record.state == RecordState.ACTIVE,
        )
    )


def refused_by(robot: Robot, record_id: UUID) -> Select[str]:
    """Numbers of the professionals whom this person blocked, or objects to."""
    return (
        select(Directory.national_id)
        .join(CareLink, CareLink.professional_id == Directory.id)
        .where(
            _works(robot),
            CareLink.record_id == record_id,
            or_(CareLink.blocked, CareLink.objected),
        )
    )


def mailed(robot: Robot, indexes: Collection[bytes]) -> Select[Message, Conversation, Record]:
    """Messages that travelled under these Message-IDs, their conversations held."""
    return (
        select(Message, Conversation, Record)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Record, Record.id == Message.record_id)
        .where(_works(robot), Message.mail_index.in_(indexes))
        .with_for_update(of=(Conversation, Message))
    )


def outside_conversations(robot: Robot, record_id: UUID) -> Select[Conversation]:
    """Those that professionals outside hold with this person, held, the latest first."""
    return (
        select(Conversation)
        .where(
            _works(robot),
            Conversation.record_id == record_id,
            Conversation.structure_id.is_(None),
            Conversation.closed_at.is_(None),
        )
        .order_by(Conversation.changed_at.desc(), Conversation.id)
        .with_for_update()
    )


def answer_for_work(
    robot: Robot, message_id: UUID
) -> Select[Message, Conversation, Record, Identity]:
    """An answer that is to leave by mail, held."""
    return (
        select(Message, Conversation, Record, Identity)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Record, Record.id == Message.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .where(_works(robot), Message.id == message_id)
        .with_for_update(of=(Message, Conversation))
    )


def mails_before(robot: Robot, message: Message) -> Select[Message]:
    """What travelled by mail in the same conversation before this one, in order."""
    return (
        select(Message)
        .where(
            _works(robot),
            Message.conversation_id == message.conversation_id,
            Message.number < message.number,
            Message.mail_index.is_not(None),
        )
        .order_by(Message.number)
    )


def enclosures_to_send(robot: Robot, message: Message) -> Select[Enclosure]:
    """What leaves with it: documents that stand, and files of its own."""
    stands = shown_to_professionals().where(
        Document.id == Enclosure.document_id, Document.version_id == Enclosure.version_id
    )
    return (
        select(Enclosure)
        .where(
            _works(robot),
            Enclosure.message_id == message.id,
            or_(Enclosure.document_id.is_(None), stands.correlate(Enclosure).exists()),
        )
        .order_by(Enclosure.number)
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


def _works(robot: Robot) -> ColumnElement[bool]:
    return true() if robot.name == MAILING else false()
