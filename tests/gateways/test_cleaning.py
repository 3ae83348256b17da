"""An active PDF, made inert: judged before and after by who judges what laboratories send."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from backend.gateways.pdf import ActivePdf, PdfWorkers, UnreadablePdf
from tests.gateways import pdf_files as made
from tests.gateways.test_pdf import ACTIVE


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "in object streams"])
@pytest.mark.parametrize("change", [change for _, change in ACTIVE])
async def test_what_acts_is_taken_out_and_the_pages_stay(
    workers: PdfWorkers, change: Callable[[pikepdf.Pdf], None], *, packed: bool
) -> None:
    sent = made.altered(change, packed=packed)
    cleaned = await workers.clean(sent)
    assert cleaned.removed
    facts = await workers.inspect(cleaned.pdf)
    assert (facts.pages, facts.active) == (2, ())
    assert (await workers.clean(sent)).pdf == cleaned.pdf, "the same file is the same copy"
    for leftover in (b"app.alert", b"cmd.exe", b"MZMZ", b"facture", b"attaquant"):
        assert leftover not in cleaned.pdf


async def test_everything_at_once_is_told_each_once(workers: PdfWorkers) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        made.carries_a_file(pdf)
        made.opens_with_script(pdf)
        made.has_an_xfa_form(pdf)
        made.page_runs_when_opened(pdf)
        made.annotated(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))(pdf)

    cleaned = await workers.clean(made.altered(change))
    assert cleaned.removed == (
        "du JavaScript",
        "une action à l’ouverture",
        "des actions automatiques",
        "une commande qui lance un programme",
        "des fichiers joints",
        "un formulaire XFA",
    )


async def test_its_pages_say_the_same(workers: PdfWorkers) -> None:
    cleaned = await workers.clean(made.altered(made.hides_it_in_nested_arrays))
    drawn, plain = await workers.render(cleaned.pdf), await workers.render(made.report())
    assert [page.text for page in drawn.pages] == [page.text for page in plain.pages]


async def test_an_inert_pdf_is_kept_byte_for_byte(workers: PdfWorkers) -> None:
    sent = made.report()
    assert (await workers.clean(sent)).pdf is sent


def drawn_when_opened(pdf: pikepdf.Pdf) -> None:
    made.has_an_xfa_form(pdf)
    pdf.Root.NeedsRendering = True


@pytest.mark.parametrize("change", [made.acts_and_is_signed, drawn_when_opened])
async def test_what_would_lose_more_than_its_actions_is_refused(
    workers: PdfWorkers, change: Callable[[pikepdf.Pdf], None]
) -> None:
    with pytest.raises(ActivePdf):
        await workers.clean(made.altered(change))


async def test_what_is_not_sound_is_refused_as_before(workers: PdfWorkers) -> None:
    for sent in (b"", b"Bonjour", made.encrypted(owner="o", user="u"), made.report()[:-10]):
        with pytest.raises(UnreadablePdf):
            await workers.clean(sent)


async def test_links_that_wait_for_the_reader_stay(workers: PdfWorkers) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        made.links_to_the_laboratory(pdf)
        made.carries_a_file(pdf)

    cleaned = await workers.clean(made.altered(change))
    with pikepdf.open(BytesIO(cleaned.pdf)) as document:
        assert "/URI" in document.pages[0].Annots[0].A
