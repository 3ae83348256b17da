"""`/pro/annonces`: results that their patients do not see yet, until they are announced."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from backend.domain import announcements as rules
from backend.domain.errors import Refused
from backend.domain.withholding import mention_on, shows_on
from backend.pro.frame import pro_page
from backend.services import announcements
from backend.web import At, Db, Staff
from backend.web.forms import Draft, read_ids

PAGE = "/pro/annonces"
OWNER, DAY = "responsable", "rappel"
MADE = ON, BY = ("jour", "par")
FIELDS = (OWNER, DAY, *MADE)
SHOWN: dict[str, Any] = {
    "in_days": rules.in_days,
    "mention_on": mention_on,
    "shows_on": shows_on,
    "calls": rules.CALLS,
}
AnyRequest = Request[Any, Any, Any]


@get("/annonces", name="pro.announcements.index")
async def index(
    db: Db, actor: Staff, at: At, voir: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Template:
    """What presses first."""
    number = max(1, min(page, 1_000))
    board = await announcements.board(db, actor, voir, number)
    template = "pro/announcements/index.html"
    outside = await announcements.announced_lately(db, actor, at)
    shown: dict[str, Any] = {"board": board, "which": voir, "number": number, "outside": outside}
    return await _page(db, actor, at, template, **shown)


@get("/annonces/{announcement_id:uuid}", name="pro.announcements.show")
async def show(announcement_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """One of them: since when, whose it is, what is to be done."""
    return await _show(db, actor, at, announcement_id)


@post("/annonces/{announcement_id:uuid}/responsable", name="pro.announcements.give")
async def give(
    announcement_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """To oneself, to a colleague, or to nobody again."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    try:
        chosen = read_ids([draft.typed[OWNER]])
        await announcements.give(db, actor, announcement_id, chosen[0] if chosen else None)
    except Refused as refusal:
        return await _show(db, actor, at, announcement_id, draft, refusal.message)
    return Redirect(f"{PAGE}/{announcement_id}", status_code=303)


@post("/annonces/{announcement_id:uuid}/rappel", name="pro.announcements.remind")
async def remind(
    announcement_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """A day to be called on; none when the field is left empty."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    day = draft.take(DAY, rules.read_reminder) if draft.typed[DAY].strip() else None
    if draft.errors:
        return await _show(db, actor, at, announcement_id, draft)
    try:
        await announcements.remind(db, actor, announcement_id, day)
    except Refused as refusal:
        return await _show(db, actor, at, announcement_id, draft, refusal.message)
    return Redirect(f"{PAGE}/{announcement_id}", status_code=303)


@get("/annonces/{announcement_id:uuid}/rendre-visible", name="pro.announcements.ask")
async def ask(announcement_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """Is it meant? What will be seen, by whom and when, is said."""
    draft = Draft(fields=FIELDS)
    draft.typed[ON] = f"{at.today:%d/%m/%Y}"
    return await _ask(db, actor, at, announcement_id, draft)


@post("/annonces/{announcement_id:uuid}/rendre-visible", name="pro.announcements.release")
async def release(
    announcement_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """« Annonce faite »: it shows; or the form again with what was typed."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    on, by = draft.take(ON, rules.read_reminder), draft.take(BY, rules.read_announcer)
    if on is None or by is None:
        return await _ask(db, actor, at, announcement_id, draft)
    try:
        await announcements.release(db, actor, at, announcement_id, rules.Announced(on, by))
    except Refused as refusal:
        return await _ask(db, actor, at, announcement_id, draft, refusal.message)
    return Redirect(f"{PAGE}/{announcement_id}", status_code=303)


async def _show(
    db: Db,
    actor: Staff,
    at: At,
    announcement_id: UUID,
    draft: Draft | None = None,
    message: str | None = None,
) -> Template:
    found = await announcements.find(db, actor, announcement_id)
    form = draft or Draft(
        {DAY: f"{found.remind_on:%d/%m/%Y}"} if found.remind_on else {}, fields=FIELDS
    )
    return await _page(
        db,
        actor,
        at,
        "pro/announcements/show.html",
        422 if draft else 200,
        one=found,
        me=actor.id,
        form=form,
        message=message,
    )


async def _ask(
    db: Db,
    actor: Staff,
    at: At,
    announcement_id: UUID,
    draft: Draft,
    message: str | None = None,
) -> Template:
    found = await announcements.find(db, actor, announcement_id)
    wrong = bool(message or draft.errors)
    return await _page(
        db,
        actor,
        at,
        "pro/announcements/ask.html" if found.may_release else "pro/announcements/show.html",
        422 if wrong else 200,
        one=found,
        me=actor.id,
        form=draft,
        message=message,
    )


async def _page(
    db: Db, actor: Staff, at: At, template: str, status: int = 200, **context: Any
) -> Template:
    shown = {**SHOWN, "today": at.today, "by_law": at.policy.released_by_law, **context}
    return await pro_page(db, actor, at, template, status, section="announcements", **shown)


router = Router("/", route_handlers=[index, show, give, remind, ask, release])
