"""`/pro/deposer`: a professional deposits by hand what belongs to the patient on the screen."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.domain.errors import Refused, Unavailable
from backend.domain.handing import check_files
from backend.domain.own_documents import Given
from backend.pro import deposit_recipients
from backend.pro.deposit_forms import FIELDS, read_asked, ticked
from backend.pro.deposit_pages import (
    PATH,
    Again,
    choose_page,
    draft_page,
    preview_page,
    receipt_page,
)
from backend.pro.frame import pro_page
from backend.pro.proofs import taken
from backend.services import handing
from backend.services.sign_in import Rejected
from backend.web import At, Db, Neighbours, Staff
from backend.web.forms import Draft
from backend.web.security import BARE
from backend.web.uploads import UPLOAD_BYTES

FILES, REPLACES = "fichiers", "remplace"
AnyRequest = Request[Any, Any, Any]


@get("/", name="pro.deposits.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """Whose is it? And what one deposited lately."""
    found = await handing.latest(db, actor)
    return await pro_page(
        db, actor, at, "pro/deposits/index.html", section="deposits", path=PATH, latest=found
    )


@get("/{file_id:uuid}", name="pro.deposits.choose")
async def choose(
    file_id: FromPath[UUID], db: Db, actor: Staff, at: At, remplace: FromQuery[str] = ""
) -> Template:
    """The identity on top, the files to choose, those that wait."""
    return await choose_page(db, actor, at, file_id, replaces=remplace)


@post(
    "/{file_id:uuid}",
    name="pro.deposits.add",
    takes_files=True,
    request_max_body_size=UPLOAD_BYTES,
)
async def add(
    file_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    """Each file is looked at; those that are good and this patient’s wait, the others are not."""
    form = await request.form()
    replaces = str(form.get(REPLACES, ""))
    given = [one for one in form.getall(FILES, []) if isinstance(one, Given)]
    try:
        check_files(given)
        if slow := await handing.admit(db, actor, at, file_id, len(given)):
            return await _slow_down(db, actor, at, file_id, replaces, slow)
        seen = await handing.look(outside, given)
        kept, bad = await handing.keep(db, actor, at, file_id, seen=seen, replaces=replaces)
    except (Refused, Unavailable) as refusal:
        return await choose_page(
            db, actor, at, file_id, replaces=replaces, message=refusal.message, status=422
        )
    if bad:
        return await choose_page(db, actor, at, file_id, replaces=replaces, bad=bad, status=422)
    one = f"/{kept[0]}" if len(kept) == 1 else ""
    return Redirect(f"{PATH}/{file_id}{one}", status_code=303)


async def _slow_down(
    db: Db, actor: Staff, at: At, file_id: UUID, replaces: str, rejected: Rejected
) -> Template:
    """The page again, and how long to wait."""
    shown = await choose_page(
        db, actor, at, file_id, replaces=replaces, message=rejected.message, status=429
    )
    shown.headers["Retry-After"] = str(rejected.retry_after)
    return shown


@get("/{file_id:uuid}/{draft_id:uuid}", name="pro.deposits.check")
async def check(
    file_id: FromPath[UUID], draft_id: FromPath[UUID], db: Db, actor: Staff, at: At
) -> Template:
    """What was checked, then what is to be decided."""
    shown = await handing.examine(db, actor, at, file_id, draft_id=draft_id)
    return await draft_page(db, actor, at, file_id, shown)


@post("/{file_id:uuid}/{draft_id:uuid}", name="pro.deposits.deposit")
async def deposit(
    file_id: FromPath[UUID],
    draft_id: FromPath[UUID],
    request: AnyRequest,
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    """Into the space, or the page again with what was typed: who looks at the bytes comes first."""
    form = await request.form()
    if deposit_recipients.GESTURE in form:  # of a page that was open before this address was made
        return Redirect(f"{PATH}/{file_id}/{draft_id}/destinataires", status_code=307)
    typed, to = dict(form), ticked(form.getall("vers", []))

    def read(shown: handing.Examined) -> handing.Asked | None:
        return read_asked(Draft(typed, fields=FIELDS), shown, to, at.today)

    sessions, of = request.app.state.sessions, (file_id, draft_id)
    looked = await handing.look_ahead(sessions, actor, at, outside, of, read=read)
    if number := await handing.already(db, actor, draft_id):
        return Redirect(f"{PATH}/recus/{number}", status_code=303)
    shown = await handing.examine(db, actor, at, file_id, draft_id=draft_id)
    draft = Draft(typed, fields=FIELDS)
    if (asked := read_asked(draft, shown, to, at.today)) is None:
        return await draft_page(db, actor, at, file_id, shown, Again(draft, to))
    try:
        number = await handing.deposit(db, actor, at, outside, of, asked=asked, looked=looked)
    except Refused as refusal:
        again = Again(draft, to, refusal.message)
        return await draft_page(db, actor, at, file_id, shown, again)
    return Redirect(f"{PATH}/recus/{number}", status_code=303)


@get("/{file_id:uuid}/{draft_id:uuid}/apercu", name="pro.deposits.preview")
async def preview(
    file_id: FromPath[UUID], draft_id: FromPath[UUID], db: Db, actor: Staff, at: At
) -> Template:
    """The page that the person will have."""
    return await preview_page(db, actor, at, file_id, draft_id)


@get("/{file_id:uuid}/{draft_id:uuid}/premiere-page", name="pro.deposits.first_page")
async def first_page(
    file_id: FromPath[UUID],
    draft_id: FromPath[UUID],
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """Of its PDF, drawn where nothing else can be done."""
    shown = await handing.examine(db, actor, at, file_id, draft_id=draft_id)
    image = await handing.draw_first_page(shown, outside.pdfs)
    return Response(image, media_type="image/webp", headers=BARE)


@post("/{file_id:uuid}/{draft_id:uuid}/retirer", name="pro.deposits.drop")
async def drop(
    file_id: FromPath[UUID], draft_id: FromPath[UUID], db: Db, actor: Staff, at: At
) -> Redirect:
    """Not this one."""
    await handing.drop(db, actor, at, file_id, draft_id)
    return Redirect(f"{PATH}/{file_id}", status_code=303)


@get("/recus/{number:str}", name="pro.deposits.receipt")
async def receipt(number: FromPath[str], db: Db, actor: Staff, at: At) -> Template:
    """The proof, and what may still be done."""
    return await receipt_page(db, actor, at, number)


@get("/recus/{number:str}/preuve", name="pro.deposits.proof")
async def proof(number: FromPath[str], db: Db, actor: Staff, at: At) -> Response[bytes]:
    """The same on a paper to keep."""
    found = await handing.prove(db, actor, at, number)
    return await taken(found, None, f"preuve-{found.receipt}", at.now)


@post("/recus/{number:str}/annuler", name="pro.deposits.take_back")
async def take_back(
    number: FromPath[str], db: Db, actor: Staff, at: At, outside: Neighbours
) -> Template | Redirect:
    """It leaves every screen, within ten minutes and unread; else why not."""
    try:
        await handing.take_back(db, actor, at, outside.files, number)
    except Refused as refusal:
        return await receipt_page(db, actor, at, number, message=refusal.message)
    return Redirect(f"{PATH}/recus/{number}", status_code=303)


router = Router(
    "/deposer",
    route_handlers=[
        *(index, choose, add, check, deposit, preview, first_page, drop),
        *(receipt, proof, take_back, *deposit_recipients.handlers),
    ],
)
