"""Mes documents: the list, a report, its pages, the original."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery
from litestar.response import Response, Template
from msgspec import Struct

from backend.domain.documents import DocumentLine
from backend.services import documents
from backend.web import At, Db, Neighbours, Person, patient_page, url
from backend.web.french import month_year

BARE = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""For what a laboratory sent: opened alone, it is nothing but an image or a file."""


class Month(Struct, frozen=True):
    """One heading of the list."""

    label: str
    lines: tuple[DocumentLine, ...]


@get("/", name="patient.documents.index")
async def index(db: Db, actor: Person, at: At, apres: FromQuery[str] = "") -> Template:
    lines, more = await documents.list_documents(db, actor, at, after=read_place(apres))
    return await patient_page(
        db,
        actor,
        at,
        "patient/documents/index.html",
        months=_by_month(lines),
        total=len(lines),
        first_page=not apres,
        more=more and f"{url('patient.documents.index')}?apres={more[0]}.{more[1]}",
    )


@get("/{document_id:uuid}", name="patient.documents.show")
async def show(document_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    opened = await documents.open_report(db, actor, at, document_id)
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
        figures=opened.figures,
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


def read_place(text: str) -> tuple[date, UUID] | None:
    """`2026-11-12.<id>`: where the list goes on. Anything else is its beginning."""
    day, _, document_id = text.partition(".")
    try:
        return date.fromisoformat(day), UUID(document_id)
    except ValueError:
        return None


def _by_month(lines: Iterable[DocumentLine]) -> list[Month]:
    months = groupby(lines, key=lambda line: month_year(line.on))
    return [Month(label, tuple(found)) for label, found in months]


router = Router("/documents", route_handlers=[index, show, pages, page_image, figure, download])
