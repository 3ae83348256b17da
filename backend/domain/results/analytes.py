"""What an analysis is called in plain words, and which family of organs it belongs to.

A fixed table, the same for everybody: names and a few words each, written by us. `group` joins
LOINC codes that name one analysis (versions of LOINC, a method made explicit): results of one
group may share a trend when their unit is the same, never otherwise.
"""

import csv
from functools import cache
from importlib.resources import files

from msgspec import Struct

from backend.domain.reports import Result

FAMILIES = {
    "sugar": "Sucre",
    "fats": "Graisses",
    "blood": "Cellules du sang",
    "clotting": "Coagulation",
    "kidneys": "Reins",
    "liver": "Foie",
    "thyroid": "Thyroïde",
    "iron": "Fer",
    "inflammation": "Inflammation",
    "vitamins": "Vitamines et minéraux",
    "proteins": "Protéines",
    "hormones": "Hormones et marqueurs",
    "urine": "Urines",
    "other": "Autres analyses",
}
"""In the order in which they are shown."""

SAME_UNITS = {
    "m[IU]/L": "mUI/L",
    "mIU/L": "mUI/L",
    "u[IU]/mL": "µUI/mL",
    "[IU]/L": "UI/L",
    "U/L": "U/L",
    "[iU]/L": "UI/L",
    "10*9/L": "G/L",
    "10*12/L": "T/L",
    "10*3/uL": "G/L",
    "10*6/uL": "T/L",
    "umol/L": "µmol/L",
    "ug/L": "µg/L",
    "ug/mL": "µg/mL",
    "ug/dL": "µg/dL",
    "mL/min/{1.73_m2}": "mL/min/1,73 m²",
    "mL/min/1.73.m2": "mL/min/1,73 m²",
    "{ratio}": "",
    "1": "",
    "/uL": "/µL",
    "/mL": "/mL",
    "{CFU}/mL": "UFC/mL",
    "[CFU]/mL": "UFC/mL",
    "mm/h": "mm/h",
    "fL": "fL",
}
"""Two spellings of one unit. Relabelling only: no number ever changes with it."""


class Analyte(Struct, frozen=True):
    """One line of the table."""

    name: str
    family: str
    what: str = ""
    group: str = ""


def analyte_of(result: Result) -> Analyte:
    """The table's line; the laboratory's own label when the table does not know it."""
    known = _table().get(result.loinc)
    return known or Analyte(name=plain_label(result), family=family_of(result))


def analyte_key(result: Result) -> str:
    """Equal for results that may share a trend: same analysis, same unit."""
    known = _table().get(result.loinc)
    what = (
        (known.group if known else "")
        or result.loinc
        or f"{result.local_system}:{result.local_code}".strip(":")
        or result.label.casefold()
    )
    return f"{what}|{readable_unit(result.value.unit)}"


def readable_unit(unit: str) -> str:
    """The unit as laboratories print it in France."""
    return SAME_UNITS.get(unit, unit)


def plain_label(result: Result) -> str:
    """The laboratory's words, with a capital."""
    label = result.label or result.display
    return label[:1].upper() + label[1:]


def family_of(result: Result) -> str:
    """By chapter, for what the table does not know."""
    return {"18723-7": "blood", "18720-3": "clotting"}.get(result.chapter, "other")


@cache
def _table() -> dict[str, Analyte]:
    source = files("backend.domain.codes") / "analytes.csv"
    lines = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return {
        line["loinc"]: Analyte(line["name"], line["family"], line["what"], line["group"])
        for line in lines
    }
