"""« Messages »: what professionals write, and what one answers while they let it open."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.access.doors import HOLDERS
from backend.access.scopes import Moment
from backend.domain.conversations import read_text
from backend.domain.errors import Refused, Unavailable
from backend.domain.own_documents import Given
from backend.patient.conversation_files import BARE, keep, save
from backend.services import conversations
from backend.services.conversations import Writing
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Db, Neighbours, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft, read_ids
from backend.web.uploads import UPLOAD_BYTES

PAGE, SETTINGS = "/messages", "/messages/reglages"
ONE = PAGE + "/{conversation_id:uuid}"
TEXT, FILES, DOCUMENT, CHOICE = "texte", "fichiers", "document", "messages"
ANSWERS = {"oui": False, "non": True}
AnyRequest = Request[Any, Any, Any]


@get(PAGE, name="patient.conversations.index")
async def index(db: Db, actor: Person, at: At, page: FromQuery[int] = 1) -> Template:
    """The latest first."""
    number = min(max(page, 1), 1_000)
    lines, more = await conversations.inbox(db, actor, at, page=number)
    return await patient_page(
        db,
        actor,
        at,
        "patient/conversations/index.html",
        lines=lines,
        more=more,
        number=number,
        refused=await conversations.refuses(db, actor, at),
        may_choose=conversations.may_choose(actor),
    )


@get(ONE, name="patient.conversations.show")
async def show(conversation_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """All that was written; while it is open, a form to answer."""
    return await _show(db, actor, at, conversation_id, Draft(fields=(TEXT,)))


@post(
    ONE,
    name="patient.conversations.answer",
    takes_files=True,
    request_max_body_size=UPLOAD_BYTES,
    opt={"door": HOLDERS},
)
async def answer(
    conversation_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Person,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    """Words, documents, photos; what is wrong is said above what was typed."""
    await about_this(request, actor)
    form = await request.form()
    draft, chosen = Draft(dict(form), fields=(TEXT,)), _chosen(form)
    given = [one for one in form.getall(FILES, []) if isinstance(one, Given)]
    text, status, message = draft.take(TEXT, read_text), 422, ""
    try:
        if text is not None:
            writing = Writing(text, chosen, given)
            done = await conversations.answer(
                db, actor, at, outside, conversation_id=conversation_id, writing=writing
            )
            if not isinstance(done, Rejected):
                return Redirect(f"{PAGE}/{conversation_id}#dernier", status_code=303)
            status, message = 429, done.message
    except (Refused, Unavailable) as refusal:
        message = refusal.message
    return await _show(
        db, actor, at, conversation_id, draft, chosen=chosen, message=message, status=status
    )


@get(f"{ONE}/pieces/{{enclosure_id:uuid}}", name="patient.conversations.take")
async def take(
    conversation_id: FromPath[UUID],
    enclosure_id: FromPath[UUID],
    db: Db,
    actor: Person,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """A file that came with a message, as a PDF."""
    _name, pdf = await conversations.take(
        db, actor, at, outside.files, conversation_id=conversation_id, enclosure_id=enclosure_id
    )
    return Response(pdf, media_type="application/pdf", headers=BARE)


@get(SETTINGS, name="patient.conversations.settings", opt={"door": HOLDERS})
async def settings(db: Db, actor: Person, at: At) -> Template:
    """Whether professionals may write at all."""
    return await _settings(db, actor, at)


@post(SETTINGS, name="patient.conversations.choose", opt={"door": HOLDERS})
async def choose(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    """Both ways: who wants no messages writes none."""
    await about_this(request, actor)
    sent = str((await request.form()).get(CHOICE, ""))
    if sent not in ANSWERS:
        return await _settings(db, actor, at, "Choisissez « Oui » ou « Non ».")
    await conversations.set_messaging(db, actor, at, refused=ANSWERS[sent])
    return Redirect(PAGE, status_code=303)


def _chosen(form: Any) -> tuple[UUID, ...]:
    return read_ids([str(one) for one in form.getall(DOCUMENT, [])])


async def _show(
    db: Db,
    actor: Person,
    at: Moment,
    conversation_id: UUID,
    draft: Draft,
    *,
    chosen: tuple[UUID, ...] = (),
    message: str = "",
    status: int = 200,
) -> Template:
    thread = await conversations.read(db, actor, at, conversation_id)
    writes = thread.open and not thread.refused and conversations.may_choose(actor)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/conversations/show.html",
        thread=thread,
        writes=writes,
        documents=await conversations.choices_for(db, actor, at, thread.id) if writes else [],
        chosen=chosen,
        form=draft,
        message=message,
    )
    shown.status_code = status
    return shown


async def _settings(db: Db, actor: Person, at: Moment, message: str = "") -> Template:
    refused = await conversations.refuses(db, actor, at)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/conversations/settings.html",
        refused=refused,
        message=message,
    )
    shown.status_code = 422 if message else 200
    return shown


router = Router("/", route_handlers=[index, show, answer, take, keep, save, settings, choose])
