"""« Ce que verra la personne »: the patient’s own page of a draft, before anything is deposited."""

from msgspec import Struct

from backend.domain.documents import DocumentLine, kind_of
from backend.domain.errors import NotFound
from backend.domain.results import Sheet, make_sheet
from backend.gateways.pdf import PdfWorkers
from backend.services.filing import summary_of
from backend.services.handing.checking import Examined


class Preview(Struct, frozen=True):
    """What the components of that page are given."""

    line: DocumentLine
    sheet: Sheet
    validated_by: str


async def draw_first_page(draft: Examined, pdfs: PdfWorkers) -> bytes:
    """As an image, like those that the worker will draw; NotFound without a PDF."""
    if draft.report.pdf is None:
        raise NotFound
    return (await pdfs.render(draft.report.pdf)).pages[0].small


def preview(draft: Examined) -> Preview:
    """Without earlier values: they are the person’s, not to be shown at a desk."""
    header, summary = draft.report.header, summary_of(draft.report)
    line = DocumentLine(
        id=draft.id,
        kind=kind_of(header.type_code),
        title=summary.title,
        laboratory=summary.laboratory,
        on=summary.on,
        deposited_at=header.created,
        prescriber=summary.prescriber,
        partial=summary.partial,
        critical=summary.critical,
        count=summary.count,
    )
    return Preview(line, make_sheet(draft.report), header.authenticator.name)
