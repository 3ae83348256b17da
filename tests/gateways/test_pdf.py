"""What a laboratory may deposit as a PDF, and what it may not."""

import re
from collections.abc import Callable

import pikepdf
import pytest

from backend.gateways.pdf import SENTENCES, ActivePdf, Flaw, PdfWorkers, UnreadablePdf
from tests.gateways import pdf_files as made

JAVASCRIPT = pikepdf.Name.JavaScript


async def test_a_plain_report_is_accepted(workers: PdfWorkers) -> None:
    facts = await workers.inspect(made.report(3))
    assert (facts.pages, facts.active) == (3, ())


HARMLESS = [
    made.opens_at_page_two,
    made.goes_to_page_two,
    made.has_innocent_names,
    made.links_to_the_laboratory,
]


@pytest.mark.parametrize("change", HARMLESS)
async def test_what_waits_for_the_reader_or_only_sounds_active_is_accepted(
    workers: PdfWorkers, change: Callable[[pikepdf.Pdf], None]
) -> None:
    assert (await workers.inspect(made.altered(change))).pages == 2


ACTIVE = [
    ("/JavaScript", made.opens_with_script),
    ("/JavaScript", made.names_a_script),
    ("/AA", made.page_runs_when_opened),
    ("/JS", made.annotated(S=JAVASCRIPT, JS=pikepdf.String("app.alert(1)"))),
    ("/JavaScript", made.annotated(S=JAVASCRIPT)),
    ("/Launch", made.annotated(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))),
    ("/SubmitForm", made.annotated(S=pikepdf.Name.SubmitForm)),
    ("/ImportData", made.annotated(S=pikepdf.Name.ImportData)),
    ("/GoToR", made.annotated(S=pikepdf.Name.GoToR, F=pikepdf.String("autre.pdf"))),
    ("/GoToE", made.annotated(S=pikepdf.Name.GoToE)),
    ("/EmbeddedFiles", made.carries_a_file),
    ("/EF", made.carries_a_file),
    ("/RichMedia", made.has_a_media_annotation),
    ("/XFA", made.has_an_xfa_form),
    ("/JavaScript", made.keeps_an_unused_script),
    ("/JavaScript", made.hides_it_in_nested_arrays),
    ("/OpenAction", made.opens_a_web_page),
]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "in object streams"])
@pytest.mark.parametrize(("name", "change"), ACTIVE)
async def test_a_pdf_that_acts_or_carries_a_file_is_refused(
    workers: PdfWorkers, name: str, change: Callable[[pikepdf.Pdf], None], *, packed: bool
) -> None:
    with pytest.raises(ActivePdf) as refusal:
        await workers.inspect(made.altered(change, packed=packed))
    assert name in refusal.value.names
    assert name.removeprefix("/") in refusal.value.message


async def test_a_name_spelled_in_hexadecimal_is_the_same_name(workers: PdfWorkers) -> None:
    plain = made.altered(made.annotated(S=JAVASCRIPT, JS=pikepdf.String("xxxxxx")))
    spelled = plain.replace(b"/JavaScript", b"/J#61vaScr#69pt").replace(b"xxxxxx", b"xx")
    assert b"/JavaScript" not in spelled
    assert len(spelled) == len(plain)  # the table of objects still holds
    with pytest.raises(ActivePdf) as refusal:
        await workers.inspect(spelled)
    assert "/JavaScript" in refusal.value.names


REPORT = made.report()
FLAWED = {
    "nothing": (b"", Flaw.EMPTY),
    "text": (b"Bonjour", Flaw.NOT_PDF),
    "a blank before the mark": (b"\n" + REPORT, Flaw.NOT_PDF),
    "a page of the web before it": (b"<html><script>alert(1)</script>" + REPORT, Flaw.NOT_PDF),
    "a page of the web in a comment": (
        REPORT.replace(b"\n", b"\n%<HTML><body onload=alert(1)>\n", 1),
        Flaw.NOT_PDF,
    ),
    "a PDF and a ZIP": (made.with_archive(REPORT), Flaw.NOT_PDF),
    "something after the end": (REPORT + b"MZ" * 2000, Flaw.DAMAGED),
    "one byte after the end": (REPORT + b"x", Flaw.DAMAGED),
    "the first half": (REPORT[: len(REPORT) // 2], Flaw.DAMAGED),
    "all but the last ten bytes": (REPORT[:-10], Flaw.DAMAGED),
    "a false address of the table": (
        re.sub(rb"startxref\s+\d+", b"startxref\n12", REPORT),
        Flaw.DAMAGED,
    ),
    "only a mark and an end": (b"%PDF-1.7\nstartxref\n0\n%%EOF\n", Flaw.DAMAGED),
    "a password to open": (made.encrypted(owner="o", user="u"), Flaw.ENCRYPTED),
    "a password to change": (made.encrypted(owner="o", user=""), Flaw.ENCRYPTED),
    "fifty-one pages": (made.blank(51), Flaw.TOO_MANY_PAGES),
    "ten thousand pages": (made.blank(10_000), Flaw.TOO_MANY_PAGES),
    "no page": (made.blank(0), Flaw.DAMAGED),
}


@pytest.mark.parametrize(("pdf", "flaw"), FLAWED.values(), ids=FLAWED.keys())
async def test_what_is_not_a_sound_pdf_is_refused(
    workers: PdfWorkers, pdf: bytes, flaw: Flaw
) -> None:
    with pytest.raises(UnreadablePdf) as refusal:
        await workers.inspect(pdf)
    assert refusal.value.flaw is flaw
    assert refusal.value.message == SENTENCES[flaw]


async def test_no_cut_of_a_report_raises_anything_else(workers: PdfWorkers) -> None:
    for end in range(1, len(REPORT), len(REPORT) // 40):
        with pytest.raises(UnreadablePdf):
            await workers.inspect(REPORT[:end])
