"""What people add becomes a PDF that shows what they sent, and tells nothing else of it."""

from io import BytesIO

import msgspec
import pikepdf
import pytest

from backend.gateways.pdf import ActivePdf, Flaw, Kind, PdfWorkers, Unusable
from tests.gateways import pdf_files, person_files
from tests.gateways.person_files import MAKER, photo


def packed(*images: bytes) -> bytes:
    return msgspec.msgpack.encode(images)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "HEIF"])
async def test_a_photo_is_a_page_without_its_place(workers: PdfWorkers, kind: str) -> None:
    sent = photo(kind)
    assert MAKER.encode() in sent
    made = await workers.convert(Kind.PICTURES, packed(sent))
    assert MAKER.encode() not in made
    assert (await workers.inspect(made)).pages == 1


async def test_several_photos_are_one_document(workers: PdfWorkers) -> None:
    made = await workers.convert(
        Kind.PICTURES, packed(*map(photo, ("JPEG", "PNG", "TIFF", "HEIF")))
    )
    assert (await workers.inspect(made)).pages == 4


async def test_a_pdf_keeps_its_pages_and_loses_its_descriptions(workers: PdfWorkers) -> None:
    sent = person_files.signed_pdf()
    assert sent.count(MAKER.encode()) >= 2
    made = await workers.convert(Kind.PDF, sent)
    assert MAKER.encode() not in made
    with pikepdf.open(BytesIO(made)) as document:
        assert len(document.pages) == 2
        assert "/Info" not in document.trailer
        (picture,) = document.pages[0].get_images().values()
        assert isinstance(picture, pikepdf.Stream)
        assert MAKER.encode() not in picture.read_raw_bytes()
        assert pikepdf.PdfImage(picture).as_pil_image().size == (640, 480)


async def test_texts_are_set_with_their_accents(workers: PdfWorkers) -> None:
    for kind, sent in (
        (Kind.TEXT, "Cœur : 3 €, l’été".encode()),
        (Kind.TEXT, "Cœur : 3 €, l’été".encode("cp1252")),
        (Kind.RTF, rb"{\rtf1\ansi C\'9cur\b  : 3 \'80\b0 , l\'92\'e9t\'e9}"),
    ):
        made = await workers.convert(kind, sent)
        (page,) = (await workers.render(made)).pages
        assert page.text.replace("  ", " ").strip() == "Cœur : 3 €, l’été"


async def test_a_text_typed_in_french_on_any_machine_is_taken(workers: PdfWorkers) -> None:
    """Thin spaces, hyphens that hold, and accents in two pieces, as a Mac writes them."""
    sent = "1\u202f250\u2009UI, e\u0301te\u0301, peut\u2011e\u0302tre\u200b\u2212".encode()
    (page,) = (await workers.render(await workers.convert(Kind.TEXT, sent))).pages
    assert " ".join(page.text.split()) == "1 250 UI, été, peut-être-"


@pytest.mark.parametrize(
    ("kind", "sent", "flaw"),
    [
        (Kind.PDF, person_files.locked_pdf(), Flaw.ENCRYPTED),
        (Kind.PDF, pdf_files.report(1)[:-200], Flaw.DAMAGED),
        (Kind.PDF, b"<html>", Flaw.NOT_PDF),
        (Kind.PICTURES, packed(person_files.huge_png()), Flaw.TOO_MANY_PIXELS),
        (Kind.PICTURES, packed(person_files.tiff_bomb()), Flaw.TOO_MANY_PIXELS),
        (Kind.PICTURES, packed(photo()[:400]), Flaw.DAMAGED),
        (Kind.PICTURES, packed(person_files.heic_bomb()), Flaw.TOO_MANY_PIXELS),
        (Kind.PICTURES, packed(photo("HEIF")[:-60]), Flaw.DAMAGED),
        (Kind.PICTURES, packed(b"\xff\xd8\xff" + bytes(100)), Flaw.NOT_THAT_PICTURE),
        (Kind.TEXT, b"a\0b", Flaw.NOT_TEXT),
        (Kind.TEXT, "λόγος".encode(), Flaw.NOT_TEXT),
        (Kind.TEXT, b" \n ", Flaw.EMPTY),
        (Kind.TEXT, b"x\n" * 50_000, Flaw.TOO_MANY_PAGES),
        (Kind.RTF, b"{\\rtf1" + b"{" * 100_000, Flaw.EMPTY),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    workers: PdfWorkers, kind: Kind, sent: bytes, flaw: Flaw
) -> None:
    with pytest.raises(Unusable) as refused:
        await workers.convert(kind, sent)
    assert refused.value.flaw is flaw
    assert refused.value.message.endswith((".", "place."))


async def test_a_pdf_that_acts_is_refused(workers: PdfWorkers) -> None:
    with pytest.raises(ActivePdf):
        await workers.convert(Kind.PDF, pdf_files.altered(pdf_files.opens_with_script))
