"""One document: a report, its pages, the original."""

from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template

from backend.domain.documents import LABELS
from backend.patient import document_list
from backend.services import documents
from backend.web import At, Db, Neighbours, Person, patient_page
from backend.web.security import BARE


@get("/{document_id:uuid}", name="patient.documents.show")
async def show(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template | Redirect:
    opened = await documents.open_report(db, actor, at, document_id)
    if opened.line.own:  # it has pages, and no results
        return Redirect(f"/documents/{document_id}/document", status_code=303)
    return await patient_page(
        db,
        actor,
        at,
        "patient/documents/show.html",
        line=opened.line,
        report=opened.report,
        sheet=opened.sheet,
        has_pdf=opened.has_pdf,
        pages=opened.page_count,
        validated_by=opened.report.header.authenticator.name,
        replaced=opened.replaced_on,
        thread=opened.thread,
        figures=opened.figures,
        analyses=opened.analyses,
    )


@get("/{document_id:uuid}/document", name="patient.documents.pages")
async def pages(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    line, state, images = await documents.open_pages(db, actor, at, document_id)
    return await patient_page(
        db,
        actor,
        at,
        "patient/documents/pages.html",
        line=line,
        label=LABELS[line.kind],
        images=images,
        ready=state == "ready",
        failed=state == "failed",
    )


@get("/{document_id:uuid}/page/{number:int}/{size:str}", name="patient.documents.page_image")
async def page_image(
    document_id: FromPath[UUID],
    number: FromPath[int],
    size: FromPath[str],
    db: Db,
    actor: Person,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    part = "page-small" if size == "800" else "page-large"
    kind, content, _line = await documents.take_file(
        db, actor, at, outside.files, document_id, part=part, number=number
    )
    return Response(content, media_type=kind, headers=BARE)


@get("/{document_id:uuid}/figure/{number:int}", name="patient.documents.figure")
async def figure(
    document_id: FromPath[UUID],
    number: FromPath[int],
    db: Db,
    actor: Person,
    at: At,
    outside: Neighbours,
) -> Response[bytes]:
    kind, content, _line = await documents.take_file(
        db, actor, at, outside.files, document_id, part="figure", number=number
    )
    return Response(content, media_type=kind, headers=BARE)


@get("/{document_id:uuid}/original.pdf", name="patient.documents.download")
async def download(
    document_id: FromPath[UUID], db: Db, actor: Person, at: At, outside: Neighbours
) -> Response[bytes]:
    kind, content, line = await documents.take_file(
        db, actor, at, outside.files, document_id, part="pdf"
    )
    name = f"compte-rendu-{line.on:%Y-%m-%d}.pdf"
    headers = BARE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


router = Router(
    "/documents",
    route_handlers=[
        *(document_list.index, document_list.find),
        *(show, pages, page_image, figure, download),
    ],
)
