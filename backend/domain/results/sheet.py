"""What a person sees of a report, and in which order: outside first, the rest by family."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from backend.domain.documents import Count
from backend.domain.reports import Report, ReportStatus, Result, ValueKind
from backend.domain.results.analytes import FAMILIES, analysis_key, analyte_of, readable_unit
from backend.domain.results.explanations import explanation_of
from backend.domain.results.scale import Line, line_of
from backend.domain.results.trends import Past, Trend, by_analyte, trend_of
from backend.domain.results.words import (
    COLON,
    NO_RESULT,
    OUTSIDE,
    Place,
    Standing,
    place_of,
    range_words,
    sentence,
    value_words,
    with_unit,
)

SENSITIVITY = {
    "S": "Sensible",
    "I": "Intermédiaire",
    "R": "Résistant",
    "SDD": "Sensible à forte dose",
}
URINE = ("5778-6", "30405-5", "20405-7", "5767-9")


class Card(Struct, frozen=True):
    """One result, ready to show."""

    analysis: str
    """Its `analysis_key`."""
    explained: bool
    """« Comprendre ce résultat » has a text about it."""
    name: str
    technical: str
    what: str
    value: str
    unit: str
    also: tuple[str, ...]
    """The same value in other units that the laboratory sent."""
    place: Place
    limits: str
    group: str
    """Whom the range is for, in the laboratory's words."""
    sentence: str
    line: Line | None
    trend: Trend | None
    comments: tuple[str, ...]
    problem: str
    """Why there is no result, else empty."""
    provisional: bool


class Family(Struct, frozen=True):
    """Results within their range, or without one, that belong together."""

    key: str
    title: str
    cards: tuple[Card, ...]


class Antibiotic(Struct, frozen=True):
    """One line of an antibiogram."""

    name: str
    measure: str
    sensitivity: str


class Isolate(Struct, frozen=True):
    """A germ found by a culture."""

    germ: str
    findings: tuple[str, ...]
    antibiotics: tuple[Antibiotic, ...]


class Sheet(Struct, frozen=True):
    """The results of a report in reading order."""

    watch: tuple[Card, ...]
    families: tuple[Family, ...]
    words: tuple[Card, ...]
    """Results that are words, not numbers, and are not flagged."""
    isolates: tuple[Isolate, ...]
    count: Count
    unplaced: int
    """Numbers that the laboratory gave no range for."""
    critical: bool


def make_sheet(report: Report, past: Sequence[Past] = ()) -> Sheet:
    """Sort, never select: every result is somewhere."""
    header = report.header
    on = header.sampled_at or header.created
    laboratory = header.custodian.name or header.author_organisation.name
    plain = [result for result in report.results if not result.isolate]
    partial = header.status is ReportStatus.PARTIAL
    known = by_analyte(past)
    cards = [(r, card_of(r, on, laboratory, known, partial=partial)) for r in plain]
    watch = [card for _, card in cards if card.place.standing in OUTSIDE]
    rest = [(r, card) for r, card in cards if card.place.standing not in OUTSIDE]
    numbers = [(r, card) for r, card in rest if _is_number(r)]
    return Sheet(
        watch=tuple(sorted(watch, key=lambda c: c.place.standing is not Standing.IMPORTANT)),
        families=_families(numbers),
        words=tuple(card for r, card in rest if not _is_number(r)),
        isolates=_isolates(report.results),
        count=count(report),
        unplaced=sum(_is_number(r) and c.place.standing is Standing.UNKNOWN for r, c in rest),
        critical=is_critical(report),
    )


def count(report: Report) -> Count:
    """Results that the laboratory's ranges place, and how many of them are outside."""
    standings = [place_of(result).standing for result in report.results if not result.isolate]
    placed = [standing for standing in standings if standing is not Standing.UNKNOWN]
    return Count(total=len(placed), outside=sum(standing in OUTSIDE for standing in placed))


def is_critical(report: Report) -> bool:
    """The laboratory flagged a result as needing attention at once (HH, LL, AA)."""
    return any(place_of(result).standing is Standing.IMPORTANT for result in report.results)


def document_title(report: Report) -> str:
    """The kind of test in plain words."""
    header, results = report.header, report.results
    if header.type_code == "96173-0":
        return "Test rapide"
    if header.type_code != "11502-2":
        return header.title or "Compte rendu"
    chapters = {result.chapter for result in results}
    if not results:
        return "Compte rendu de biologie"
    if "18725-2" in chapters or any(result.isolate for result in results):
        urine = any(result.loinc in URINE for result in results)
        return "Analyse d’urine" if urine else "Recherche de germes"
    if chapters == {"18727-8"}:
        return "Sérologies"
    if chapters == {"18717-9"}:
        return "Groupe sanguin"
    if len(results) == 1:
        return analyte_of(results[0]).name
    return "Bilan sanguin"


def card_of(
    result: Result,
    on: datetime,
    laboratory: str,
    past: Mapping[str, Sequence[Past]],
    *,
    partial: bool,
) -> Card:
    """One result in full, with its trend when there are earlier values."""
    known = analyte_of(result)
    place = place_of(result)
    technical = result.label if result.label.casefold() != known.name.casefold() else ""
    provisional = partial or result.status == "active"
    words = value_words(result.value)
    return Card(
        analysis=analysis_key(result),
        explained=explanation_of(known.key) is not None,
        name=known.name,
        technical=technical,
        what=known.what,
        value=words,
        unit=readable_unit(result.value.unit),
        also=tuple(with_unit(value_words(v), readable_unit(v.unit)) for v in result.also),
        place=place,
        limits=range_words(result.bounds),
        group=_group(result),
        sentence=sentence(result.label or known.name, result),
        line=line_of(result),
        trend=None if provisional else trend_of(result, result.on or on, laboratory, past),
        comments=result.comments,
        problem="" if words and result.status != "aborted" else NO_RESULT,
        provisional=provisional,
    )


def _group(result: Result) -> str:
    bounds = result.bounds
    return bounds.text if bounds and (bounds.low or bounds.high) else ""


def _families(cards: Sequence[tuple[Result, Card]]) -> tuple[Family, ...]:
    found: dict[str, list[Card]] = {}
    for result, card in cards:
        found.setdefault(analyte_of(result).family, []).append(card)
    return tuple(
        Family(key, title, tuple(found[key])) for key, title in FAMILIES.items() if key in found
    )


def _is_number(result: Result) -> bool:
    return result.value.kind is ValueKind.QUANTITY


def _isolates(results: Sequence[Result]) -> tuple[Isolate, ...]:
    """Germs in the order of the report, each with its findings and its antibiogram."""
    germs: dict[str, list[Result]] = {}
    for result in results:
        if result.isolate:
            germs.setdefault(result.isolate, []).append(result)
    return tuple(
        Isolate(
            germ=germ,
            findings=tuple(
                r.label + COLON + with_unit(value_words(r.value), readable_unit(r.value.unit))
                for r in found
                if not r.antibiogram
            ),
            antibiotics=tuple(_antibiotic(r) for r in found if r.antibiogram),
        )
        for germ, found in germs.items()
    )


def _antibiotic(result: Result) -> Antibiotic:
    flag = next((f for f in result.flags if f in SENSITIVITY), "")
    number = value_words(result.value)
    return Antibiotic(
        name=result.label,
        measure=with_unit(number, readable_unit(result.value.unit)) if number else "",
        sensitivity=SENSITIVITY.get(flag, ""),
    )
