"""How traits are written: capitals, no accent; hyphens and apostrophes are part of a name.

Notes §7.1. Unknown parts follow the civil registry’s usage: place 99999, day and month as told by
`complete_birth_date`.
"""

import re
from datetime import date

from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.ins import normalise_name
from backend.domain.reports import Traits

UNKNOWN_PLACE = "99999"
"""COG code of a place that nobody knows."""
PLACE = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
NAME = re.compile(r"[A-Z]+(?:[ '-]+[A-Z]+)*'?")
LONGEST = 100
SEXES = ("M", "F", "U")
SAME = str.maketrans(
    {
        **dict.fromkeys("’ʼ‘`´ʹ′＇", "'"),
        **dict.fromkeys("‐‑‒–—−﹣－", "-"),
        **dict.fromkeys("Øø", "O"),
        **dict.fromkeys("Łł", "L"),
        **dict.fromkeys("ĐđðÐ", "D"),
        **dict.fromkeys("Þþ", "TH"),
        "ı": "I",
        "ẞ": "SS",
    }
)
"""Letters that do not come apart into a plain one and its accent, and the typist’s signs."""
AROUND_SIGNS = re.compile(r" *([-']) *")


def plain_name(name: str) -> str:
    """As RNIV writes it: « Le  Gall–d’Ô » is LE GALL-D'O."""
    return AROUND_SIGNS.sub(r"\1", normalise_name(name.translate(SAME)))


def check_traits(written: Traits) -> Traits:
    """The same, as RNIV writes them; or Refused, and what to correct.

    The matricule is left as it is: only INSi gives one.
    """
    given = _name(written.first_given, "Le premier prénom")
    names = _name(written.given_names or given, "La liste des prénoms")
    if not f"{names} ".startswith(f"{given} "):
        raise Refused("La liste des prénoms doit commencer par le premier prénom de naissance.")
    if written.birth_date is None:
        raise Refused("La date de naissance manque.")
    if written.sex not in SEXES:
        raise Refused("Choisissez le sexe : Féminin, Masculin ou Inconnu.")
    place = written.birthplace.strip().upper()
    if place and not PLACE.fullmatch(place):
        raise Refused(
            "Le lieu de naissance est un code INSEE de cinq caractères ; 99999 s’il est inconnu."
        )
    return replace(
        written,
        birth_name=_name(written.birth_name, "Le nom de naissance"),
        first_given=given,
        given_names=names,
        birthplace=place,
        used_name=_name(written.used_name, "Le nom utilisé") if written.used_name else "",
        used_given=_name(written.used_given, "Le prénom utilisé") if written.used_given else "",
    )


def needed_for_insi(traits: Traits) -> str:
    """What INSi cannot be asked without, in words; nothing when it can."""
    if traits.sex not in {"M", "F"}:
        return "INSi demande le sexe de l’état civil : Féminin ou Masculin."
    if not (traits.birth_name and traits.first_given and traits.birth_date):
        return "INSi demande le nom de naissance, un prénom et la date de naissance."
    return ""


def complete_birth_date(year: int, month: int | None = None, day: int | None = None) -> date:
    """A day for a birth of which only a part is known.

    Day unknown: the first of the month. Month unknown: January. Both unknown: the 31st of December.
    """
    if month is None and day is None:
        month, day = 12, 31
    try:
        return date(year, month or 1, day or 1)
    except ValueError as error:
        raise Refused("Cette date de naissance n’existe pas.") from error


def _name(name: str, label: str) -> str:
    plain = plain_name(name)
    if not plain:
        raise Refused(f"{label} manque.")
    if len(plain) > LONGEST:
        raise Refused(f"{label} est trop long : {LONGEST} caractères au plus.")
    if not NAME.fullmatch(plain):
        raise Refused(
            f"{label} ne contient que des lettres, des espaces, des traits d’union "
            "et des apostrophes."
        )
    return plain
