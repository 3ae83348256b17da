from collections.abc import Callable
from itertools import pairwise

import pytest

from backend.demo.people import ESTUAIRE, JULIE, LAURA, LEA, MICHEL, NOE, TILLEULS
from backend.demo.reports import DemoDeposit, demo_reports
from backend.domain.calendar import civil_day
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Previous, ReportStatus, Result, Value, ValueKind
from tests.demo.conftest import TODAY

Deposits = dict[str, DemoDeposit]


def results_of(deposits: Deposits) -> list[Result]:
    return [result for sent in deposits.values() for result in sent.report.results]


CASES: dict[str, Callable[[Result], bool]] = {
    "comparator below": lambda r: r.value.comparator == "<" and r.value.number == "5",
    "comparator above": lambda r: r.value.comparator == ">" and r.value.number == "200",
    "only an upper limit": lambda r: bool(r.bounds and r.bounds.high and not r.bounds.low),
    "only a lower limit": lambda r: bool(r.bounds and r.bounds.low and not r.bounds.high),
    "no range": lambda r: r.value.kind is ValueKind.QUANTITY and r.bounds is None,
    "range for a group": lambda r: bool(r.bounds and "enceinte" in r.bounds.text),
    "two units": lambda r: bool(r.also),
    "no unit": lambda r: r.loinc == "6301-6" and not r.value.unit,
    "local code only": lambda r: bool(r.local_code and not r.loinc),
    "sample problem": lambda r: r.status == "aborted" and r.value.kind is ValueKind.NONE,
    "provisional": lambda r: r.status == "active",
    "coded words": lambda r: r.value.kind is ValueKind.CODED and bool(r.value.code),
    "words without a code": lambda r: r.value.kind is ValueKind.CODED and not r.value.code,
    "free text": lambda r: r.value.kind is ValueKind.TEXT,
    "earlier values": lambda r: len(r.previous) == 2,
    "antibiogram": lambda r: r.antibiogram and bool(r.isolate),
    "sub-chapter": lambda r: bool(r.subchapter),
    "critical high": lambda r: "HH" in r.flags,
    "critical low": lambda r: "LL" in r.flags,
    "critical words": lambda r: "AA" in r.flags,
}


@pytest.mark.parametrize("case", CASES)
def test_some_result_shows_each_edge_case(deposits: Deposits, case: str) -> None:
    assert any(CASES[case](result) for result in results_of(deposits))


def test_laura_latest_report_is_the_one_of_the_first_screen(deposits: Deposits) -> None:
    results = deposits["laura-bilan-sanguin-v1"].report.results
    outside = {r.label: r.value.number for r in results if "H" in r.flags or "L" in r.flags}

    assert len(results) == 21
    assert outside == {
        "Glycémie à jeun": "1.18",
        "HbA1c (hémoglobine glyquée)": "6.2",
        "Cholestérol LDL (calculé)": "1.72",
    }
    assert deposits["laura-bilan-sanguin-v1"].report.comments


def test_laura_sugar_can_be_followed_and_its_range_changed(deposits: Deposits) -> None:
    points = [
        (result.value.number, result.bounds.low, result.bounds.high)
        for sent in deposits.values()
        if sent.patient is LAURA
        for result in sent.report.results
        if result.loinc == "1558-6" and result.bounds
    ]

    assert points == [
        ("0.94", "0.70", "1.10"),
        ("1.02", "0.74", "1.06"),
        ("1.18", "0.74", "1.06"),
    ]


def test_earlier_values_quoted_are_those_that_were_sent(deposits: Deposits) -> None:
    sent_before = {
        (sent.patient.key, result.loinc, result.value)
        for sent in deposits.values()
        for result in sent.report.results
    }
    quoted = [
        (sent.patient.key, past.loinc, past.value)
        for sent in deposits.values()
        if sent.patient is LAURA
        for result in sent.report.results
        for past in result.previous
    ]

    assert len(quoted) > 5
    assert set(quoted) <= sent_before


def test_the_two_laboratories_measure_sugar_in_their_own_unit(deposits: Deposits) -> None:
    units = {
        (sent.laboratory.key, result.value.unit)
        for sent in deposits.values()
        if sent.patient is LAURA
        for result in sent.report.results
        if result.label == "Glycémie à jeun"
    }

    assert units == {(ESTUAIRE.key, "g/L"), (TILLEULS.key, "mmol/L")}


def test_a_report_has_more_than_forty_results(deposits: Deposits) -> None:
    assert max(len(sent.report.results) for sent in deposits.values()) > 40


def test_a_partial_report_is_replaced_by_its_final_version(deposits: Deposits) -> None:
    first = deposits["laura-coproculture-v1"]
    final = deposits["laura-coproculture-v2"]

    assert first.report.header.status is ReportStatus.PARTIAL
    assert final.report.header.status is ReportStatus.FINAL
    assert final.action is Action.REPLACE
    assert final.report.header.replaces == (first.report.header.id,)
    assert final.report.header.set_id == first.report.header.set_id


def test_a_report_is_withdrawn_as_it_was_sent(deposits: Deposits) -> None:
    sent = deposits["laura-depot-errone-v1"]
    withdrawn = deposits["laura-depot-errone-v1-suppression"]

    assert withdrawn.action is Action.DELETE
    assert withdrawn.report == sent.report
    assert withdrawn.at > sent.at


def test_a_level_1_report_is_its_pdf(deposits: Deposits) -> None:
    report = deposits["laura-allergies-v1"].report

    assert report.level == 1
    assert report.results == ()
    assert report.pdf is not None


@pytest.mark.parametrize(
    ("name", "flag", "patient"),
    [
        ("laura-anti-gad-v1", "INVISIBLE_PATIENT", LAURA),
        ("laura-serologies-v1", "MASQUE_PS", LAURA),
        ("noe-depistage-v1", "INVISIBLE_REP_LEGAUX", NOE),
    ],
)
def test_what_is_hidden_is_hidden_by_one_flag(
    deposits: Deposits, name: str, flag: str, patient: object
) -> None:
    assert deposits[name].raised == {flag}
    assert deposits[name].patient is patient


def test_the_others_have_their_reports_too(deposits: Deposits) -> None:
    patients = [sent.patient for sent in deposits.values()]

    assert JULIE in patients
    assert LEA in patients
    assert MICHEL not in patients


def test_rapid_tests_travel_as_mdm_and_reports_as_oru(deposits: Deposits) -> None:
    for sent in deposits.values():
        rapid = sent.report.header.type_code == "96173-0"
        assert sent.kind == ("MDM" if rapid else "ORU")


def test_deposits_come_in_order_and_none_from_the_future(deposits: Deposits) -> None:
    order = list(deposits.values())

    assert all(before.at <= after.at for before, after in pairwise(order))
    assert all(civil_day(sent.at) < TODAY for sent in order)


def test_the_same_day_gives_the_same_reports(deposits: Deposits) -> None:
    assert demo_reports(TODAY) == list(deposits.values())


def test_document_ids_are_unique_but_for_the_withdrawal(deposits: Deposits) -> None:
    ids = [str(sent.report.header.id) for sent in deposits.values()]

    assert len(set(ids)) == len(ids) - 1
    assert all(len(document_id) <= 64 for document_id in ids)


def values_of(result: Result) -> list[Value]:
    return [result.value, *result.also, *(past.value for past in result.previous)]


def codes_of(result: Result) -> list[str]:
    codes = [result.loinc, result.chapter, result.subchapter, result.battery]
    quoted: tuple[Previous, ...] = result.previous
    return [code for code in (*codes, *(past.loinc for past in quoted)) if code]


def check_digit(loinc: str) -> int:
    """Luhn, as LOINC writes it: the rightmost digit counts double."""
    digits = [int(digit) for digit in reversed(loinc.partition("-")[0])]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[::2]]
    return -(sum(doubled) + sum(digits[1::2])) % 10


def test_every_loinc_code_has_the_right_check_digit(deposits: Deposits) -> None:
    codes = {code for result in results_of(deposits) for code in codes_of(result)}

    assert len(codes) > 70
    assert {code for code in codes if code != f"{code[:-2]}-{check_digit(code)}"} == set()


def test_every_quantity_is_a_number(deposits: Deposits) -> None:
    for result in results_of(deposits):
        for value in values_of(result):
            if value.kind is ValueKind.QUANTITY:
                assert float(value.number) >= 0
