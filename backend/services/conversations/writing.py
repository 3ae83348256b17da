"""Answering, from either side: while it is open, and as long as both may write."""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Patient, Professional
from backend.access.scopes import Moment
from backend.access.scopes.families import own_identity
from backend.domain.conversations import (
    NOBODY_THERE,
    Said,
    Side,
    check_may_write,
    check_room,
    needs_words,
)
from backend.domain.errors import Refused
from backend.gateways.outside import Outside
from backend.services import limits
from backend.services.conversations.enclosing import chosen_pieces, make_pieces
from backend.services.conversations.holding import Held, Writer, check_may, hold, look
from backend.services.conversations.posting import Posting, Writing, post, store
from backend.services.people import shown_name
from backend.services.professionals import named
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession
from backend.storage.records import traits_of

LIMITERS = {Patient: "message", Professional: "message-pro"}
OPPOSED = "Vous avez choisi de ne plus échanger de messages. Changez ce choix dans les réglages."


async def answer(
    db: AsyncSession,
    actor: Writer,
    at: Moment,
    outside: Outside,
    *,
    conversation_id: UUID,
    writing: Writing,
) -> Rejected | None:
    """One more message; Refused once it is closed, Rejected for who sends too many."""
    if wait := await limits.hit(db, LIMITERS[type(actor)], str(actor.id)):
        return too_often(wait)
    _check(actor, await look(db, actor, at, conversation_id))
    made = await make_pieces(outside, writing.given)  # it may take long: nothing is held yet
    held = await hold(db, actor, at, conversation_id)
    _check(actor, held)
    pieces = [*await chosen_pieces(db, actor, at, held.record, writing.documents), *made]
    needs_words(writing.text, enclosed=bool(pieces))
    check_room([len(piece.pdf) for piece in pieces])
    stored = await store(db, outside.files, held.record, pieces)
    authorise(db, actor, Action.ANSWER_CONVERSATION, held.conversation)
    side = Side.PATIENT if isinstance(actor, Patient) else Side.PROFESSIONAL
    said = await said_by(db, actor, writing.text)
    await post(db, held, at, Posting(side, actor.id, said, stored))
    return None


def _check(actor: Writer, held: Held) -> None:
    """Denied for who may not answer there; Refused while nobody may."""
    check_may(actor, Action.ANSWER_CONVERSATION, held.conversation)
    check_may_write(held.conversation.state)
    if held.record.messages_refused:
        raise Refused(OPPOSED if isinstance(actor, Patient) else NOBODY_THERE)


async def said_by(db: AsyncSession, actor: Writer, text: str) -> Said:
    """The words, and who writes them, as they are called today."""
    if isinstance(actor, Professional):
        who = (await named(db, [actor.id]))[actor.id]
        return Said(text, who.name, who.job)
    record, identity = (await db.execute(own_identity(actor))).one()
    return Said(text, shown_name(traits_of(db, record, identity)))
