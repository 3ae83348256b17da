from typing import Any

import pytest

from backend.domain.documents import Count
from backend.domain.reports import Bounds, Result, Value, ValueKind
from backend.domain.results import count, document_title, is_critical, make_sheet
from backend.domain.results.words import NO_RESULT
from tests.domain.results.make import finding, only_card, report, sugar


def test_outside_comes_first_and_the_rest_is_folded_by_family() -> None:
    sheet = make_sheet(
        report(
            sugar("0.90"),
            sugar("13.1", loinc="718-7", label="Hémoglobine", bounds=Bounds("12", "16")),
            sugar("1.72", loinc="2089-1", label="Cholestérol LDL", flags=("H",)),
        )
    )
    assert [card.name for card in sheet.watch] == ["« Mauvais » cholestérol"]
    assert [family.title for family in sheet.families] == ["Sucre", "Cellules du sang"]
    assert sheet.count == Count(total=3, outside=1)


def test_an_important_result_comes_before_all_others() -> None:
    sheet = make_sheet(report(sugar(), sugar("7.1", loinc="2823-3", flags=("HH",))))
    assert [card.name for card in sheet.watch] == ["Potassium", "Sucre dans le sang, à jeun"]
    assert sheet.critical
    assert is_critical(report(sugar(flags=("LL",))))
    assert not is_critical(report(sugar(flags=("H",))))


def test_only_placed_results_are_counted() -> None:
    found = report(sugar("0.9"), sugar(bounds=None), finding("Négatif", flags=("N",)), finding("A"))
    assert count(found) == Count(total=2, outside=0)
    assert make_sheet(found).unplaced == 1


def test_a_sample_problem_is_a_sentence_not_a_value() -> None:
    card = only_card(Result("TP", Value(ValueKind.NONE), status="aborted", loinc="5894-1"))
    assert (card.problem, card.value, card.line) == (NO_RESULT, "", None)
    assert NO_RESULT in card.sentence


def test_results_in_words_are_never_forced_on_a_line() -> None:
    sheet = make_sheet(report(finding("non détecté", comments=("Culture de 48 h.",))))
    (card,) = sheet.words
    assert (card.value, card.line, card.comments) == ("Non détecté", None, ("Culture de 48 h.",))
    assert "repères" not in card.sentence


def test_a_word_that_the_laboratory_flags_is_looked_at_first() -> None:
    assert [card.value for card in make_sheet(report(finding("Détecté", flags=("A",)))).watch] == [
        "Détecté"
    ]


def test_a_germ_has_its_findings_and_its_antibiogram() -> None:
    germ: dict[str, Any] = {"isolate": "Escherichia coli"}
    found = report(
        Result("Numération", Value(ValueKind.QUANTITY, "1000000", "{CFU}/mL", ">="), **germ),
        Result(
            "Amoxicilline",
            Value(ValueKind.QUANTITY, "32", "mg/L", ">="),
            flags=("R",),
            antibiogram=True,
            **germ,
        ),
    )
    sheet = make_sheet(found)
    (isolate,) = sheet.isolates
    assert isolate.germ == "Escherichia coli"
    assert [finding.partition(":")[2].strip() for finding in isolate.findings] == [
        "au moins 1\u202f000\u202f000\u00a0UFC/mL"
    ]
    assert [(a.name, a.sensitivity) for a in isolate.antibiotics] == [("Amoxicilline", "Résistant")]
    assert sheet.watch == ()
    assert sheet.count == Count()


@pytest.mark.parametrize(
    ("results", "more", "title"),
    [
        ((sugar(), sugar("0.5", loinc="2093-3")), {}, "Bilan sanguin"),
        ((sugar(),), {}, "Sucre dans le sang, à jeun"),
        ((), {}, "Compte rendu de biologie"),
        ((finding("Négatif"),), {"type_code": "96173-0"}, "Test rapide"),
        ((finding("Négatif", chapter="18725-2"),), {}, "Recherche de germes"),
        ((finding("Trouble", chapter="18725-2", loinc="5767-9"),), {}, "Analyse d’urine"),
        ((finding("Négatif", chapter="18727-8"), finding("N")), {}, "Bilan sanguin"),
        ((finding("Négatif", chapter="18727-8"),), {}, "Sérologies"),
        ((finding("A", chapter="18717-9"),), {}, "Groupe sanguin"),
        ((), {"type_code": "34133-9"}, "Compte rendu d’examens biologiques"),
    ],
)
def test_documents_have_titles_in_plain_words(
    results: tuple[Result, ...], more: dict[str, str], title: str
) -> None:
    assert document_title(report(*results, **more)) == title
