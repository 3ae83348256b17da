import pytest
from zxcvbn.matching import (  # type: ignore[import-untyped]
    L33T_TABLE,
    enumerate_l33t_subs,
    relevant_l33t_subtable,
)

from backend.domain.errors import Refused
from backend.domain.passwords import (
    DISGUISES,
    LONGEST,
    SHORTEST,
    check_password,
    common_passwords,
    french_words,
    normal,
)


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
        "tournesol2024",
        "anniversaire1",
        "jesuisunchat",
        "Libellule2023!",
        "vacances2025!",
        "Saint-Etienne42",
        "saint etienne 42",
        "clermontferrand63",
        "Jean-Baptiste1998",
        "JeanBaptiste1998",
        "papaetmaman2019",
        "Éléphant-2024",
        "elephant-2024",
        "l1b3llul3l1b3llul3",
        "OlympiqueDeMarseille13",
    ],
)
def test_what_a_program_would_soon_guess_is_refused(password: str) -> None:
    with pytest.raises(Refused, match="trop facile à deviner"):
        check_password(password)


def test_a_word_is_found_however_it_is_spelled() -> None:
    ranks = {french_words()[word] for word in ("saint-étienne", "saint-etienne", "saintetienne")}
    assert max(ranks) - min(ranks) < 4
    assert len(french_words()) > 3500


def test_a_password_full_of_signs_is_judged_as_soon_as_another() -> None:
    """How it could be read as letters is not tried without end."""
    signs = "4@8({3691!|70$5+%2" * 7
    tables = enumerate_l33t_subs(relevant_l33t_subtable(signs, L33T_TABLE))
    assert len(tables) > DISGUISES
    check_password(signs[:LONGEST])


def test_the_most_chosen_ones_are_long_enough_to_matter() -> None:
    assert len(common_passwords()) > 700
    for password in common_passwords():
        assert password == normal(password.lower())
        assert len(password) >= SHORTEST


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
