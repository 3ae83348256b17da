"""Answering, from either side: while it is open, and as long as both may write."""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Patient, Professional
from backend.access.scopes import Moment
from backend.access.scopes.families import own_identity
from backend.domain.conversations import Said, Side, check_may_write, check_room, needs_words
from backend.domain.errors import Refused
from backend.gateways.files import Files
from backend.services import limits
from backend.services.conversations.enclosing import pieces_of
from backend.services.conversations.holding import Writer, hold
from backend.services.conversations.posting import Posting, Writing, post, store
from backend.services.people import shown_name
from backend.services.professionals import named
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession
from backend.storage.records import traits_of

LIMITERS = {Patient: "message", Professional: "message-pro"}
OPPOSED = "Vous avez choisi de ne plus échanger de messages. Changez ce choix dans les réglages."
THEY_OPPOSED = "Cette personne ne veut plus échanger de messages. Appelez-la, ou écrivez-lui."


async def answer(  # noqa: PLR0917 - who, when, where to, and what
    db: AsyncSession,
    actor: Writer,
    at: Moment,
    files: Files,
    conversation_id: UUID,
    writing: Writing,
) -> Rejected | None:
    """One more message; Refused once it is closed, Rejected for who sends too many."""
    if wait := await limits.hit(db, LIMITERS[type(actor)], str(actor.id)):
        return too_often(wait)
    held = await hold(db, actor, at, conversation_id)
    check_may_write(held.conversation.state)
    if held.record.messages_refused:
        raise Refused(OPPOSED if isinstance(actor, Patient) else THEY_OPPOSED)
    pieces = await pieces_of(db, actor, at, held.record, writing)
    needs_words(writing.text, enclosed=bool(pieces))
    check_room([len(piece.pdf) for piece in pieces])
    stored = await store(db, files, held.record, pieces)
    authorise(db, actor, Action.ANSWER_CONVERSATION, held.conversation)
    side = Side.PATIENT if isinstance(actor, Patient) else Side.PROFESSIONAL
    said = await said_by(db, actor, writing.text)
    await post(db, held, at, Posting(side, actor.id, said, stored))
    return None


async def said_by(db: AsyncSession, actor: Writer, text: str) -> Said:
    """The words, and who writes them, as they are called today."""
    if isinstance(actor, Professional):
        who = (await named(db, [actor.id]))[actor.id]
        return Said(text, who.name, who.job)
    record, identity = (await db.execute(own_identity(actor))).one()
    return Said(text, shown_name(traits_of(db, record, identity)))
