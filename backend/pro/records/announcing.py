"""« L’annonce est faite », said in the record by the physician who prescribed, or who treats."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain import announcements as rules
from backend.domain.errors import Refused
from backend.pro.frame import pro_page
from backend.pro.records.reading import DONE, PATH
from backend.services import announcements, consultation, threshold
from backend.services.documents import Visit
from backend.web import At, Db, Staff
from backend.web.forms import Draft

FIELDS = ON, BY = ("jour", "par")
PAGE = f"{PATH}/annonce"


@get(PAGE, name="pro.records.ask_announce")
async def ask(
    record_id: FromPath[UUID], document_id: FromPath[UUID], db: Db, actor: Staff, at: At
) -> Template:
    """Is it meant? What will be seen, by whom and when, is said."""
    visit = await consultation.present(db, actor, at, record_id)
    return await _page(db, actor, at, visit, document_id)


@post(PAGE, name="pro.records.announce")
async def announce(
    record_id: FromPath[UUID],
    document_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: Db,
    actor: Staff,
    at: At,
) -> Template | Redirect:
    """It shows; or the form again with what was typed."""
    visit = await consultation.present(db, actor, at, record_id)
    draft = Draft(dict(await request.form()), fields=FIELDS)
    on, by = draft.take(ON, rules.read_reminder), draft.take(BY, rules.read_announcer)
    if on is None or by is None:
        return await _page(db, actor, at, visit, document_id, draft)
    try:
        made = rules.Announced(on, by)
        await announcements.release_in_visit(db, actor, at, visit, document_id, made=made)
    except Refused as refusal:
        return await _page(db, actor, at, visit, document_id, draft, refusal.message)
    shown = f"/pro/dossiers/{record_id}/documents/{document_id}?fait={DONE}"
    return Redirect(shown, status_code=303)


async def _page(
    db: Db,
    actor: Staff,
    at: At,
    visit: Visit,
    document_id: UUID,
    draft: Draft | None = None,
    message: str = "",
) -> Template:
    """The form; a sentence alone when somebody was first."""
    waits = message != announcements.ALREADY
    one = await announcements.to_announce(db, actor, at, visit, document_id) if waits else None
    form = draft or Draft(fields=FIELDS)
    if draft is None and one:
        form.typed.update({ON: f"{at.today:%d/%m/%Y}", BY: one.by})
    return await pro_page(
        db,
        actor,
        at,
        "pro/records/announce.html",
        422 if draft else 200,
        section="records",
        whose=await threshold.whose_record(db, actor, visit.record_id),
        place=f"/pro/dossiers/{visit.record_id}/documents/{document_id}",
        one=one,
        form=form,
        message=message,
    )


handlers = (ask, announce)
