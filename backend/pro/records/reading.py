"""One document of a patient: its results, its pages, the original; each reading is told to them."""

from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.pro.frame import pro_page
from backend.services import announcements, consultation, documents, threshold
from backend.services.documents import Visit
from backend.web import At, Db, Neighbours, Staff
from backend.web.security import BARE

DONE = "annonce"
PATH = "/{record_id:uuid}/documents/{document_id:uuid}"


@get(PATH, name="pro.records.document")
async def show(
    record_id: FromPath[UUID],
    document_id: FromPath[UUID],
    db: Db,
    actor: Staff,
    at: At,
    fait: FromQuery[str] = "",
) -> Template | Redirect:
    """The results, beside those of before; right after its announcement, that it shows now."""
    visit = await consultation.present(db, actor, at, record_id)
    opened = await documents.open_report(db, actor, at, document_id, visit=visit)
    if opened.line.own:  # it has pages, and no results
        return Redirect(f"{_place(visit)}/{document_id}/document", status_code=303)
    announces = opened.withheld and await announcements.announces(db, actor, at, visit, document_id)
    return await _page(
        db,
        actor,
        at,
        visit,
        "pro/records/document.html",
        announces=announces,
        announced=fait == DONE and not opened.withheld,
        line=opened.line,
        report=opened.report,
        sheet=opened.sheet,
        has_pdf=opened.has_pdf,
        pages=opened.page_count,
        validated_by=opened.report.header.authenticator.name,
        replaced=opened.replaced_on,
        thread=opened.thread,
        figures=opened.figures,
    )


@get(f"{PATH}/document", name="pro.records.pages")
async def pages(
    record_id: FromPath[UUID], document_id: FromPath[UUID], db: Db, actor: Staff, at: At
) -> Template:
    """The pages of the original."""
    visit = await consultation.present(db, actor, at, record_id)
    line, state, images = await documents.open_pages(db, actor, at, document_id, visit=visit)
    return await _page(
        db,
        actor,
        at,
        visit,
        "pro/records/pages.html",
        line=line,
        images=images,
        ready=state == "ready",
    )


@get(f"{PATH}/page/{{number:int}}/{{size:str}}", name="pro.records.page_image")
async def page_image(
    record_id: FromPath[UUID],
    document_id: FromPath[UUID],
    number: FromPath[int],
    size: FromPath[str],
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """One page as an image."""
    visit = await consultation.present(db, actor, at, record_id)
    part = "page-small" if size == "800" else "page-large"
    kind, content, _line = await consultation.take_file(
        db, actor, at, visit, document_id, files=outside.files, part=part, number=number
    )
    return Response(content, media_type=kind, headers=BARE)


@get(f"{PATH}/figure/{{number:int}}", name="pro.records.figure")
async def figure(
    record_id: FromPath[UUID],
    document_id: FromPath[UUID],
    number: FromPath[int],
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """A figure of the report."""
    visit = await consultation.present(db, actor, at, record_id)
    kind, content, _line = await consultation.take_file(
        db, actor, at, visit, document_id, files=outside.files, part="figure", number=number
    )
    return Response(content, media_type=kind, headers=BARE)


@get(f"{PATH}/original.pdf", name="pro.records.download")
async def download(
    record_id: FromPath[UUID],
    document_id: FromPath[UUID],
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    """The original, to keep in the professional’s own file."""
    visit = await consultation.present(db, actor, at, record_id)
    kind, content, line = await consultation.take_file(
        db, actor, at, visit, document_id, files=outside.files, part="pdf"
    )
    name = f"compte-rendu-{line.on:%Y-%m-%d}.pdf"
    headers = BARE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


def _place(visit: Visit) -> str:
    return f"/pro/dossiers/{visit.record_id}/documents"


async def _page(
    db: Db, actor: Staff, at: At, visit: Visit, template: str, **context: Any
) -> Template:
    whose = await threshold.whose_record(db, actor, visit.record_id)
    return await pro_page(
        db, actor, at, template, section="records", whose=whose, place=_place(visit), **context
    )


handlers = (show, pages, page_image, figure, download)
