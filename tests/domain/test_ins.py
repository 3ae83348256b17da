from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.ins import (
    NIA,
    NIR,
    NIR_DEMO,
    NIR_TEST,
    check_matricule,
    different_traits,
    key_is_right,
    missing_traits,
    normalise_name,
)
from backend.domain.reports import Traits

LAURA = Traits(
    matricule="291054410900183",
    oid=NIR_TEST,
    birth_name="BERNARD",
    first_given="LAURA",
    given_names="LAURA MARIE",
    birth_date=date(1991, 5, 14),
    sex="F",
    birthplace="44109",
)


@pytest.mark.parametrize("matricule", ["160012B02077713", "236066322083656", "279035121518989"])
def test_keys_of_the_public_test_identities_are_right(matricule: str) -> None:
    assert key_is_right(matricule)
    check_matricule(matricule, NIR)


@pytest.mark.parametrize(("department", "digits"), [("2A", "19"), ("2B", "18")])
def test_in_corsica_the_letter_counts_as_a_number(department: str, digits: str) -> None:
    key = 97 - int(f"16001{digits}020777") % 97
    assert key_is_right(f"16001{department}020777{key:02d}")
    assert not key_is_right(f"16001{department}020777{key % 97 + 1:02d}")


@settings(deadline=None)
@given(st.from_regex(r"[1278][0-9]{4}([0-9]{2}|2A|2B)[0-9]{6}", fullmatch=True), st.data())
def test_one_key_in_97_is_right(thirteen: str, data: st.DataObject) -> None:
    right = [key for key in range(1, 98) if key_is_right(f"{thirteen}{key:02d}")]
    assert len(right) == 1
    place = data.draw(st.sampled_from([0, 1, 2, 3, 4, *range(7, 13)]))
    other = str((int(thirteen[place]) + 1) % 10)
    changed = thirteen[:place] + other + thirteen[place + 1 :]
    assert not key_is_right(f"{changed}{right[0]:02d}"), "a digit typed wrong is always seen"


@pytest.mark.parametrize(
    "matricule",
    [
        "",
        "2790351215189",
        "27903512151898",
        "2790351215189890",
        "27707279035121518989",
        "27903512151898A",
        "279032C1518989",
        "279032a15189890",
        "2 79 03 51 215 189 89",
        "２７９０３５１２１５１８９８９",
    ],
)
@pytest.mark.parametrize("oid", [NIR, NIA, NIR_TEST, NIR_DEMO])
def test_a_matricule_has_fifteen_characters(matricule: str, oid: str) -> None:
    assert not key_is_right(matricule)
    with pytest.raises(Refused, match="15 caractères"):
        check_matricule(matricule, oid)


@pytest.mark.parametrize("oid", [NIR, NIA])
def test_a_wrong_key_is_refused_in_a_real_domain(oid: str) -> None:
    with pytest.raises(Refused, match="clé"):
        check_matricule("279035121518988", oid)


@pytest.mark.parametrize("oid", [NIR_TEST, NIR_DEMO])
def test_a_wrong_key_is_let_pass_in_a_test_domain(oid: str) -> None:
    check_matricule("221042545611404", oid)


@pytest.mark.parametrize("oid", ["", "1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.12", "INS-NIR"])
def test_another_domain_is_not_that_of_an_ins(oid: str) -> None:
    with pytest.raises(Refused, match="OID"):
        check_matricule("279035121518989", oid)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Bernard", "BERNARD"),
        ("Lefèvre-Ôtard", "LEFEVRE-OTARD"),
        ("D’Orgeval", "D'ORGEVAL"),
        ("d'Orgeval", "D'ORGEVAL"),
        ("  de   la  Tour ", "DE LA TOUR"),
        ("Lebœuf", "LEBOEUF"),
        ("Ægir", "AEGIR"),
        ("Façon", "FACON"),
        ("Zoe\u0308", "ZOE"),
        ("", ""),
    ],
)
def test_names_are_compared_in_capitals_without_accents(written: str, compared: str) -> None:
    assert normalise_name(written) == compared


@settings(deadline=None)
@given(st.text())
def test_a_name_made_plain_stays_plain(name: str) -> None:
    assert normalise_name(normalise_name(name)) == normalise_name(name)


def test_strict_traits_that_were_left_out_are_named() -> None:
    assert missing_traits(LAURA) == ()
    assert missing_traits(replace(LAURA, birth_date=None, sex="")) == ("birth_date", "sex")
    assert missing_traits(replace(LAURA, used_name="", given_names="")) == ()


@pytest.mark.parametrize(
    "same",
    [
        {"birth_name": "Bernard"},
        {"first_given": "Laura "},
        {"birthplace": ""},
        {"birth_date": None},
        {"matricule": ""},
        {"used_name": "PETIT"},
        {"given_names": "LAURA"},
    ],
)
def test_the_same_person_may_be_written_otherwise_or_with_less(same: dict[str, Any]) -> None:
    assert different_traits(LAURA, replace(LAURA, **same)) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("matricule", "279035121518989"),
        ("oid", NIR),
        ("birth_name", "BERNARDIN"),
        ("birth_name", "BER-NARD"),
        ("first_given", "LAURE"),
        ("birth_date", date(1991, 5, 15)),
        ("sex", "M"),
        ("birthplace", "44000"),
    ],
)
def test_each_trait_that_differs_is_named(name: str, value: object) -> None:
    other = replace(LAURA, **{name: value})
    assert different_traits(LAURA, other) == different_traits(other, LAURA) == (name,)
