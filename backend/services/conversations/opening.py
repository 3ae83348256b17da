"""Only professionals begin: from a file of their desk, with a qualified INS."""

from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise, refuse
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.care import link_of, patients_by_ins
from backend.access.scopes.desk import patient_files
from backend.domain.conversations import (
    NOBODY_THERE,
    Head,
    Side,
    State,
    check_room,
    needs_words,
)
from backend.domain.errors import NotFound, Refused
from backend.domain.reports import Traits
from backend.domain.rniv import Status
from backend.domain.rniv.children import is_minor
from backend.gateways.outside import Outside
from backend.services import limits
from backend.services.conversations.enclosing import Choice, choices, chosen_pieces, make_pieces
from backend.services.conversations.holding import Held, check_may, hold_record
from backend.services.conversations.posting import Posting, Writing, post, store
from backend.services.conversations.writing import said_by
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.conversations import Conversation, seal_head
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import PatientFile, traits_of
from backend.storage.records import Record, RecordState, ins_index, key_of

NOT_QUALIFIED = "Qualifiez d’abord l’identité : un message part seulement avec une INS qualifiée."


class Addressee(Struct, frozen=True):
    """Whom a new message is for, as the desk knows them."""

    file_id: UUID
    traits: Traits
    minor: bool
    documents: tuple[Choice, ...]
    why_not: str = ""
    """Why nobody may write to them from here; empty when one may."""


async def addressee(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, *, told: bool = True
) -> Addressee:
    """For the form; NotFound for a file of another structure.

    `told`: who looks whether an adult lets them write leaves the line of who tries. Of a minor the
    form says nothing: what it asks may be their secret.
    """
    file = await _file(db, actor, file_id)
    traits = traits_of(db, file)
    minor = is_minor(traits, at.today)
    record = await _reachable(db, actor, file, traits, told=told and not minor)
    authorise(db, actor, Action.LIST_CONVERSATIONS, None)
    found = await choices(db, actor, at, record) if record else []
    unqualified = file.standing.status is not Status.QUAL
    why = NOT_QUALIFIED if unqualified else "" if record else NOBODY_THERE
    return Addressee(file.id, traits, minor, tuple(found), why)


async def open_conversation(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    outside: Outside,
    *,
    file_id: UUID,
    subject: str,
    writing: Writing,
    secret: bool = False,
) -> UUID | Rejected | None:
    """The new conversation; None when this person cannot be written to, which is in the journal."""
    if wait := await limits.hit(db, "message-pro", str(actor.id)):
        return too_often(wait)
    file = await _file(db, actor, file_id)
    traits = traits_of(db, file)
    if file.standing.status is not Status.QUAL:
        raise Refused(NOT_QUALIFIED)
    minor = is_minor(traits, at.today)
    told = not (secret and minor)
    found = await _reachable(db, actor, file, traits, told=told)
    if found is None:
        return None
    conversation = _new(db, actor, at, found, subject, secret=secret and minor)
    check_may(actor, Action.OPEN_CONVERSATION, conversation)
    made = await make_pieces(outside, writing.given)  # it may take long: nothing is held yet
    record = await hold_record(db, actor, at, found.id)
    if await _why_not(db, actor, record, told=told):  # decided while we waited
        return None
    pieces = [*await chosen_pieces(db, actor, at, record, writing.documents), *made]
    needs_words(writing.text, enclosed=False)
    check_room([len(piece.pdf) for piece in pieces])
    stored = await store(db, outside.files, record, pieces)
    authorise(db, actor, Action.OPEN_CONVERSATION, conversation)
    db.add(conversation)
    await db.flush()
    said, held = await said_by(db, actor, writing.text), Held(conversation, record)
    posting = Posting(Side.PROFESSIONAL, actor.id, said, stored)
    await post(db, held, at, posting)
    return conversation.id


def _new(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    record: Record,
    subject: str,
    *,
    secret: bool,
) -> Conversation:
    id_ = uuid4()
    return Conversation(
        id=id_,
        record_id=record.id,
        structure_id=actor.structure_id,
        opened_by=actor.id,
        assigned_to=actor.id,
        state=State.OPEN,
        waits_for=Side.PATIENT,
        hidden_from_guardians=secret,
        messages=0,
        opened_at=at.now,
        changed_at=at.now,
        sealed_head=seal_head(key_of(db, record), id_, Head(subject)),
    )


async def _reachable(
    db: AsyncSession,
    actor: Professional,
    file: PatientFile,
    traits: Traits,
    *,
    told: bool,
) -> Record | None:
    """Their record, when it may be written in."""
    if file.standing.status is not Status.QUAL or not traits.matricule:
        return None
    index = ins_index(vault_of(db), traits.oid, traits.matricule)
    record = await db.scalar(patients_by_ins(actor, index))
    if record is None:
        return None
    return None if await _why_not(db, actor, record, told=told) else record


async def _why_not(db: AsyncSession, actor: Professional, record: Record, *, told: bool) -> str:
    """What keeps it shut; with `told`, in the journal too."""
    why = await _shut(db, actor, record)
    if why and told:
        refuse(db, actor, Action.OPEN_CONVERSATION, record_id=record.id, reason=why)
    return why


async def _shut(db: AsyncSession, actor: Professional, record: Record) -> str:
    link = await db.scalar(link_of(actor, record.id))
    if link is not None and (link.blocked or link.objected):
        return "blocked"
    if record.state is not RecordState.ACTIVE:
        return "no-space"
    return "opposed" if record.messages_refused else ""


async def _file(db: AsyncSession, actor: Professional, file_id: UUID) -> PatientFile:
    file = await db.scalar(patient_files(actor).where(PatientFile.id == file_id))
    if file is None:
        raise NotFound
    return file
