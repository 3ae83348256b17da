import re

import pypdfium2  # type: ignore[import-untyped]
import pytest

from backend.demo.pdf import report_pdf
from backend.demo.reports import DemoDeposit

Deposits = dict[str, DemoDeposit]


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return re.sub(r"\s+", " ", text)


def test_every_report_carries_a_pdf_that_names_its_patient(deposits: Deposits) -> None:
    for sent in deposits.values():
        if sent.kind == "ORU":
            assert sent.report.pdf is not None
            text = words(sent.report.pdf)
            assert sent.patient.traits.birth_name in text
            assert sent.patient.traits.matricule in text
            assert sent.laboratory.structure.name in text


def test_french_letters_and_signs_can_be_selected(deposits: Deposits) -> None:
    text = words(deposits["laura-bilan-sanguin-v1"].report.pdf or b"")

    assert "Glycémie à jeun 1,18 g/L" in text
    assert "63 µmol/L" in text
    assert "≥ 0,40" in text
    assert "≤ 1,50" in text
    assert "6,1 10⁹/L" in text
    assert "Laboratoire de l’Estuaire" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("laura-coproculture-v1", "Résultats provisoires"),
        ("laura-coproculture-v2", "annule et remplace"),
        ("laura-ionogramme-v1", "Pas de résultat"),
        ("laura-ecbu-v1", "Escherichia coli"),
        ("laura-bilan-sanguin-v1", "Commentaire du biologiste"),
        ("lea-bilan-v1", "Enfant de 6 à 12 ans"),
        ("dominique-urgence-v1", "6,7 mmol/L ▲▲"),
        ("dominique-bilan-complet-v1", "Page 2 / 2"),
    ],
)
def test_the_paper_says_what_the_report_says(deposits: Deposits, name: str, expected: str) -> None:
    assert expected in words(deposits[name].report.pdf or b"")


def test_the_same_report_is_printed_with_the_same_bytes(deposits: Deposits) -> None:
    report = deposits["laura-ecbu-v1"].report

    assert report_pdf(report) == report_pdf(report)


def test_a_curve_is_printed_with_its_report(deposits: Deposits) -> None:
    document = pypdfium2.PdfDocument(deposits["dominique-electrophorese-v1"].report.pdf or b"")
    try:
        kinds = {thing.type for thing in document[0].get_objects()}
    finally:
        document.close()

    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE in kinds
