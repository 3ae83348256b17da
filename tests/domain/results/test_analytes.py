"""The tables of analyses: what they group, and what they never join."""

import csv
from importlib.resources import files

import pytest
from msgspec import structs

from backend.domain.reports import Value, ValueKind
from backend.domain.results.analytes import (
    FAMILIES,
    analysis_key,
    analyte_key,
    analyte_of,
    codes_of,
    method_of,
    readable_unit,
    stored_keys,
)
from tests.domain.results.make import sugar


def lines(table: str) -> list[dict[str, str]]:
    text = (files("backend.domain.codes") / table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


ANALYTES, CODES = lines("analytes.csv"), lines("loinc.csv")


def test_an_analysis_has_one_line_and_a_family_that_exists() -> None:
    keys = [line["key"] for line in ANALYTES]
    assert len(keys) == len(set(keys))
    assert {line["family"] for line in ANALYTES} <= set(FAMILIES)
    assert {line["common"] for line in ANALYTES} == {"yes", "no"}
    assert all(line["name"][0].isupper() or line["name"][0] == "«" for line in ANALYTES)


def test_a_code_names_one_analysis_and_every_analysis_has_a_code() -> None:
    codes = [line["loinc"] for line in CODES]
    assert len(codes) == len(set(codes))
    assert {line["analyte"] for line in CODES} == {line["key"] for line in ANALYTES}


def test_every_code_ends_with_its_check_digit() -> None:
    """LOINC Users’ Guide, appendix « Check digit »: modulo 10, doubled from the right."""
    for line in CODES:
        number, digit = line["loinc"].split("-")
        doubled = [int(n) * (2 - i % 2) for i, n in enumerate(reversed(number))]
        assert -sum(n // 10 + n % 10 for n in doubled) % 10 == int(digit), line["loinc"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("718-7", "20509-6"), ("4544-3", "20570-8"), ("40193-5", "53049-3"), ("4548-4", "59261-8")],
)
def test_the_codes_that_versions_of_a_sample_switch_are_one_analysis(one: str, other: str) -> None:
    assert analysis_key(sugar(loinc=one)) == analysis_key(sugar(loinc=other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("1558-6", "2345-7"), ("1751-7", "2862-1"), ("751-8", "770-8"), ("1988-5", "30522-7")],
)
def test_what_is_not_the_same_analysis_is_never_joined(one: str, other: str) -> None:
    assert analysis_key(sugar(loinc=one)) != analysis_key(sugar(loinc=other))


def test_one_analysis_in_two_units_is_two_trends() -> None:
    grams, moles = sugar(), sugar(loinc="14771-0", unit="mmol/L")
    assert analysis_key(grams) == analysis_key(moles)
    assert analyte_key(grams) != analyte_key(moles)


def test_a_label_changes_nothing_when_there_is_a_code() -> None:
    assert analyte_key(sugar(label="GLYCEMIE")) == analyte_key(sugar(label="Glucose à jeun"))


def test_without_a_code_each_laboratory_has_its_own_analysis() -> None:
    local = {"loinc": "", "local_code": "GLU"}
    one, other = (sugar(local_system=system, **local) for system in ("2.25.1", "2.25.2"))
    assert analysis_key(one) != analysis_key(other)
    assert stored_keys(one) == {analyte_key(one)}
    assert analyte_of(one).key == ""


def test_results_stored_before_their_code_was_grouped_are_still_found() -> None:
    stored = stored_keys(sugar(loinc="4548-4", unit="%"))
    assert {"hba1c|%", "4548-4|%", "17856-6|%"} <= stored
    for code in codes_of("hba1c"):
        assert analyte_key(sugar(loinc=code.loinc, unit="%")) in stored
    assert not any("g/L" in key for key in stored)


def test_the_laboratory_s_method_comes_before_that_of_the_code() -> None:
    assert method_of(sugar(loinc="13457-7")) == "Calcul"
    assert method_of(sugar(loinc="13457-7", method="Friedewald")) == "Friedewald"
    assert method_of(sugar(loinc="2089-1")) == ""
    assert method_of(sugar(loinc="")) == ""


def test_a_result_without_a_unit_has_a_key_all_the_same() -> None:
    bare = structs.replace(sugar(), value=Value(ValueKind.TEXT, text="Trouble"))
    assert analyte_key(bare) == "fasting-glucose|"


def test_units_of_programs_are_never_shown() -> None:
    """And a unit that reads better now is stored under the same key as before."""
    for sent, shown in (("m[IU]/mL", "mUI/mL"), ("[IU]/mL", "UI/mL"), ("k[IU]/L", "kUI/L")):
        assert readable_unit(sent) == shown
        assert analyte_key(sugar(unit=sent)).endswith(f"|{sent}")
