"""Matrice d’habilitation: which profession may read which type of document.

A seed grid of 23 November 2026, written from the roles that articles L.1111-15 to L.1111-18 and
R.1111-46 of the code de la santé publique describe. To be replaced by the annex of the arrêté
(arrêté du 26 octobre 2023, partly annulled by the Conseil d’État on 15 October 2025; the next one
is awaited). Professions are TRE_G15 codes, with the savoir-faire or the section of pharmacists
where the right depends on it: `10` médecin, `10/SM03` médecin biologiste, `21` pharmacien, `21/G`
pharmacien biologiste, `40` chirurgien-dentiste, `50` sage-femme, `60` infirmier, `70`
masseur-kinésithérapeute, `86` technicien de laboratoire, `SECRETARIAT_MEDICAL`. Types are codes
of JDV_J07. What the grid does not say is no.
"""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

from msgspec import Struct

PHYSICIAN = "10"
DATED = date(2026, 11, 23)
"""When the grid was written."""


class Profession(Struct, frozen=True):
    """A profession of the grid, in words."""

    code: str
    slug: str
    """In addresses."""
    one: str
    """« pharmacien »."""
    some: str
    """« Un pharmacien »."""


def readable_types(profession: str) -> frozenset[str]:
    """The type codes this profession may read; none for a profession the grid does not know."""
    return _grid().get(profession, frozenset())


def professions() -> tuple[Profession, ...]:
    """Those of the grid, in its order."""
    return tuple(_professions().values())


def profession_name(code: str) -> str:
    """« médecin », whatever the savoir-faire; « professionnel de santé » when unknown."""
    known = _professions()
    found = known.get(code) or known.get(code.partition("/")[0])
    return found.one if found else "professionnel de santé"


def is_physician(profession: str) -> bool:
    """Physicians of any savoir-faire: those who may declare an emergency."""
    return profession.partition("/")[0] == PHYSICIAN


@cache
def _grid() -> dict[str, frozenset[str]]:
    grid: dict[str, set[str]] = {}
    for line in _lines("habilitation.csv"):
        readable = grid.setdefault(line["profession"], set())
        if line["reads"] == "yes":
            readable.add(line["type_code"])
    return {profession: frozenset(types) for profession, types in grid.items()}


@cache
def _professions() -> dict[str, Profession]:
    found = (Profession(*line.values()) for line in _lines("professions.csv"))
    return {profession.code: profession for profession in found}


def _lines(name: str) -> Iterator[dict[str, str]]:
    text = (files("backend.domain.codes") / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
