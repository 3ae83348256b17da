"""Models of messages: the laboratory’s, written by who administers it, then those shipped."""

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes.policies import models_for
from backend.domain.conversations import TEMPLATES, Model, check_models, model_of
from backend.domain.errors import Forbidden, NotFound
from backend.services import pro_sign_in
from backend.services.professionals import named
from backend.storage.db import AsyncSession, take_turns, utcnow, vault_of
from backend.storage.policies import MessageModel, model_in, seal_model


class Kept(Struct, frozen=True):
    """One model of the laboratory, and who wrote it when."""

    id: UUID
    model: Model
    by: str
    at: datetime


async def models(db: AsyncSession, actor: Professional) -> list[Model]:
    """All those that a writer may begin with."""
    return [*await _own(db, actor), *TEMPLATES]


async def chosen(db: AsyncSession, actor: Professional, key: str) -> Model | None:
    """By its key; None when there is none, or no longer."""
    if not key:
        return None
    found = (one for one in await _own(db, actor) if one.key == key)
    return next(found, None) or model_of(key)


async def kept(db: AsyncSession, actor: Professional) -> list[Kept]:
    """Those of the laboratory, for who manages them."""
    authorise(db, actor, Action.LIST_MODELS, None)
    rows = (await db.scalars(models_for(actor))).all()
    names = await named(db, {row.written_by for row in rows})
    found = [
        Kept(row.id, model_in(vault_of(db), row), names[row.written_by].name, row.written_at)
        for row in rows
    ]
    return sorted(found, key=lambda one: one.model.title.casefold())


async def write(
    db: AsyncSession, actor: Professional, title: str, text: str, model_id: UUID | None = None
) -> None:
    """One more, or other words for one of them; Refused beyond twenty."""
    await take_turns(db, f"models/{actor.structure_id}")
    now = await pro_sign_in.present(db, actor)
    if now.structure_id is None:
        raise Forbidden
    rows = {row.id: row for row in await db.scalars(models_for(now))}
    if model_id is None:
        row = MessageModel(id=uuid4(), structure_id=now.structure_id)
    elif model_id in rows:
        row = rows[model_id]
    else:
        raise NotFound
    authorise(db, now, Action.WRITE_MODEL, row)
    if model_id is None:
        check_models(len(rows))
        db.add(row)
    row.written_by, row.written_at = now.id, utcnow()
    row.sealed = seal_model(vault_of(db), row.id, Model(str(row.id), title, text))


async def delete(db: AsyncSession, actor: Professional, model_id: UUID) -> None:
    """Messages that began with it stay as they are."""
    now = await pro_sign_in.present(db, actor)
    row = await db.scalar(models_for(now).where(MessageModel.id == model_id).with_for_update())
    if row is None:
        raise NotFound
    authorise(db, now, Action.DELETE_MODEL, row)
    await db.delete(row)


async def _own(db: AsyncSession, actor: Professional) -> list[Model]:
    rows = await db.scalars(models_for(actor))
    return sorted(
        (model_in(vault_of(db), row) for row in rows), key=lambda one: one.title.casefold()
    )
