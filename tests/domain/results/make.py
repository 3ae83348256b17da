"""Results to present, made by hand, and the cards that come of them."""

from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from backend.domain.reports import (
    Bounds,
    Header,
    Identifier,
    Organisation,
    Report,
    Result,
    Traits,
    Value,
    ValueKind,
)
from backend.domain.results import (
    Card,
    Past,
    make_sheet,
)
from backend.domain.results.scale import Line, line_of

NOON = datetime(2026, 11, 12, 11, 0, tzinfo=UTC)
SPRING = datetime(2024, 3, 4, 8, 0, tzinfo=UTC)
SUMMER = datetime(2025, 7, 4, 8, 0, tzinfo=UTC)
TILLEULS, ESTUAIRE = "Laboratoire des Tilleuls", "Laboratoire de l’Estuaire"


def sugar(number: str = "1.18", **more: Any) -> Result:
    """Fasting glucose in g/L, between 0.74 and 1.06, without a flag."""
    comparator = more.pop("comparator", "")
    known: dict[str, Any] = {
        "label": "Glycémie à jeun",
        "value": Value(ValueKind.QUANTITY, number, more.pop("unit", "g/L"), comparator),
        "loinc": "1558-6",
        "bounds": Bounds("0.74", "1.06", "g/L"),
    }
    return Result(**{**known, **more})


def finding(text: str, **more: Any) -> Result:
    return Result(label="Coproculture", value=Value(ValueKind.CODED, text=text), **more)


def report(*results: Result, **more: Any) -> Report:
    header = Header(
        id=Identifier("2.25.1"),
        type_code="11502-2",
        type_system="2.16.840.1.113883.6.1",
        title="Compte rendu d’examens biologiques",
        created=NOON,
        patient=Traits(),
        custodian=Organisation(name=TILLEULS),
        sampled_at=NOON,
    )
    return Report(structs.replace(header, **more), level=3, results=results)


def only_card(result: Result, *past: Past, **more: Any) -> Card:
    """The card of a report's only result, wherever it is shown."""
    sheet = make_sheet(report(result, **more), past)
    (card,) = [*sheet.watch, *(c for f in sheet.families for c in f.cards), *sheet.words]
    return card


def earlier(number: str, on: datetime = SPRING, **more: Any) -> Past:
    laboratory = more.pop("laboratory", TILLEULS)
    provisional = more.pop("provisional", False)
    return Past(sugar(number, **more), on, laboratory, provisional=provisional)


def drawn(result: Result) -> Line:
    line = line_of(result)
    assert line is not None
    return line
