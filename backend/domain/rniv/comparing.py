"""Two identities, trait by trait and letter by letter."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from msgspec import Struct
from rapidfuzz.distance import Levenshtein

from backend.domain.reports import Traits
from backend.domain.rniv.writing import UNKNOWN_PLACE, plain_name


class Gravity(StrEnum):
    """A difference of blanks, hyphens and apostrophes alone is shown and stops nothing."""

    MINOR = "mineure"
    MAJOR = "majeure"


class Piece(Struct, frozen=True):
    """Some letters: in both, in the file alone (`ours`), or in INSi’s answer alone (`theirs`)."""

    side: str
    text: str


class Difference(Struct, frozen=True):
    """One trait that is not the same, where, and how."""

    trait: str
    ours: str
    theirs: str
    gravity: Gravity
    pieces: tuple[Piece, ...]
    places: tuple[int, ...]
    """Which letters of our name, the first one being 1; none of what is not a name."""

    @property
    def sentence(self) -> str:
        """« Le premier prénom diffère : « LAURA » (INSi) / « LORA » (dossier), lettre 2. »"""
        return self.said("INSi")

    def said(self, source: str) -> str:
        """The same, when `source` is where theirs comes from."""
        where = ", ".join(map(str, self.places))
        letters = f", lettre{'s' if len(self.places) > 1 else ''} {where}" if where else ""
        return (
            f"{LABELS[self.trait]} diffère\u00a0: «\u00a0{self.theirs}\u00a0» ({source}) / "
            f"«\u00a0{self.ours}\u00a0» (dossier){letters}."
        )


LABELS = {
    "birth_name": "Le nom de naissance",
    "first_given": "Le premier prénom",
    "given_names": "La liste des prénoms",
    "birth_date": "La date de naissance",
    "sex": "Le sexe",
    "birthplace": "Le lieu de naissance",
}
NAMES = ("birth_name", "first_given", "given_names")
SEXES = {"F": "féminin", "M": "masculin"}
UNKNOWN = {"sex": {"inconnu"}, "birthplace": {"", UNKNOWN_PLACE}, "birth_date": {""}}


def compare(ours: Traits, theirs: Traits) -> tuple[Difference, ...]:
    """What differs, in the order of a form; what a side does not know differs from nothing."""
    return tuple(_differences(ours, theirs))


def agree(differences: tuple[Difference, ...]) -> bool:
    """Whether nothing but minor differences was found."""
    return all(one.gravity is Gravity.MINOR for one in differences)


def _differences(ours: Traits, theirs: Traits) -> Iterator[Difference]:
    for name in LABELS:
        one, other = _read(ours, name), _read(theirs, name)
        if name == "first_given" and theirs.given_names:
            other = _beginning(plain_name(theirs.given_names), one)
        if name == "given_names" and one:
            other = _beginning(other, one) if other else ""
        if one in UNKNOWN.get(name, {""}) or other in UNKNOWN.get(name, {""}):
            continue
        if one != other:
            yield _describe(name, one, other)


def _read(traits: Traits, name: str) -> str:
    """A trait as the desk reads it."""
    value = getattr(traits, name)
    if name in NAMES:
        return plain_name(value)
    if name == "sex":
        return SEXES.get(value, "inconnu")
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "").upper()


def _beginning(names: str, like: str) -> str:
    """As many of the given names as there are in `like`: a shorter list is not another one.

    Blanks and hyphens are counted alike: « JEAN-PIERRE » is set beside « JEAN PIERRE ».
    """
    count = len(like.replace("-", " ").split())
    kept, seen = "", 0
    for word in names.split():
        if seen >= count:
            break
        kept, seen = f"{kept} {word}".strip(), seen + 1 + word.count("-")
    return kept


def _describe(name: str, ours: str, theirs: str) -> Difference:
    minor = name in NAMES and _letters(ours) == _letters(theirs)
    pieces, places = _pieces(ours, theirs)
    if name not in NAMES:
        places = ()
    if name == "sex":
        pieces = tuple(_group(ours, theirs))
    gravity = Gravity.MINOR if minor else Gravity.MAJOR
    return Difference(name, ours, theirs, gravity, pieces, places)


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name))


def _pieces(ours: str, theirs: str) -> tuple[tuple[Piece, ...], tuple[int, ...]]:
    """The fewest letters taken away and put in that make one out of the other, in groups."""
    pieces: list[Piece] = []
    places: set[int] = set()
    mine = other = ""
    for step in Levenshtein.opcodes(ours, theirs):
        if step.tag == "equal":
            pieces += [*_group(mine, other), Piece("both", ours[step.src_start : step.src_end])]
            mine = other = ""
            continue
        mine += ours[step.src_start : step.src_end]
        other += theirs[step.dest_start : step.dest_end]
        places |= set(range(step.src_start + 1, max(step.src_end, step.src_start + 1) + 1))
    return (*pieces, *_group(mine, other)), tuple(sorted(places))


def _group(mine: str, other: str) -> list[Piece]:
    return [Piece(side, text) for side, text in (("ours", mine), ("theirs", other)) if text]
