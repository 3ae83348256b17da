"""What may be answered in the medical profile, and how an answer changes."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import NotFound, Refused
from backend.domain.medical_profile import (
    SECTIONS,
    Answer,
    Around,
    Declare,
    Field,
    FieldKind,
    Put,
    Remove,
    Section,
    State,
    after,
    alike,
    check_together,
    clash,
    keep,
    offer,
    read_field,
    section_of,
    sections_for,
    ties_of,
    words_of,
)

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KARIM, NADIA = UUID(int=1), UUID(int=2)
ONE, TWO = UUID(int=11), UUID(int=12)
ALLERGIES = section_of("allergies", adult=True)
BLOOD = section_of("groupe-sanguin", adult=True)
PROFESSIONALS = section_of("professionnels", adult=True)
STAY = {one.code: one for one in section_of("hospitalisations", adult=True).fields}
CONTACT = {one.code: one for one in section_of("personnes-a-prevenir", adult=True).fields}


def of(kind: FieldKind, **more: Any) -> Field:
    return Field("champ", "Champ", kind, **more)


@pytest.mark.parametrize(
    ("typed", "kept", "said"),
    [
        ("2019", "2019", "2019"),
        ("03/2019", "2019-03", "mars 2019"),
        ("3-2019", "2019-03", "mars 2019"),
        ("1/3/2019", "2019-03-01", "1er mars 2019"),
        (" 17 03 2019 ", "2019-03-17", "17 mars 2019"),
        ("2019-03-17", "2019-03-17", "17 mars 2019"),
        ("29/02/2020", "2020-02-29", "29 février 2020"),
    ],
)
def test_a_date_is_as_precise_as_what_is_known(typed: str, kept: str, said: str) -> None:
    field = of(FieldKind.DATE)
    assert read_field(field, typed, TODAY) == kept
    assert words_of(field, kept) == said


@pytest.mark.parametrize(
    "typed",
    ["19", "mars", "13/2019", "0/2019", "30/02/2020", "29/02/2019", "1850", "2099", "2019-3", "/"],
)
def test_a_date_that_is_none_says_how_to_write_it(typed: str) -> None:
    with pytest.raises(Refused, match="2019"):
        read_field(of(FieldKind.DATE), typed, TODAY)


@pytest.mark.parametrize("typed", ["2027", "12/2026", "24/11/2026"])
def test_a_vaccine_is_not_to_come(typed: str) -> None:
    with pytest.raises(Refused, match="à venir"):
        read_field(of(FieldKind.DATE, past=True), typed, TODAY)


@pytest.mark.parametrize("typed", ["2026", "11/2026", "23/11/2026"])
def test_it_may_be_of_today(typed: str) -> None:
    assert read_field(of(FieldKind.DATE, past=True), typed, TODAY)


def test_a_text_keeps_its_lines_and_no_more_letters_than_it_may() -> None:
    field = of(FieldKind.TEXT, most=3000)
    assert read_field(field, " matin \r\n\r\n  soir ", TODAY) == "matin\n\nsoir"
    assert len(read_field(field, "é" * 3000, TODAY)) == 3000
    with pytest.raises(Refused, match="3000 caractères au plus"):
        read_field(field, "é" * 3001, TODAY)
    with pytest.raises(Refused, match="ne s’écrivent pas"):
        read_field(field, "a\x00b", TODAY)


def test_an_optional_field_may_stay_empty_and_a_required_one_may_not() -> None:
    assert not read_field(of(FieldKind.PHONE), "  ", TODAY)
    for kind in FieldKind:
        with pytest.raises(Refused):
            read_field(of(kind, required=True, options={"a": "A"}), " \n ", TODAY)


def test_an_amount_has_a_unit() -> None:
    field = STAY["duree"]
    assert read_field(field, "3 jour", TODAY) == "3 jour"
    assert [words_of(field, kept) for kept in ("3 jour", "1 an")] == ["3 jours", "1 an"]
    for typed in ("trois jour", "0 jour", "5000 jour", "3", "3 nuits", "-1 jour"):
        with pytest.raises(Refused):
            read_field(field, typed, TODAY)


def test_a_telephone_of_any_kind() -> None:
    field = CONTACT["telephone"]
    assert read_field(field, "02.40 00-00-00", TODAY) == "+33240000000"
    assert read_field(field, "+33 (0)2 40 00 00 00", TODAY) == "+33240000000"
    assert read_field(field, "0032 2 555 12 12", TODAY) == "+3225551212"
    assert words_of(field, "+33639981234") == "06 39 98 12 34"
    for typed in ("15", "abc", "06 39 98", "+0123456789"):
        with pytest.raises(Refused, match="06 39 98 12 34"):
            read_field(field, typed, TODAY)


@given(st.sampled_from([one for section in SECTIONS for one in section.fields]), st.text())
def test_whatever_is_typed_is_kept_whole_or_refused(field: Field, typed: str) -> None:
    try:
        kept = read_field(field, typed, TODAY)
    except Refused:
        pass
    else:
        assert len(kept) <= field.most
        assert words_of(field, kept) or not kept
        assert not kept or read_field(field, kept, TODAY) == kept, "what is kept may be sent again"


def test_dates_are_in_order_and_what_goes_on_has_no_end() -> None:
    illness = section_of("maladies", adult=True)
    wrong = check_together(illness, {"nom": "a", "debut": "2019-03", "fin": "2018"})
    assert list(wrong) == ["fin"]
    assert not check_together(illness, {"nom": "a", "debut": "2019-03", "fin": "2019"})
    ongoing = check_together(illness, {"nom": "a", "fin": "2019", "en-cours": "oui"})
    assert "en cours" in ongoing["fin"]
    assert check_together(section_of("habitudes-de-vie", adult=True), {"tabac": ""})


def test_the_table_of_sections_is_whole() -> None:
    codes = [section.code for section in SECTIONS]
    assert len(codes) == len(set(codes)) == 13
    for section in SECTIONS:
        fields = {one.code: one for one in section.fields}
        assert "{name}" in section.about, section.code
        assert len(fields) == len(section.fields)
        assert {"oui"} < set(section.answers) <= {"oui", "rien", "inconnu"}
        assert not section.one_each or section.one_each in fields
        assert all(page for page in section.pages())
        for one in section.fields:
            assert bool(one.question) == (one.required or one.is_link), (
                f"{section.code}: {one.code}"
            )
            assert {one.after, one.unless} - {""} <= fields.keys()
            if one.kind in {FieldKind.CHOICE, FieldKind.AMOUNT}:
                assert one.options
            if one.kind is FieldKind.ENTRIES:
                assert one.of in codes


def test_a_child_is_not_asked_what_the_law_asks_of_adults() -> None:
    left_out = {one.code for one in SECTIONS} - {one.code for one in sections_for(adult=False)}
    assert left_out == {"personne-de-confiance", "directives-anticipees"}
    with pytest.raises(NotFound):
        section_of("directives-anticipees", adult=False)


def put(section: Section, answer: Answer, id_: UUID, by: UUID = KARIM, **values: str) -> Answer:
    return after(section, answer, Put(id_, values), by=by, at=NOW)


def test_an_entry_is_added_changed_and_removed() -> None:
    told = put(ALLERGIES, put(ALLERGIES, Answer("allergies"), ONE, nom="a"), TWO, nom="b")
    assert (told.state, [one.id for one in told.entries]) == (State.TOLD, [ONE, TWO])
    told = put(ALLERGIES, told, ONE, NADIA, nom="c")
    assert [(one.values["nom"], one.by) for one in told.entries] == [("c", NADIA), ("b", KARIM)]
    told = after(ALLERGIES, told, Remove(ONE), by=KARIM, at=NOW)
    assert [one.id for one in told.entries] == [TWO]
    assert after(ALLERGIES, told, Remove(uuid4()), by=KARIM, at=NOW) == told
    told = after(ALLERGIES, told, Remove(TWO), by=KARIM, at=NOW)
    assert told == Answer("allergies"), "asked again"


def test_nothing_to_say_takes_the_place_of_what_was_told() -> None:
    told = put(ALLERGIES, Answer("allergies"), ONE, nom="a")
    none = after(ALLERGIES, told, Declare(State.NOTHING), by=KARIM, at=NOW)
    assert none == Answer("allergies", State.NOTHING)
    assert alike(none, after(ALLERGIES, none, Declare(State.NOTHING), by=NADIA, at=NOW))
    assert not alike(none, told)


def test_one_blood_group_and_one_treating_physician() -> None:
    told = put(BLOOD, Answer("groupe-sanguin"), ONE, groupe="a-plus")
    with pytest.raises(Refused):
        clash(BLOOD, told, Put(TWO, {"groupe": "o-plus"}))
    clash(BLOOD, told, Put(ONE, {"groupe": "o-plus"}))
    assert [one.id for one in put(BLOOD, told, TWO, groupe="o-plus").entries] == [TWO]
    told = put(PROFESSIONALS, Answer("professionnels"), ONE, role="medecin", nom="a")
    with pytest.raises(Refused):
        clash(PROFESSIONALS, told, Put(TWO, {"role": "medecin"}))
    clash(PROFESSIONALS, told, Put(TWO, {"role": "pharmacien"}))
    assert [one.id for one in put(PROFESSIONALS, told, TWO, role="medecin").entries] == [TWO]


def test_a_hundred_entries_and_no_more() -> None:
    told = Answer("allergies")
    for number in range(100):
        operation = Put(UUID(int=number), {"nom": "a"})
        clash(ALLERGIES, told, operation)
        told = after(ALLERGIES, told, operation, by=KARIM, at=NOW)
    with pytest.raises(Refused, match="100"):
        clash(ALLERGIES, told, Put(UUID(int=100), {"nom": "a"}))


ILLNESS, TREATMENT = (section_of(code, adult=True) for code in ("maladies", "traitements"))


def test_a_link_is_said_once_shown_on_both_and_asked_once() -> None:
    ill = put(ILLNESS, Answer("maladies"), ONE, nom="Asthme")
    cure = put(TREATMENT, Answer("traitements"), TWO, nom="Inhalateur", maladies=f"{ONE} {KARIM}")
    known = Around({"maladies": ill, "traitements": cure})

    def said(section: Section, answer: Answer) -> list[tuple[str, list[str]]]:
        (entry,) = answer.entries
        return [
            (label, [tie.words for tie in ties]) for label, ties in ties_of(section, entry, known)
        ]

    assert said(TREATMENT, cure) == [("Maladies liées", ["Asthme"])], "what is gone is not there"
    assert said(ILLNESS, ill) == [("Traitements liés", ["Inhalateur"])]
    assert offer(TREATMENT, TWO, known, []) == {"maladies": {f"{ONE}": "Asthme"}}
    assert offer(ILLNESS, ONE, known, []) == {}, "the treatment says it already"
    assert TREATMENT.lines_of(cure.entries[0]) == []


def test_what_cannot_be_seen_is_neither_lost_nor_added() -> None:
    (before,) = put(TREATMENT, Answer("traitements"), TWO, nom="a", maladies=f"{ONE}").entries
    told, offered = {"nom": "a", "maladies": f"{KARIM} {NADIA} x"}, {"maladies": {f"{NADIA}": "b"}}
    assert keep(TREATMENT, told, before, offered)["maladies"] == f"{NADIA} {ONE}"
    assert keep(TREATMENT, told, before, {})["maladies"] == f"{ONE}"
    assert "maladies" not in keep(TREATMENT, {"nom": "a"}, None, offered)
