"""What is asked of the Annuaire santé, and what is read of its answer."""

import msgspec
import pytest

from backend.domain.dispatches.listed import Asked, Listed, address_of, in_town, read_asked
from backend.domain.dispatches.mailboxes import Box, BoxKind
from backend.domain.errors import Refused
from backend.domain.formats.fhir_directory import NotADirectory
from backend.domain.formats.fhir_professionals import read_professionals, write_professionals
from backend.domain.reports import Person

PAUL = Person("899900000045", "MARTIN", "Paul", "Dr")
BOX = Box("paul.martin@medecins.mssante.fr", BoxKind.PERSONAL)
LISTED = Listed(PAUL, ("Nantes", "Saint-Nazaire"), (BOX,))


@pytest.mark.parametrize(
    ("who", "asked"),
    [
        ("Dr Paul  MARTIN", Asked(names=("Paul", "MARTIN"), town="Nantes")),
        ("d’Arc", Asked(names=("d’Arc",), town="Nantes")),
        ("99900000045", Asked("899900000045")),
        ("8 99900 000045", Asked("899900000045")),
    ],
)
def test_a_name_or_a_number_is_asked(who: str, asked: Asked) -> None:
    assert read_asked(who, " Nantes ") == asked


@pytest.mark.parametrize("who", ["", " ", "Dr", "é", "9" * 10, "9" * 13, "Paul*", "a" * 81])
def test_what_cannot_be_asked_is_refused(who: str) -> None:
    with pytest.raises(Refused):
        read_asked(who, "")


def test_a_town_leaves_out_those_who_are_known_to_be_elsewhere() -> None:
    unknown = Listed(Person("8", "ABEL"), ())
    assert in_town([LISTED, unknown], "saint nazaire") == [unknown, LISTED]
    assert in_town([LISTED, unknown], "Rennes") == [unknown]
    assert in_town([LISTED], "") == [LISTED]


def test_nobody_is_written_to_outside_the_espace_de_confiance() -> None:
    assert address_of(LISTED, ["mssante.fr"]) == BOX.address
    assert address_of(LISTED, ["ailleurs.example"]) == ""


def test_what_the_directory_writes_is_read() -> None:
    assert read_professionals(write_professionals([LISTED])) == [LISTED]


@pytest.mark.parametrize(
    "change",
    [
        {"identifier": [{"system": "urn:oid:1", "value": "8"}]},
        {"identifier": "x"},
        {"name": [{"given": ["Paul"]}]},
        {"name": None},
        {"active": False},
    ],
)
def test_who_cannot_be_told_from_another_is_left_out(change: dict[str, object]) -> None:
    bundle = msgspec.json.decode(write_professionals([LISTED]))
    bundle["entry"][0]["resource"] |= change
    assert read_professionals(msgspec.json.encode(bundle)) == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"resourceType":"Patient"}', b"[" * 100_000])
def test_an_answer_that_is_no_bundle_is_refused(body: bytes) -> None:
    with pytest.raises(NotADirectory):
        read_professionals(body)


def test_pieces_that_are_none_change_nothing() -> None:
    body = b'{"resourceType":"Bundle","entry":[1,{"resource":2},{"resource":{"resourceType":[]}}]}'
    assert read_professionals(body) == []
