"""The table of measures: `codes/measures.csv`, a line each, and a line for each half of two."""

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files

from msgspec import Struct

BMI, WEIGHT, HEIGHT = "imc", "poids", "taille"
GOAL = "hba1c"
"""The measure for which a person and their doctor may choose a goal."""
CONTEXTS: Mapping[str, Mapping[str, str]] = {
    "": {},
    "moment": {
        "a-jeun": "À jeun",
        "apres-repas": "Après un repas",
        "apres-effort": "Après un effort",
        "malaise": "Pendant un malaise",
        "autre": "À un autre moment",
    },
    "days": {
        "7": "Sur 7 jours",
        "14": "Sur 14 jours",
        "30": "Sur 30 jours",
        "90": "Sur 90 jours",
        "autre": "Sur une autre durée",
    },
}
"""What a measure asks besides its value, and the answers."""
ORIGINS: Mapping[str, str] = {
    "moi": "moi",
    "appareil": "un appareil",
    "application": "une application",
}
"""Where a typed value comes from; nothing said, the person."""
MYSELF = "moi"
SYSTEMS = {"loinc": "http://loinc.org", "med": "urn:oid:1.2.250.1.213.1.1.4.322"}
"""LOINC, and the codes of the Agence du numérique en santé."""


class Measure(Struct, frozen=True):
    """One line of the table. A key is stored, sealed and as a fingerprint: it is never renamed."""

    key: str
    name: str
    code: str
    system: str
    unit: str
    """UCUM."""
    shown: str
    """The unit as people read it."""
    decimals: int
    low: Decimal | None
    high: Decimal | None
    """Beyond, it is a mistake."""
    soft_low: Decimal | None
    soft_high: Decimal | None
    """Beyond, it is asked once more."""
    asks: str
    """A key of `CONTEXTS`."""
    reports: frozenset[str]
    """LOINC codes under which a report’s value is the same measure."""
    hint: str
    parts: tuple["Measure", ...] = ()
    """The two halves of a value that has two."""

    @property
    def computed(self) -> bool:
        """Never typed: it follows from others."""
        return self.key == BMI

    @property
    def contexts(self) -> Mapping[str, str]:
        """The answers to what it asks."""
        return CONTEXTS[self.asks]


def all_measures() -> Sequence[Measure]:
    """In the order in which they are shown."""
    return tuple(_table().values())


def measure_of(key: str) -> Measure:
    """The one of this key."""
    return _table()[key]


@cache
def _table() -> dict[str, Measure]:
    text = (files("backend.domain.codes") / "measures.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(text.splitlines()))
    return {
        line["key"]: _measure(
            line, tuple(_measure(part) for part in lines if part["part_of"] == line["key"])
        )
        for line in lines
        if not line["part_of"]
    }


def _measure(line: Mapping[str, str], parts: tuple[Measure, ...] = ()) -> Measure:
    low, high, soft_low, soft_high = (
        Decimal(line[name]) if line[name] else None
        for name in ("low", "high", "soft_low", "soft_high")
    )
    return Measure(
        key=line["key"],
        name=line["name"],
        code=line["code"],
        system=SYSTEMS[line["system"]],
        unit=line["unit"],
        shown=line["shown"],
        decimals=int(line["decimals"]),
        low=low,
        high=high,
        soft_low=soft_low,
        soft_high=soft_high,
        asks=line["asks"],
        reports=frozenset(line["reports"].split()),
        hint=line["hint"],
        parts=parts,
    )
