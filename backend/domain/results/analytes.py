"""What an analysis is called in plain words, which family it belongs to, which codes name it.

Two fixed tables, the same for everybody, written by us. `codes/analytes.csv` has a line an
analysis: its key, its names, and whether it is one of the 120 that city laboratories are asked for
most. `codes/loinc.csv` groups the LOINC codes that name it: versions of LOINC, a mass and an amount
of substance, a method made explicit. They are public LOINC codes of the « circuit de la biologie »
(CI-SIS, volet CR-BIO 2024.01) and of its earlier versions; each ends with LOINC’s own check digit.

Grouping never converts: results share a line of a chart when their unit and method are the same.
A key is stored, as a fingerprint, with each result: it is never renamed, and codes may join it
later (`stored_keys`).
"""

import csv
from collections.abc import Iterator
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
    "immunity": "Défenses du corps",
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

READ_AS = {
    "m[IU]/mL": "mUI/mL",
    "[IU]/mL": "UI/mL",
    "k[IU]/L": "kUI/L",
    "[arb'U]/mL": "U/mL",
    "{cells}/uL": "/µL",
    "{copies}/mL": "copies/mL",
    "mm[Hg]": "mmHg",
}
"""Other codes, as people read them. They are in no key: what was stored before is found again."""


class Analyte(Struct, frozen=True):
    """One line of the table. `key` is empty for what the table does not know."""

    name: str
    family: str
    what: str = ""
    key: str = ""
    common: bool = False


class Code(Struct, frozen=True):
    """What a LOINC code names, and the method that it implies."""

    loinc: str
    analyte: str
    method: str = ""


def analyte_of(result: Result) -> Analyte:
    """The table's line; the laboratory's own label when the table does not know it."""
    code = _codes().get(result.loinc)
    if code:
        return _analytes()[code.analyte]
    return Analyte(name=plain_label(result), family=family_of(result))


def analysis_key(result: Result) -> str:
    """Equal for results of one analysis, whatever the laboratory and the unit."""
    return (
        analyte_of(result).key
        or result.loinc
        or f"{result.local_system}:{result.local_code}".strip(":")
        or result.label.casefold()
    )


def analyte_key(result: Result) -> str:
    """Equal for results that may share a trend: same analysis, same unit."""
    return _key(analysis_key(result), result)


def stored_keys(result: Result) -> frozenset[str]:
    """The keys under which results that may share its trend were stored.

    Before the table grouped a code, its results were stored under the code itself.
    """
    known = analyte_of(result).key
    names = {known, *(code.loinc for code in codes_of(known))} if known else {analysis_key(result)}
    return frozenset(_key(name, result) for name in names)


def method_of(result: Result) -> str:
    """The method that the laboratory names, else the one that the code implies."""
    code = _codes().get(result.loinc)
    return result.method or (code.method if code else "")


def codes_of(key: str) -> tuple[Code, ...]:
    """The LOINC codes that the table groups under this analysis."""
    return tuple(code for code in _codes().values() if code.analyte == key)


def common_analytes() -> Iterator[Analyte]:
    """The 120 analyses that city laboratories are asked for most: each has its explanation."""
    return (analyte for analyte in _analytes().values() if analyte.common)


def readable_unit(unit: str) -> str:
    """The unit as laboratories print it in France."""
    return SAME_UNITS[unit] if unit in SAME_UNITS else READ_AS.get(unit, unit)


def plain_label(result: Result) -> str:
    """The laboratory's words, with a capital."""
    label = result.label or result.display
    return label[:1].upper() + label[1:]


def family_of(result: Result) -> str:
    """By chapter, for what the table does not know."""
    return {"18723-7": "blood", "18720-3": "clotting"}.get(result.chapter, "other")


def _key(name: str, result: Result) -> str:
    unit = result.value.unit
    return f"{name}|{SAME_UNITS.get(unit, unit)}"


@cache
def _analytes() -> dict[str, Analyte]:
    return {
        line["key"]: Analyte(
            line["name"], line["family"], line["what"], line["key"], common=line["common"] == "yes"
        )
        for line in _lines("analytes.csv")
    }


@cache
def _codes() -> dict[str, Code]:
    return {line["loinc"]: Code(**line) for line in _lines("loinc.csv")}


def _lines(table: str) -> list[dict[str, str]]:
    text = (files("backend.domain.codes") / table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
