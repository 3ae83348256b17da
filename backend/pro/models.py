"""`/pro/messages/modeles`: the texts that a laboratory often writes, kept by who administers it."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.conversations import MODELS_AT_MOST, read_model_text, read_model_title
from backend.domain.errors import NotFound, Refused
from backend.pro.frame import pro_page
from backend.services.conversations import models
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/messages/modeles"
ONE = "/messages/modeles/{model_id:uuid}"
TITLE, TEXT = FIELDS = ("titre", "texte")
AnyRequest = Request[Any, Any, Any]


@get("/messages/modeles", name="pro.models.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """All of them, and the form for one more."""
    return await _page(db, actor, at, Draft(fields=FIELDS))


@post("/messages/modeles", name="pro.models.add")
async def add(request: AnyRequest, db: Db, actor: Staff, at: At) -> Template | Redirect:
    """One more, or the form again."""
    return await _write(request, db, actor, at, None)


@get(ONE, name="pro.models.show")
async def show(model_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """The form filled with one of them."""
    kept = {one.id: one.model for one in await models.kept(db, actor)}
    if model_id not in kept:
        raise NotFound
    typed = {TITLE: kept[model_id].title, TEXT: kept[model_id].text}
    return await _page(db, actor, at, Draft(typed, fields=FIELDS), model_id)


@post(ONE, name="pro.models.change")
async def change(
    model_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """Other words, or the form again."""
    return await _write(request, db, actor, at, model_id)


@post(f"{ONE}/supprimer", name="pro.models.delete")
async def delete(model_id: FromPath[UUID], db: Db, actor: Staff) -> Redirect:
    """Nobody begins with it any more."""
    await models.delete(db, actor, model_id)
    return Redirect(PAGE, status_code=303)


async def _write(
    request: AnyRequest, db: Db, actor: Staff, at: At, model_id: UUID | None
) -> Template | Redirect:
    draft, message = Draft(dict(await request.form()), fields=FIELDS), ""
    title, text = draft.take(TITLE, read_model_title), draft.take(TEXT, read_model_text)
    try:
        if title and text:
            await models.write(db, actor, title, text, model_id)
            return Redirect(PAGE, status_code=303)
    except Refused as refusal:
        message = refusal.message
    return await _page(db, actor, at, draft, model_id, message=message, status=422)


async def _page(
    db: Db,
    actor: Staff,
    at: At,
    form: Draft,
    model_id: UUID | None = None,
    *,
    message: str = "",
    status: int = 200,
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/models/index.html",
        status,
        section="models",
        kept=await models.kept(db, actor),
        changed=model_id,
        most=MODELS_AT_MOST,
        form=form,
        message=message,
    )


router = Router("/", route_handlers=[index, add, show, change, delete])
