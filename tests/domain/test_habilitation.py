import csv
from importlib.resources import files

import pytest

from backend.domain.categories import document_types
from backend.domain.habilitation import (
    is_physician,
    profession_name,
    professions,
    readable_types,
)

BIOLOGY, PRESCRIPTION, LIAISON, REFUND = "11502-2", "PRESC-BIO", "11490-0", "REMB"


def test_the_grid_has_every_profession_for_every_type_once() -> None:
    text = (files("backend.domain.codes") / "habilitation.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(text.splitlines()))
    cells = {(line["profession"], line["type_code"]) for line in lines}
    professions = {profession for profession, _ in cells}
    types = {type_code for _, type_code in cells}
    assert len(lines) == len(cells) == len(professions) * len(types)
    assert {line["reads"] for line in lines} == {"yes", "no"}


def test_a_physician_reads_everything() -> None:
    assert {BIOLOGY, PRESCRIPTION, LIAISON, REFUND} <= readable_types("10")


@pytest.mark.parametrize("biologist", ["10/SM03", "21/G"])
def test_a_biologist_reads_biology_prescriptions_and_liaison_letters(biologist: str) -> None:
    assert {BIOLOGY, PRESCRIPTION, LIAISON} <= readable_types(biologist)
    assert REFUND not in readable_types(biologist)


def test_a_secretary_reads_nothing() -> None:
    assert readable_types("SECRETARIAT_MEDICAL") == frozenset()


@pytest.mark.parametrize("profession", ["", "99", "10/SM99", "reads"])
def test_an_unknown_profession_reads_nothing(profession: str) -> None:
    assert readable_types(profession) == frozenset()


def test_physicians_of_any_specialty_are_physicians() -> None:
    assert is_physician("10")
    assert is_physician("10/SM03")
    assert not any(map(is_physician, ("21/G", "60", "100", "")))


def test_every_type_and_every_profession_of_the_grid_has_words() -> None:
    named = {one.code for one in document_types()}
    assert len(named) == len(document_types())
    for profession in professions():
        assert readable_types(profession.code) <= named
    assert len({one.slug for one in professions()}) == len(professions())


def test_a_profession_is_named_whatever_its_savoir_faire() -> None:
    assert profession_name("21/G") == "pharmacien biologiste"
    assert profession_name("10/SM99") == "médecin"
    assert profession_name("99") == "professionnel de santé"
