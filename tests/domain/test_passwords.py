import pytest

from backend.domain.errors import Refused
from backend.domain.passwords import LONGEST, SHORTEST, check_password


@pytest.mark.parametrize(
    "password",
    [
        "les-tilleuls-en-fleur-35",
        "quatre lampes vertes sous la table",
        "kX9#vQ2!mZ7p",
        "l’été où nous étions à la mer",
    ],
)
def test_a_few_words_of_ones_own_are_enough(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "MonEspaceSante1!",
        "Marseille2024!",
        "motdepasse123456",
        "azertyuiop123",
        "aaaaaaaaaaaaaaaa",
        "Laboratoire2025",
        "juillet-juillet",
        "123456789012345",
        "p@ssw0rdp@ssw0rd",
    ],
)
def test_what_a_program_would_soon_guess_is_refused(password: str) -> None:
    with pytest.raises(Refused, match="trop facile à deviner"):
        check_password(password)


def test_the_persons_own_name_does_not_make_a_password() -> None:
    check_password("Quenouille!Zoltan")
    with pytest.raises(Refused, match="trop facile"):
        check_password("Quenouille!Zoltan", ["quenouille", "zoltan"])


def test_lengths_are_counted_in_characters() -> None:
    with pytest.raises(Refused, match="au moins 12"):
        check_password("kX9#vQ2!mZ7")
    with pytest.raises(Refused, match="128 caractères au plus"):
        check_password("kX9#vQ2!mZ7p" * 11)
    check_password(("kX9#vQ2!mZ7pé" * 10)[:LONGEST])


def test_accents_count_the_same_however_they_are_typed() -> None:
    composed, decomposed = "éèàùâêîôûçëï", "e\u0301e\u0300a\u0300u\u0300a\u0302"
    assert len(composed) == SHORTEST
    check_password(composed)
    with pytest.raises(Refused, match="au moins 12"):
        check_password(decomposed + "!!")  # twelve keys pressed, seven characters
