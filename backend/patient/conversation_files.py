"""« Ajouter à mes documents »: what came with a message, filed as the person’s own."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS
from backend.access.scopes import Moment
from backend.domain.documents import LABELS, Kind
from backend.domain.own_documents import LONGEST_TITLE, Told, read_day, read_kind, read_title
from backend.services import conversations
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Db, Neighbours, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft

ONE = "/messages/{conversation_id:uuid}/pieces/{enclosure_id:uuid}/garder"
TITLE, KIND, DAY = FIELDS = ("titre", "categorie", "date")
BARE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'attachment; filename="piece-jointe.pdf"',
}
"""A PDF that a stranger may have made: it is saved, never opened among our pages."""
AnyRequest = Request[Any, Any, Any]


@get(ONE, name="patient.conversations.keep", opt={"door": HOLDERS})
async def keep(
    conversation_id: FromPath[UUID], enclosure_id: FromPath[UUID], db: Db, actor: Person, at: At
) -> Template:
    """A title, a category and a day, proposed."""
    name = await conversations.name_of(db, actor, at, conversation_id, enclosure_id)
    typed = {TITLE: name[:LONGEST_TITLE], DAY: f"{at.today}"}
    return await _form(db, actor, at, conversation_id, enclosure_id, Draft(typed, fields=FIELDS))


@post(ONE, name="patient.conversations.save", opt={"door": HOLDERS})
async def save(
    conversation_id: FromPath[UUID],
    enclosure_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Person,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    await about_this(request, actor)
    draft = Draft(dict(await request.form()), fields=FIELDS)
    title, kind = draft.take(TITLE, read_title), draft.take(KIND, read_kind)
    day = draft.take(DAY, lambda text: read_day(text, at.today))
    if not (title and kind and day):
        return await _form(db, actor, at, conversation_id, enclosure_id, draft, status=422)
    told = Told(title, kind, day)
    done = await conversations.save(
        db,
        actor,
        at,
        outside.files,
        conversation_id=conversation_id,
        enclosure_id=enclosure_id,
        told=told,
    )
    if isinstance(done, Rejected):
        return await _form(db, actor, at, conversation_id, enclosure_id, draft, status=429)
    return Redirect(f"/documents/{done}/document", status_code=303)


async def _form(
    db: Db,
    actor: Person,
    at: Moment,
    conversation_id: UUID,
    enclosure_id: UUID,
    draft: Draft,
    *,
    status: int = 200,
) -> Template:
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/conversations/keep.html",
        form=draft,
        conversation_id=conversation_id,
        enclosure_id=enclosure_id,
        kinds=[(kind.value, LABELS[kind]) for kind in Kind],
        last_day=at.today,
    )
    shown.status_code = status
    return shown
