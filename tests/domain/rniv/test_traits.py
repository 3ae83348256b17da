"""How traits are written and compared, what proves them, whose number a child carries."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.reports import Traits
from backend.domain.rniv import (
    PROOFS,
    Gravity,
    agree,
    check_proof,
    check_traits,
    check_whose_number,
    compare,
    complete_birth_date,
    needed_for_insi,
    plain_name,
    proofs_for,
)

TODAY = date(2026, 11, 27)
LAURA = Traits(
    birth_name="BERNARD",
    first_given="LAURA",
    given_names="LAURA MARIE",
    birth_date=date(1991, 5, 14),
    sex="F",
    birthplace="44109",
)
LETTERS = st.text(alphabet="ABCDE ÉÈç'’-–", max_size=12)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Lefèvre", "LEFEVRE"),
        ("d’Ô", "D'O"),
        ("D ' Orgeval", "D'ORGEVAL"),
        ("Le Gall – Kerguélen", "LE GALL-KERGUELEN"),
        ("Sœur", "SOEUR"),
        ("Bjørn", "BJORN"),
        ("Łukasz", "LUKASZ"),
        ("Weiß", "WEISS"),
        ("  de   la  Tour ", "DE LA TOUR"),
    ],
)
def test_a_name_is_written_in_capitals_with_its_signs(written: str, plain: str) -> None:
    assert plain_name(written) == plain


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=30))
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert plain_name(plain_name(name)) == plain_name(name)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"birth_name": ""}, "manque"),
        ({"birth_name": "BERNARD 2"}, "lettres"),
        ({"birth_name": "A" * 101}, "trop long"),
        ({"first_given": "-LAURA"}, "lettres"),
        ({"given_names": "MARIE LAURA"}, "commencer par le premier"),
        ({"given_names": "LAURAMARIE"}, "commencer par le premier"),
        ({"birth_date": None}, "date"),
        ({"sex": "X"}, "Choisissez le sexe : Féminin, Masculin ou Inconnu."),
        ({"birthplace": "4410"}, "INSEE"),
        ({"birthplace": "2C109"}, "INSEE"),
        ({"used_name": "PETIT <B>"}, "lettres"),
    ],
)
def test_what_cannot_be_a_trait_is_told(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        check_traits(replace(LAURA, **wrong))


def test_traits_are_kept_as_rniv_writes_them() -> None:
    typed = replace(LAURA, birth_name="Bérnard", first_given="laura", birthplace="2a004")
    typed = replace(typed, given_names="", used_name="d’Aubigné")
    assert check_traits(typed) == replace(
        LAURA, given_names="LAURA", birthplace="2A004", used_name="D'AUBIGNE"
    )
    assert check_traits(replace(LAURA, birthplace="99999")).birthplace == "99999"
    assert needed_for_insi(LAURA) == ""
    assert "Féminin ou Masculin" in needed_for_insi(replace(LAURA, sex="U"))


def test_a_birth_known_in_part_has_a_day() -> None:
    assert complete_birth_date(1950, 4, 7) == date(1950, 4, 7)
    assert complete_birth_date(1950, 4) == date(1950, 4, 1)
    assert complete_birth_date(1950, None, 7) == date(1950, 1, 7)
    assert complete_birth_date(1950) == date(1950, 12, 31)
    with pytest.raises(Refused):
        complete_birth_date(1951, 2, 29)


def test_a_letter_that_differs_is_pointed_at() -> None:
    (difference,) = compare(replace(LAURA, first_given="LORA", given_names=""), LAURA)
    assert difference.trait == "first_given"
    assert [(piece.side, piece.text) for piece in difference.pieces] == [
        ("both", "L"),
        ("ours", "O"),
        ("theirs", "AU"),
        ("both", "RA"),
    ]
    assert difference.places == (2,)
    assert difference.sentence == (
        "Le premier prénom diffère\u00a0: «\u00a0LAURA\u00a0» (INSi) / "
        "«\u00a0LORA\u00a0» (dossier), lettre 2."
    )
    assert not agree((difference,))


@pytest.mark.parametrize(
    ("ours", "sentence", "marked"),
    [
        (
            {"birth_date": date(1991, 5, 15)},
            "La date de naissance diffère : « 14/05/1991 » (INSi) / « 15/05/1991 » (dossier).",
            "1[-5][+4]/05/1991",
        ),
        (
            {"sex": "M"},
            "Le sexe diffère : « féminin » (INSi) / « masculin » (dossier).",
            "[-masculin][+féminin]",
        ),
        (
            {"birthplace": "2a109"},
            "Le lieu de naissance diffère : « 44109 » (INSi) / « 2A109 » (dossier).",
            "[-2A][+44]109",
        ),
    ],
)
def test_what_is_not_a_name_is_told_as_it_is_read(
    ours: dict[str, Any], sentence: str, marked: str
) -> None:
    (difference,) = compare(replace(LAURA, **ours), LAURA)
    assert difference.sentence.replace("\u00a0", " ") == sentence
    signs = {"both": "{}", "ours": "[-{}]", "theirs": "[+{}]"}
    assert "".join(signs[one.side].format(one.text) for one in difference.pieces) == marked
    assert not agree((difference,))


@pytest.mark.parametrize(
    ("ours", "gravities"),
    [
        ({}, []),
        ({"birth_name": "Bernard"}, []),
        ({"given_names": "LAURA"}, []),
        ({"birthplace": ""}, []),
        ({"birthplace": "99999"}, []),
        ({"sex": "U"}, []),
        ({"used_name": "PETIT"}, []),
        ({"birth_name": "BER-NARD"}, [Gravity.MINOR]),
        ({"birth_name": "BERNART"}, [Gravity.MAJOR]),
        ({"birth_date": date(1991, 5, 15)}, [Gravity.MAJOR]),
        ({"sex": "M"}, [Gravity.MAJOR]),
        ({"birthplace": "44000"}, [Gravity.MAJOR]),
        ({"given_names": "LAURA ANNE"}, [Gravity.MAJOR]),
        ({"given_names": "LAURA MARIE ANNE"}, [Gravity.MAJOR]),
    ],
)
def test_what_counts_as_another_identity(ours: dict[str, Any], gravities: list[Gravity]) -> None:
    found = compare(replace(LAURA, **ours), LAURA)
    assert [one.gravity for one in found] == gravities
    assert agree(found) is (Gravity.MAJOR not in gravities)


@pytest.mark.parametrize(
    ("first", "listed", "gravities"),
    [
        ("JEAN", "JEAN PIERRE PAUL", []),
        ("JEAN PIERRE", "JEAN PIERRE PAUL", []),
        ("JEAN-PIERRE", "JEAN PIERRE PAUL", [Gravity.MINOR]),
        ("JEAN PIERRE", "JEAN-PIERRE PAUL", [Gravity.MINOR]),
        ("JEAN", "JEAN-PIERRE PAUL", [Gravity.MAJOR]),
        ("PIERRE", "JEAN PIERRE PAUL", [Gravity.MAJOR]),
    ],
)
def test_the_first_given_name_is_the_beginning_of_the_list(
    first: str, listed: str, gravities: list[Gravity]
) -> None:
    ours = replace(LAURA, first_given=first, given_names="")
    theirs = replace(LAURA, first_given=listed.partition(" ")[0], given_names=listed)
    assert [one.gravity for one in compare(ours, theirs)] == gravities


@settings(deadline=None, max_examples=300)
@given(LETTERS, LETTERS)
def test_the_pieces_make_both_names_again(one: str, other: str) -> None:
    ours, theirs = replace(LAURA, birth_name=one), replace(LAURA, birth_name=other)
    found = compare(ours, theirs)
    assert [d.gravity for d in found] == [d.gravity for d in compare(theirs, ours)]
    if plain_name(one) == plain_name(other) or not (plain_name(one) and plain_name(other)):
        assert found == ()
        return
    (difference,) = found
    sides = dict.fromkeys(("ours", "theirs"), "")
    for piece in difference.pieces:
        assert piece.text
        for side in sides:
            sides[side] += piece.text if piece.side in {"both", side} else ""
    assert sides == {"ours": plain_name(one), "theirs": plain_name(other)}
    same_letters = [c for c in plain_name(one) if c.isalpha()] == [
        c for c in plain_name(other) if c.isalpha()
    ]
    assert (difference.gravity is Gravity.MINOR) is same_letters
    assert all(1 <= place <= len(plain_name(one)) + 1 for place in difference.places)
    assert difference.places


def test_documents_that_validate_and_those_that_do_not() -> None:
    for_adults = {proof.code for proof in proofs_for(minor=False)}
    assert for_adults == {"passeport", "cni", "titre-de-sejour", "identite-numerique"}
    for_minors = {proof.code for proof in proofs_for(minor=True)}
    assert for_minors - for_adults == {"livret-de-famille", "acte-de-naissance"}
    for proof in PROOFS.values():
        for minor in (False, True):
            for parents in (False, True):
                offered = proof in proofs_for(minor=minor)
                good = offered and (parents or not proof.with_a_parent)
                if good:
                    seen = check_proof(
                        proof.code, minor=minor, parents_seen=parents, same_traits=True
                    )
                    assert seen is proof
                    with pytest.raises(Refused, match="traits de la pièce"):
                        check_proof(
                            proof.code, minor=minor, parents_seen=parents, same_traits=False
                        )
                else:
                    with pytest.raises(Refused):
                        check_proof(proof.code, minor=minor, parents_seen=parents, same_traits=True)
    with pytest.raises(Refused, match="Choisissez"):
        check_proof("badge", minor=False, parents_seen=True, same_traits=True)


LEA = Traits(birth_date=date(2019, 3, 17), sex="F", matricule="219034410900697")
PARENT = "182074410900408"


def test_a_child_under_a_parents_number_is_noticed() -> None:
    check_whose_number(LEA, TODAY)
    check_whose_number(replace(LEA, matricule=""), TODAY)
    for wrong in (PARENT, "282074410900400", "119034410900697"):
        with pytest.raises(Refused, match="parent"):
            check_whose_number(replace(LEA, matricule=wrong), TODAY)
    with pytest.raises(Refused, match="parent"):
        check_whose_number(LEA, TODAY, opener=LEA.matricule[:13])
    grown = replace(LEA, birth_date=date(1982, 7, 8), matricule=PARENT, sex="F")
    check_whose_number(grown, TODAY, opener=PARENT)  # their own assuré; a lawful other sex
