"""`/pro/messages`: the inbox of the site, one conversation, a new one from a file of the desk."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.domain.conversations import (
    NOBODY_THERE,
    read_reason,
    read_subject,
    read_text,
    read_written,
)
from backend.domain.errors import Refused, Unavailable
from backend.domain.own_documents import Given
from backend.pro.conversation_pages import FIELDS, PAGE, SECRET, SUBJECT, TEXT, one_page, open_page
from backend.pro.frame import pro_page
from backend.services import conversations
from backend.services.conversations import Writing, models
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft, read_ids
from backend.web.uploads import UPLOAD_BYTES

ONE = "/messages/{conversation_id:uuid}"
FILES, DOCUMENT, REASON, SURE = "fichiers", "document", "motif", "identite"
NOT_SURE = "Vérifiez l’identité, puis cochez la case."
VIEWS = (
    ("", "Toutes"),
    ("a-traiter", "À traiter"),
    ("a-moi", "À moi"),
    ("fermees", "Fermées"),
)
BARE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'attachment; filename="piece-jointe.pdf"',
}
AnyRequest = Request[Any, Any, Any]


@get("/messages", name="pro.conversations.index")
async def index(
    db: Db, actor: Staff, at: At, voir: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Template:
    """Shared by the site, the latest first."""
    view = voir if voir in dict(VIEWS) else ""
    number = min(max(page, 1), 1_000)
    lines, more = await conversations.inbox(db, actor, at, view, number)
    shown: dict[str, Any] = {"lines": lines, "more": more, "number": number}
    shown |= {"view": view, "views": VIEWS}
    return await pro_page(
        db, actor, at, "pro/conversations/index.html", section="messages", **shown
    )


@get("/messages/nouveau", name="pro.conversations.new")
async def new(
    db: Db, actor: Staff, at: At, dossier: FromQuery[UUID], modele: FromQuery[str] = ""
) -> Template:
    """To the person of a file of the desk; a template fills the words."""
    model = await models.chosen(db, actor, modele)
    typed = {SUBJECT: model.title, TEXT: model.text} if model else {}
    return await open_page(db, actor, at, dossier, Draft(typed, fields=FIELDS))


@post(
    "/messages/nouveau",
    name="pro.conversations.open",
    takes_files=True,
    request_max_body_size=UPLOAD_BYTES,
)
async def open_one(
    request: AnyRequest, db: Db, actor: Staff, at: At, outside: Neighbours, dossier: FromQuery[UUID]
) -> Template | Redirect:
    """The only way to begin one."""
    form = await request.form()
    draft, status, message = Draft(dict(form), fields=FIELDS), 422, ""
    subject, text = draft.take(SUBJECT, read_subject), draft.take(TEXT, read_written)
    draft.take(SURE, _sure)
    chosen = _chosen(form)
    try:
        if subject and text and not draft.errors:
            writing, secret = Writing(text, chosen, _given(form)), draft.typed[SECRET] == "oui"
            done = await conversations.open_conversation(
                db,
                actor,
                at,
                outside,
                file_id=dossier,
                subject=subject,
                writing=writing,
                secret=secret,
            )
            if isinstance(done, UUID):
                return Redirect(f"{PAGE}/{done}", status_code=303)
            if isinstance(done, Rejected):
                status, message = 429, done.message
            else:
                message = NOBODY_THERE
    except (Refused, Unavailable) as refusal:
        message = refusal.message
    return await open_page(
        db, actor, at, dossier, draft, chosen=chosen, message=message, status=status
    )


@get(ONE, name="pro.conversations.show")
async def show(
    conversation_id: FromPath[UUID], db: Db, actor: Staff, at: At, modele: FromQuery[str] = ""
) -> Template:
    """All that was written, and what may be done."""
    model = await models.chosen(db, actor, modele)
    typed = {TEXT: model.text} if model else {}
    return await one_page(db, actor, at, conversation_id, Draft(typed, fields=(TEXT,)))


@post(ONE, name="pro.conversations.answer", takes_files=True, request_max_body_size=UPLOAD_BYTES)
async def answer(
    conversation_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    form = await request.form()
    draft, chosen = Draft(dict(form), fields=(TEXT,)), _chosen(form)
    text, status, message = draft.take(TEXT, read_text), 422, ""
    try:
        if text is not None:
            writing = Writing(text, chosen, _given(form))
            done = await conversations.answer(
                db, actor, at, outside, conversation_id=conversation_id, writing=writing
            )
            if done is None:
                return Redirect(f"{PAGE}/{conversation_id}#dernier", status_code=303)
            status, message = 429, done.message
    except (Refused, Unavailable) as refusal:
        message = refusal.message
    return await one_page(
        db, actor, at, conversation_id, draft, chosen=chosen, message=message, status=status
    )


@get(f"{ONE}/pieces/{{enclosure_id:uuid}}", name="pro.conversations.take")
async def take(
    conversation_id: FromPath[UUID],
    enclosure_id: FromPath[UUID],
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """A file that came with a message, as a PDF."""
    _name, pdf = await conversations.take(
        db, actor, at, outside.files, conversation_id=conversation_id, enclosure_id=enclosure_id
    )
    return Response(pdf, media_type="application/pdf", headers=BARE)


@post(f"{ONE}/prendre", name="pro.conversations.assign")
async def assign(conversation_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Redirect:
    """« Je m’en occupe »."""
    await conversations.assign(db, actor, at, conversation_id)
    return Redirect(f"{PAGE}/{conversation_id}", status_code=303)


@post(f"{ONE}/laisser", name="pro.conversations.release")
async def release(conversation_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Redirect:
    """Anybody of the site may take it."""
    await conversations.release(db, actor, at, conversation_id)
    return Redirect(f"{PAGE}/{conversation_id}", status_code=303)


@post(f"{ONE}/fermer", name="pro.conversations.close")
async def close(
    conversation_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """With the sentence that the person will read."""
    draft = Draft(dict(await request.form()), fields=(TEXT, REASON))
    if reason := draft.take(REASON, read_reason):
        await conversations.close(db, actor, at, conversation_id, reason)
        return Redirect(f"{PAGE}/{conversation_id}", status_code=303)
    return await one_page(db, actor, at, conversation_id, draft, status=422)


def _sure(text: str) -> bool:
    if text != "oui":
        raise Refused(NOT_SURE)
    return True


def _chosen(form: Any) -> tuple[UUID, ...]:
    return read_ids([str(one) for one in form.getall(DOCUMENT, [])])


def _given(form: Any) -> list[Given]:
    return [one for one in form.getall(FILES, []) if isinstance(one, Given)]


router = Router(
    "/",
    route_handlers=[
        *(index, new, open_one, show, answer, take),
        *(assign, release, close),
    ],
)
