"""Our own work on messages, where mails come in and leave.

Whoever holds several rows takes the record first, then its conversations, then messages.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from backend.access.actors import Robot
from backend.access.scopes.conversations import shown_to_professionals
from backend.domain.dispatches import DispatchState
from backend.storage.care import CareLink
from backend.storage.conversations import Conversation, Enclosure, Message
from backend.storage.documents import Document
from backend.storage.records import Identity, IdentityStatus, Record, RecordState
from backend.storage.structures import Professional as Directory

MAILING = "dispatch"


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
    """Messages that travelled under these Message-IDs, each with where it was written."""
    return (
        select(Message, Conversation, Record)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Record, Record.id == Message.record_id)
        .where(_works(robot), Message.mail_index.in_(indexes))
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
        .with_for_update(key_share=True)
    )


def answer_for_work(
    robot: Robot, message_id: UUID
) -> Select[Message, Conversation, Record, Identity]:
    """An answer that is to leave by mail, held alone: its operator may take half a minute."""
    return (
        select(Message, Conversation, Record, Identity)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Record, Record.id == Message.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .where(_works(robot), Message.id == message_id)
        .with_for_update(of=Message, key_share=True)
    )


def answers_to_follow(robot: Robot, before: datetime) -> Select[Message, Conversation]:
    """Those that were promised before then and have not left, save one that is leaving now."""
    return (
        select(Message, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(_works(robot), Message.sent == DispatchState.PROMISED, Message.at < before)
        .with_for_update(of=Message, key_share=True, skip_locked=True)
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


def _works(robot: Robot) -> ColumnElement[bool]:
    return true() if robot.name == MAILING else false()
