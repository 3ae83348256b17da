"""Whether a PDF is sound and passive: what its objects say, never what they draw."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

import pikepdf

from backend.gateways.pdf_process.wire import Flaw, FlawFound, PdfFacts

MOST_PAGES = 50

ACTIVE = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/AA",
        "/Launch",
        "/EmbeddedFiles",
        "/EF",
        "/FileAttachment",
        "/RichMedia",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/3D",
        "/XFA",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
    }
)
"""Names that make a PDF do something, or carry another file (ISO 32000-2, 7.11.4, 12.6 and 13)."""

DIRECT = (pikepdf.Dictionary, pikepdf.Array)
"""What may hold other objects inside itself; a stream is always visited on its own."""

START = re.compile(rb"%PDF-[12]\.\d")
END = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\0]*\Z")
WEB_PAGE = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|\?php)", re.IGNORECASE)
SNIFFED = 1500
"""What browsers look at when they guess a type (WHATWG MIME Sniffing: 1445 bytes)."""


def inspect(pdf: bytes) -> PdfFacts:
    """Count the pages and name the active content, or FlawFound.

    Nothing is repaired: a file that two readers would understand differently is refused.
    """
    check_form(pdf)
    try:
        document = pikepdf.open(BytesIO(pdf), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise FlawFound(Flaw.ENCRYPTED) from error
    with document:
        if document.is_encrypted:
            raise FlawFound(Flaw.ENCRYPTED)
        pages = count_pages(document)
        return PdfFacts(pages, tuple(sorted(set(_active_names(document)))))


def check_form(pdf: bytes) -> None:
    """A PDF from its first byte to its last, and nothing else at the same time."""
    if not pdf:
        raise FlawFound(Flaw.EMPTY)
    if not START.match(pdf) or WEB_PAGE.search(pdf[:SNIFFED]) or is_archive(pdf):
        raise FlawFound(Flaw.NOT_PDF)
    if not END.search(pdf, max(0, len(pdf) - SNIFFED)):
        raise FlawFound(Flaw.DAMAGED)


def count_pages(document: pikepdf.Pdf) -> int:
    """Between 1 and 50, or FlawFound."""
    pages = len(document.pages)
    if not pages:
        raise FlawFound(Flaw.DAMAGED)
    if pages > MOST_PAGES:
        raise FlawFound(Flaw.TOO_MANY_PAGES)
    return pages


def is_archive(pdf: bytes) -> bool:
    """ZIP readers start from the end: four bytes may be there by chance, a directory may not."""
    if not zipfile.is_zipfile(BytesIO(pdf)):
        return False
    try:
        with zipfile.ZipFile(BytesIO(pdf)) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _active_names(document: pikepdf.Pdf) -> Iterator[str]:
    """Every object is visited, reachable or not, those of object streams included."""
    if runs_on_opening(document.Root.get("/OpenAction")):
        yield "/OpenAction"
    for item in document.objects:
        stack = [item]
        while stack:
            here = stack.pop()
            values = []
            if isinstance(here, pikepdf.Dictionary | pikepdf.Stream):
                values = [value for _, value in here.items()]
                yield from (key for key, value in here.items() if acts(key, value))
            elif isinstance(here, pikepdf.Array):
                values = list(here)
            yield from (str(v) for v in values if isinstance(v, pikepdf.Name) and str(v) in ACTIVE)
            stack += [v for v in values if isinstance(v, DIRECT) and not v.is_indirect]


def acts(key: str, value: object) -> bool:
    """A font may bear any name, AA included."""
    is_font = isinstance(value, pikepdf.Dictionary) and value.get("/Type") == pikepdf.Name.Font
    return key in ACTIVE and not is_font


def runs_on_opening(action: object) -> bool:
    """Opening at a given page is harmless, whichever way it is written."""
    return isinstance(action, pikepdf.Dictionary) and action.get("/S") != pikepdf.Name.GoTo


def warm_up() -> None:
    """Everything that pikepdf and zipfile would load at the first file."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("é", "é")
    is_archive(archive.getvalue())
    is_archive(archive.getvalue().replace("é".encode(), b"e\xe9"))
    b"e".decode("cp437")  # the names of older archives
    with pikepdf.Pdf.new() as made:
        made.add_blank_page()
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.GoTo)
        for mode in (pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable):
            out = BytesIO()
            made.save(out, object_stream_mode=mode)
            inspect(out.getvalue())
