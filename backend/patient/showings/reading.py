"""What a guest reads: the documents shown to them, on the screen only."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.patient.showings.entering import ENTER, SHOWN
from backend.services import documents, listing, visits
from backend.web import At, Config, Db, Neighbours, Reader, page
from backend.web.cookies import VISIT, end_cookie
from backend.web.security import BARE


@get(SHOWN, name="guests.documents.index")
async def index(db: Db, actor: Reader, at: At) -> Template:
    """Whose documents, until when, and which ones."""
    lines, _ = await listing.list_documents(db, actor, at)
    return await _page(db, actor, at, "guests/index.html", lines=lines)


@get("/partage/documents/{document_id:uuid}", name="guests.documents.show")
async def show(document_id: FromPath[UUID], db: Db, actor: Reader, at: At) -> Template | Redirect:
    """A report, its values placed among those that are shown."""
    opened = await documents.open_report(db, actor, at, document_id)
    if opened.line.own:  # it has pages, and no results
        return Redirect(f"{SHOWN}/{document_id}/document", status_code=303)
    return await _page(
        db,
        actor,
        at,
        "guests/show.html",
        line=opened.line,
        report=opened.report,
        sheet=opened.sheet,
        has_pdf=opened.has_pdf,
        pages=opened.page_count,
        validated_by=opened.report.header.authenticator.name,
    )


@get("/partage/documents/{document_id:uuid}/document", name="guests.documents.pages")
async def pages(document_id: FromPath[UUID], db: Db, actor: Reader, at: At) -> Template:
    """The pages of the original."""
    line, state, images = await documents.open_pages(db, actor, at, document_id)
    return await _page(
        db, actor, at, "guests/pages.html", line=line, images=images, ready=state == "ready"
    )


@get(
    "/partage/documents/{document_id:uuid}/page/{number:int}/{size:str}",
    name="guests.documents.page_image",
)
async def page_image(
    document_id: FromPath[UUID],
    number: FromPath[int],
    size: FromPath[str],
    db: Db,
    actor: Reader,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """One page as an image."""
    part = "page-small" if size == "800" else "page-large"
    kind, content, _line = await documents.take_file(
        db, actor, at, outside.files, document_id, part=part, number=number
    )
    return Response(content, media_type=kind, headers=BARE)


@post("/partage/quitter", name="guests.leave")
async def leave(db: Db, actor: Reader, at: At, config: Config) -> Redirect:
    """The visit ends here."""
    await visits.leave(db, actor, at)
    return Redirect(ENTER, status_code=303, cookies=[end_cookie(config, VISIT)])


async def _page(db: Db, actor: Reader, at: At, template: str, **context: Any) -> Template:
    whose = await visits.whose(db, actor, at)
    return page(template, whose=whose, place=SHOWN, **context)


handlers = (index, show, pages, page_image, leave)
