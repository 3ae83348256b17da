"""Somebody looked for in the Annuaire santé: what is asked, and who is found."""

import re
from collections.abc import Iterable
from unicodedata import combining, normalize

from msgspec import Struct

from backend.domain.dispatches.mailboxes import Box, choose
from backend.domain.errors import Refused
from backend.domain.reports import Person

RPPS_DIGITS = 11
RPPS = re.compile(rf"8?\d{{{RPPS_DIGITS}}}", re.ASCII)
"""Sometimes written with the digit that says what kind of number it is."""
NATIONAL = re.compile(r"\w{9,30}", re.ASCII)
"""idNat_PS of somebody whom the directory has shown."""
TITLES = frozenset({"DR", "DOCTEUR", "PR", "PROFESSEUR", "M", "MME"})
LONGEST, FEWEST, MOST_WORDS, MOST_FOUND = 80, 2, 4, 20
WHO = "Pour chercher quelqu’un, écrivez son nom ou les onze chiffres de son numéro RPPS."
NUMBER = "Un numéro RPPS a onze chiffres : vérifiez-le, ou cherchez par le nom."


class Asked(Struct, frozen=True):
    """A number, or words of a name, maybe in a town."""

    national_id: str = ""
    names: tuple[str, ...] = ()
    town: str = ""


class Listed(Struct, frozen=True):
    """A professional as the directory publishes them."""

    person: Person
    towns: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()


def read_asked(who: str, town: str) -> Asked:
    """What somebody typed to find a professional, or Refused."""
    if not who.strip() or max(len(who), len(town)) > LONGEST:
        raise Refused(WHO)
    if any(letter.isdigit() for letter in who):
        digits = re.sub(r"[\s.]", "", who)
        if not RPPS.fullmatch(digits):
            raise Refused(NUMBER)
        return Asked(digits if len(digits) > RPPS_DIGITS else f"8{digits}")
    words = [word.strip(".,") for word in who.split()]
    names = tuple(word for word in words if word.upper() not in TITLES)[:MOST_WORDS]
    if not names or max(map(len, names)) < FEWEST or not all(map(_is_name, names)):
        raise Refused(WHO)
    return Asked(names=names, town=" ".join(town.split()))


def by_number(national_id: str) -> Asked:
    """Somebody who was found before; Refused for what is no number."""
    if not NATIONAL.fullmatch(national_id):
        raise Refused(NUMBER)
    return Asked(national_id)


def in_town(found: Iterable[Listed], town: str) -> list[Listed]:
    """Those who work there, and those of whom the directory says no town."""
    wanted = _folded(town)
    there = [
        one
        for one in found
        if not wanted or not one.towns or any(wanted in _folded(name) for name in one.towns)
    ]
    return sorted(there, key=lambda one: (one.person.family, one.person.given))[:MOST_FOUND]


def address_of(one: Listed, domains: Iterable[str]) -> str:
    """Where a report may be sent to them; `""` when there is nowhere."""
    return choose(one.boxes, domains)


def _is_name(word: str) -> bool:
    return all(letter.isalpha() or letter in "-’'" for letter in word)


def _folded(text: str) -> str:
    bare = normalize("NFD", text.casefold().replace("-", " "))
    return "".join(letter for letter in bare if not combining(letter))
