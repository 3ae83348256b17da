"""Mails of professionals outside, to a person’s own address: into their record, or refused.

What refuses one is for the journal; its sender reads the same words whatever the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise, refuse
from backend.access.actors import Robot
from backend.access.scopes import Moment
from backend.access.scopes.correspondence import (
    addressees,
    mailed,
    outside_conversations,
    refused_by,
)
from backend.domain.conversations import (
    Ending,
    Head,
    Mailed,
    Refusal,
    Said,
    Side,
    State,
    one_patient,
    read_mailed_subject,
    read_mailed_text,
    sender_refused,
)
from backend.domain.dispatches import is_citizens, secured
from backend.domain.formats.mail import Letter, keys
from backend.domain.jobs import SendBounce
from backend.gateways.files import Files
from backend.services import limits
from backend.services.conversations.closing import end
from backend.services.conversations.holding import Held
from backend.services.conversations.posting import Piece, Posting, post, store
from backend.storage.conversations import (
    Bounce,
    Conversation,
    RefusedMail,
    head_of,
    received_index,
    seal_bounce,
    seal_head,
)
from backend.storage.db import AsyncSession, vault_of
from backend.storage.dispatches import message_index
from backend.storage.outbox import enqueue
from backend.storage.records import Identity, Record, indexes_of, key_of

ROBOT = Robot("dispatch")
ENDED = "Ce professionnel a mis fin à vos échanges."


@dataclass(frozen=True, slots=True)
class Network:
    """The mailbox that is ours, and the espace de confiance."""

    ours: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail with what was made of its files, before anything is written."""

    letter: Letter
    index: bytes
    """Where it is found when it comes again."""
    pieces: Sequence[Piece] = ()
    left_out: tuple[str, ...] = ()
    reply_to: str = ""
    """Where the person may answer, when it is not where it came from."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose record it is for, and whom they refuse."""

    record_id: UUID
    refused: frozenset[str]
    """Numbers of professionals."""


def mail_of(db: AsyncSession, letter: Letter, raw: bytes, network: Network) -> Mail:
    """What a mail without a Message-ID is, its bytes say."""
    named = letter.message_id or sha256(raw).hexdigest()
    index = received_index(vault_of(db), letter.sender, named)
    reply_to = secured(letter.reply_to, network.domains)
    return Mail(letter, index, reply_to="" if is_citizens(reply_to) else reply_to)


async def addressee(db: AsyncSession, mail: Mail, network: Network) -> Addressee | Refusal | None:
    """For whom it is; None when it was taken in before."""
    letter = mail.letter
    if letter.sender == network.ours.lower():
        return None  # a report that went to its patient: it is in the record
    if sender_refused(letter.sender, network.ours, network.domains):
        return Refusal.SENDER
    if (await db.execute(mailed(ROBOT, [mail.index]))).first() is not None:
        return None
    matricule = one_patient(letter.patients)
    if not matricule:
        return Refusal.ADDRESSEE
    record = await _the_one(db, _who(db, matricule))
    if record is None or record.messages_refused:
        return Refusal.SHUT
    return Addressee(record.id, frozenset(await db.scalars(refused_by(ROBOT, record.id))))


async def turn_away(db: AsyncSession, at: Moment, mail: Mail, why: Refusal) -> None:
    """A line in the journal, and the same mail to whoever of the network wrote it; once.

    Few a day for one sender: what answers us by itself would be answered for ever.
    """
    refuse(db, ROBOT, Action.RECEIVE_MAIL, reason=why)
    letter, row_id = mail.letter, uuid4()
    if why is Refusal.SENDER or letter.automatic:
        return
    if await limits.hit(db, "bounce", letter.sender):
        return
    told = Bounce(letter.sender, letter.message_id)
    row = {"id": row_id, "mail_index": mail.index, "at": at.now}
    row["sealed"] = seal_bounce(vault_of(db), row_id, told)
    added = insert(RefusedMail).values(row).on_conflict_do_nothing().returning(RefusedMail.id)
    if await db.scalar(added) is not None:
        await enqueue(db, SendBounce(refused_id=row_id), key=f"dispatch/bounce/{row_id}")


async def take_in(
    db: AsyncSession, at: Moment, files: Files, mail: Mail, known: Addressee
) -> Refusal | bool:
    """True once it is in the record; False when the person decided something meanwhile: again."""
    letter = mail.letter
    query = _who(db, one_patient(letter.patients)).with_for_update(read=True, of=Record)
    record = await _the_one(db, query)
    if record is None or record.messages_refused:
        return Refusal.SHUT
    if frozenset(await db.scalars(refused_by(ROBOT, record.id))) != known.refused:
        return False
    if await limits.hit(db, "message-mail", f"{letter.sender}|{record.id}"):
        return Refusal.TOO_MANY
    spoken = await _conversations_of(db, record, letter)
    said = Said(
        read_mailed_text(letter.text),
        letter.sender_name or letter.sender,
        left_out=mail.left_out,
        mail=Mailed(letter.message_id, letter.references),
    )
    empty = letter.ends_exchange and not (said.text or mail.pieces)
    if not empty:
        first = spoken[0] if spoken else await _begin(db, at, record, mail)
        spoken = spoken or [first]
        authorise(db, ROBOT, Action.RECEIVE_MAIL, first)
        stored = await store(db, files, record, mail.pieces)
        posting = Posting(Side.PROFESSIONAL, None, said, stored, mail.index)
        await post(db, Held(first, record), at, posting)
    if letter.ends_exchange:
        for one in spoken:
            authorise(db, ROBOT, Action.CLOSE_CONVERSATION, one)
            end(db, Held(one, record), at, Ending.PROFESSIONAL, ENDED)
    return True


def _who(db: AsyncSession, matricule: str) -> Select[Record, Identity]:
    return addressees(ROBOT, indexes_of(vault_of(db), matricule))


async def _the_one(db: AsyncSession, query: Select[Record, Identity]) -> Record | None:
    """A matricule that two people would share, in two domains, is nobody’s address."""
    found = (await db.execute(query)).all()
    return found[0][0] if len(found) == 1 else None


async def _conversations_of(db: AsyncSession, record: Record, letter: Letter) -> list[Conversation]:
    """The open one that it answers, if this very sender holds it; of an end without more, all
    those that they hold.
    """
    vault = vault_of(db)
    named = (letter.in_reply_to, *letter.references)
    indexes = [message_index(vault, key) for key in keys(*named)]
    indexes += [received_index(vault, letter.sender, one) for one in named if one]
    key = key_of(db, record)
    held = mailed(ROBOT, indexes).with_for_update(of=Conversation, key_share=True)
    for _message, conversation, whose in await db.execute(held):
        ours = whose.id == record.id and conversation.structure_id is None
        theirs = ours and head_of(key, conversation).address == letter.sender
        if theirs and conversation.state is State.OPEN:
            return [conversation]
    if not letter.ends_exchange:
        return []
    theirs_all = (await db.scalars(outside_conversations(ROBOT, record.id))).all()
    return [one for one in theirs_all if head_of(key, one).address == letter.sender]


async def _begin(db: AsyncSession, at: Moment, record: Record, mail: Mail) -> Conversation:
    letter = mail.letter
    subject = read_mailed_subject(letter.subject)
    head = Head(subject, letter.sender, mail.reply_to, letter.sender_name)
    id_ = uuid4()
    conversation = Conversation(
        id=id_,
        record_id=record.id,
        structure_id=None,
        state=State.OPEN,
        waits_for=Side.PATIENT,
        hidden_from_guardians=False,
        messages=0,
        opened_at=at.now,
        changed_at=at.now,
        sealed_head=seal_head(key_of(db, record), id_, head),
    )
    authorise(db, ROBOT, Action.RECEIVE_MAIL, conversation)
    db.add(conversation)
    await db.flush()
    return conversation
