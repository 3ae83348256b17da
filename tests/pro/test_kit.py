"""« Kit d’accueil »: pages and papers of a laboratory, and nobody’s who has no role in one."""

import gzip
import re

import pypdfium2  # type: ignore[import-untyped]
import pytest
import segno
from litestar import Litestar
from PIL import Image

from backend.web.welcome_kit import SCRIPT, address_of, sheet_of
from backend.web.welcome_sheets import SHEETS
from tests.pages import text_of
from tests.pro.psc import Desk

PAPERS = {**dict.fromkeys(SHEETS, 1), "depliant": 2, "depliant-facile": 2, "accueil": 1}
LONGEST = 12
FONT_BYTES = 40_000


def words(pdf: pypdfium2.PdfDocument) -> str:
    said = " ".join(page.get_textpage().get_text_range() for page in pdf)
    return " ".join(said.split())


def modules_of(drawn: Image.Image, size: int) -> list[list[int]]:
    """Of a black square on white, cut to its edges: 1 where the middle of a module is dark."""
    step = drawn.width / size
    assert drawn.width == pytest.approx(drawn.height, abs=2)
    middles = [int((n + 0.5) * step) for n in range(size)]
    return [[int(drawn.getpixel((x, y)) == 0) for x in middles] for y in middles]


def square_in(pdf: pypdfium2.PdfDocument, size: int) -> list[list[int]]:
    """The QR code as a phone sees it: the black rectangles of the last page, drawn."""
    page = pdf[len(pdf) - 1]
    boxes = [one.get_bounds() for one in page.get_objects(filter=[2])]
    boxes = [box for box in boxes if box[3] - box[1] > 3]  # not the line above it
    left, low = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, high = max(box[2] for box in boxes), max(box[3] for box in boxes)
    scale = 4
    image = page.render(scale=scale).to_pil().convert("L").point(lambda v: 255 * (v > 127))
    tall = page.get_height()
    cut = (left * scale, (tall - high) * scale, right * scale, (tall - low) * scale)
    return modules_of(image.crop(tuple(round(one) for one in cut)), size)


@pytest.mark.parametrize("who", ["rousseau", "caradec", "diallo", "riou", "legall"])
async def test_whoever_works_at_a_laboratory_has_it(office: Litestar, who: str) -> None:
    desk = Desk(office)
    home = await desk.works(who)
    assert 'href="/pro/kit"' in home.text
    index = await desk.get("/pro/kit")
    assert set(re.findall(r'href="/pro/kit/([a-z-]+)"', index.text)) == set(PAPERS)


async def test_nobody_else_has_it(office: Litestar) -> None:
    desk = Desk(office)
    home = await desk.works("martin")
    assert "/pro/kit" not in home.text
    for path in ("/pro/kit", "/pro/kit/affiche", "/pro/kit/affiche/pdf", "/pro/kit/accueil/pdf"):
        assert (await desk.get(path)).status_code == 403
        assert (await Desk(office).get(path)).headers["location"] == "/pro"


async def test_each_paper_is_a_page_and_a_pdf_that_say_the_same(office: Litestar) -> None:
    url = office.state.settings.public_url
    made = segno.make(f"{url}/activer", error="m", micro=False)
    expected = [list(row) for row in made.matrix]
    desk = Desk(office)
    await desk.works("diallo")
    for key, count in PAPERS.items():
        page = await desk.get(f"/pro/kit/{key}")
        assert len(gzip.compress(page.content)) < 15_000, key
        answer = await desk.get(f"/pro/kit/{key}/pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert len(answer.content) < FONT_BYTES
        pdf = pypdfium2.PdfDocument(answer.content)
        said = words(pdf)
        assert len(pdf) == count, key
        for text in (text_of(page), said):
            assert "Laboratoire de l’Estuaire, Nantes" in text
        if key == "accueil":
            parts = [one for part in SCRIPT for one in (part.title, *part.lines)]
            parts = [one.format(refuse=address_of(url, "/refuser")) for one in parts]
        else:
            sheet = sheet_of(key, url)
            lines = [line for part in (*sheet.parts, sheet.steps) for line in part.lines]
            parts = [sheet.title, sheet.lead, *lines, sheet.foot, address_of(url, "/activer")]
            assert made.svg_inline(
                scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="square"
            ) in (page.text)
            assert square_in(pdf, len(expected)) == expected, key
        for part in parts:
            plain = " ".join(part.split())
            assert plain in text_of(page), (key, plain)
            assert plain in said, (key, plain)


async def test_an_unknown_paper_does_not_exist(office: Litestar) -> None:
    desk = Desk(office)
    await desk.works("diallo")
    for path in ("/pro/kit/x", "/pro/kit/x/pdf"):
        assert (await desk.get(path)).status_code == 404


def test_what_is_easy_to_read_is_short() -> None:
    for sheet in SHEETS.values():
        if sheet.easy:
            parts = (*sheet.parts, sheet.steps)
            said = [sheet.title, sheet.lead, sheet.foot, *(one.title for one in parts)]
            said += [line for one in parts for line in one.lines]
            for sentence in re.split(r"[.?!]", " . ".join(said)):
                assert len(re.findall(r"[\w-]+", sentence)) <= LONGEST, sentence


def test_an_address_is_written_as_one_types_it() -> None:
    assert address_of("https://reperes.exemple.fr", "/activer") == "reperes.exemple.fr/activer"
    assert address_of("http://10.0.0.1:8000", "/activer") == "http://10.0.0.1:8000/activer"
