from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from backend.domain.deposits import (
    BIOLOGY_REPORT,
    DEPOSITABLE,
    Deposit,
    DepositAction,
    DepositRefused,
    Flags,
    check_author,
    check_content,
    check_identity,
    check_version,
    merged_flags,
)
from backend.domain.reports import Header, Identifier, Organisation, Report, Traits

NOON = datetime(2026, 11, 12, 11, 0, tzinfo=UTC)
TILLEULS, OTHERS = Organisation("1440099991"), Organisation("1440099992")
LAURA = Traits(
    matricule="291054410900183",
    oid="1.2.250.1.213.1.4.10",
    birth_name="BERNARD",
    first_given="LAURA",
    birth_date=date(1991, 5, 14),
    sex="F",
    birthplace="44109",
)
HEADER = Header(
    id=Identifier("2.25.17"),
    type_code=BIOLOGY_REPORT,
    type_system="2.16.840.1.113883.6.1",
    title="Compte rendu",
    created=NOON,
    patient=LAURA,
    custodian=TILLEULS,
)


def deposit(flags: Flags | None = None, type_code: str = BIOLOGY_REPORT, **header: Any) -> Deposit:
    return Deposit(
        action=DepositAction.NEW,
        patient=LAURA,
        sender=TILLEULS,
        type_code=type_code,
        content=b"<ClinicalDocument/>",
        report=Report(replace(HEADER, **{"type_code": type_code, **header}), level=3),
        flags=flags or Flags(),
    )


@pytest.mark.parametrize("type_code", sorted(DEPOSITABLE))
def test_each_type_that_laboratories_send_is_taken(type_code: str) -> None:
    check_content(deposit(type_code=type_code))


@pytest.mark.parametrize(
    ("refused", "place"),
    [
        (deposit(type_code="34133-9"), "type"),
        (deposit(type_code=""), "type"),
        (replace(deposit(), type_code="96173-0"), "type"),
        (deposit(confidentiality="R"), "document"),
        (deposit(confidentiality="V"), "document"),
        (deposit(Flags(masked=True, withheld=True)), "flags"),
    ],
)
def test_what_cannot_be_shared_is_refused_with_its_place(refused: Deposit, place: str) -> None:
    with pytest.raises(DepositRefused) as refusal:
        check_content(refused)
    assert (refusal.value.code, refusal.value.place) == ("906", place)


@pytest.mark.parametrize("flags", [Flags(masked=True), Flags(withheld=True)])
def test_one_side_may_be_kept_from_a_document(flags: Flags) -> None:
    check_content(deposit(flags))


def test_one_person_everywhere_is_accepted() -> None:
    check_identity(LAURA, LAURA)
    check_identity(LAURA, LAURA, LAURA)
    check_identity(replace(LAURA, birth_name="Bernard"), LAURA, replace(LAURA, birthplace=""))


@pytest.mark.parametrize(
    ("sent", "carried", "known", "code", "word"),
    [
        (LAURA, replace(LAURA, matricule="", oid=""), None, "903", "INS"),
        (LAURA, replace(LAURA, oid=""), None, "903", "INS"),
        (LAURA, replace(LAURA, birth_name=""), None, "905", "nom de naissance"),
        (LAURA, replace(LAURA, birth_date=None), None, "905", "date de naissance"),
        (LAURA, replace(LAURA, birthplace=""), None, "905", "lieu de naissance"),
        (replace(LAURA, matricule=""), LAURA, None, "905", "PID-3"),
        (replace(LAURA, matricule="279035121518989"), LAURA, None, "904", "matricule"),
        (replace(LAURA, first_given="LAURE"), LAURA, None, "904", "premier prénom"),
        (replace(LAURA, sex="M"), LAURA, None, "904", "sexe"),
        (LAURA, LAURA, replace(LAURA, oid="1.2.250.1.213.1.4.8"), "904", "OID"),
        (LAURA, LAURA, replace(LAURA, birth_date=date(1991, 5, 15)), "904", "date de naissance"),
    ],
)
def test_an_identity_that_is_absent_partial_or_another_has_its_code(
    sent: Traits, carried: Traits, known: Traits | None, code: str, word: str
) -> None:
    with pytest.raises(DepositRefused, match=word) as refusal:
        check_identity(sent, carried, known)
    assert (refusal.value.code, refusal.value.place) == (code, "patient")


def test_a_refusal_names_traits_and_never_their_values() -> None:
    with pytest.raises(DepositRefused) as refusal:
        check_identity(replace(LAURA, birth_name="MARTIN", birthplace="44000"), LAURA)
    assert "nom de naissance, lieu de naissance" in refusal.value.message
    assert not any(
        value in refusal.value.message for value in ("MARTIN", "BERNARD", "44109", "44000")
    )


@pytest.mark.parametrize("role", ["custodian", "author_organisation", "performer"])
def test_a_laboratory_sends_what_it_answers_for(role: str) -> None:
    header = replace(HEADER, **{"custodian": OTHERS, role: TILLEULS})
    check_author(header, Organisation("440099991"), "440099991")


@pytest.mark.parametrize(
    ("custodian", "sender", "finess"),
    [
        (TILLEULS, OTHERS, "440099991"),
        (OTHERS, TILLEULS, "440099991"),
        (TILLEULS, TILLEULS, "440099992"),
        (Organisation(), TILLEULS, "440099991"),
        (TILLEULS, Organisation(), "440099991"),
    ],
)
def test_nobody_sends_for_another(
    custodian: Organisation, sender: Organisation, finess: str
) -> None:
    with pytest.raises(DepositRefused) as refusal:
        check_author(replace(HEADER, custodian=custodian), sender, finess)
    assert (refusal.value.code, refusal.value.place) == ("901", "author")


@pytest.mark.parametrize(("given", "current", "number"), [(None, 1, 2), (2, 1, 2), (7, 1, 7)])
def test_a_version_goes_up(given: int | None, current: int, number: int) -> None:
    assert check_version(given, current) == number


@pytest.mark.parametrize("given", [0, 1, 2])
def test_a_version_that_is_known_or_older_is_refused(given: int) -> None:
    with pytest.raises(DepositRefused) as refusal:
        check_version(given, 2)
    assert (refusal.value.code, refusal.value.place) == ("900", "document")


def test_a_version_counts_on_from_pages_deposited_by_hand() -> None:
    """Its author calls the current one 1; here it is the third."""
    assert check_version(2, 3, 1) == 4
    assert check_version(7, 3, 1) == 7
    for stale in (0, 1):
        with pytest.raises(DepositRefused):
            check_version(stale, 3, 1)
    with pytest.raises(DepositRefused):
        check_version(3, 3, 3)


class Stored:
    """The flags of a stored document."""

    def __init__(self, *, masked: bool = False, withheld: bool = False) -> None:
        self.masked = masked
        self.withheld = withheld
        self.hidden_from_guardians = False


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("by_patient", [True, False])
def test_a_new_version_never_lifts_the_mask_of_the_patient(
    *, asked: bool, by_patient: bool
) -> None:
    merged = merged_flags(
        Flags(masked=asked), Stored(masked=True), masked_by_patient=by_patient, seen_by_patient=True
    )
    assert merged.masked is (asked or by_patient)


def test_a_document_that_was_opened_cannot_be_withheld() -> None:
    with pytest.raises(DepositRefused) as refusal:
        merged_flags(Flags(withheld=True), Stored(), masked_by_patient=False, seen_by_patient=True)
    assert (refusal.value.code, refusal.value.place) == ("906", "flags")


@pytest.mark.parametrize(("withheld", "seen"), [(False, False), (True, False), (True, True)])
def test_a_document_unseen_or_already_withheld_may_be(*, withheld: bool, seen: bool) -> None:
    merged = merged_flags(
        Flags(withheld=True),
        Stored(withheld=withheld),
        masked_by_patient=False,
        seen_by_patient=seen,
    )
    assert merged.withheld


def test_a_laboratory_may_show_what_it_withheld() -> None:
    merged = merged_flags(
        Flags(), Stored(withheld=True), masked_by_patient=False, seen_by_patient=False
    )
    assert not merged.withheld


def test_other_flags_are_those_of_the_new_version() -> None:
    asked = Flags(hidden_from_guardians=True, visibility_only=True)
    assert merged_flags(asked, Stored(), masked_by_patient=False, seen_by_patient=True) == asked
