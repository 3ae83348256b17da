"""The pages of a conversation and of a new one, whichever door was answered with them."""

from uuid import UUID

from litestar.response import Template

from backend.domain.conversations import NOBODY_THERE
from backend.pro.frame import pro_page
from backend.services import conversations
from backend.services.conversations import models
from backend.services.identification import receiving
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/messages"
SUBJECT, TEXT, SECRET, SURE = FIELDS = ("objet", "texte", "secret", "identite")


async def one_page(
    db: Db,
    actor: Staff,
    at: At,
    conversation_id: UUID,
    form: Draft,
    *,
    chosen: tuple[UUID, ...] = (),
    message: str = "",
    status: int = 200,
) -> Template:
    """One conversation."""
    thread = await conversations.read(db, actor, at, conversation_id)
    writes = thread.open and not thread.refused
    return await pro_page(
        db,
        actor,
        at,
        "pro/conversations/show.html",
        status,
        section="messages",
        thread=thread,
        nobody_there=NOBODY_THERE,
        writes=writes,
        mine=thread.assigned_to == actor.id,
        documents=await conversations.choices_for(db, actor, at, thread.id) if writes else [],
        chosen=chosen,
        models=await models.models(db, actor),
        form=form,
        message=message,
    )


async def open_page(
    db: Db,
    actor: Staff,
    at: At,
    file_id: UUID,
    form: Draft,
    *,
    chosen: tuple[UUID, ...] = (),
    message: str = "",
    status: int = 200,
) -> Template:
    """A new one: who it is, first. Whom one may not write to was told of it, once."""
    asking = message != NOBODY_THERE
    whom = await conversations.addressee(db, actor, at, file_id, told=asking)
    today = await receiving.choices_today(db, actor, at, file_id) if whom.minor else None
    return await pro_page(
        db,
        actor,
        at,
        "pro/conversations/new.html",
        status,
        section="messages",
        whom=whom,
        secret=bool(today and today.secret),
        chosen=chosen,
        models=await models.models(db, actor),
        form=form,
        message=message,
    )
