"""What may be asked, and how: an unknown or a wrong parameter is refused in words, never ignored.

https://hl7.org/fhir/R4/search.html: a comma is « or », a parameter given twice is « and ».
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from backend.domain.calendar import PARIS
from backend.domain.formats.mhd import FhirError
from backend.domain.ins import OIDS

COUNT, MOST = 20, 50
LONGEST, MOST_VALUES = 256, 20
WHEN = re.compile(
    r"(eq|ne|gt|lt|ge|le|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
INS = "patient.identifier"


class Kind(StrEnum):
    """What is asked for."""

    DOCUMENTS = "DocumentReference"
    LOTS = "List"


TOKENS = frozenset(
    {
        *("type", "category", "setting", "facility", "event", "format", "security-label"),
        *("related", "related:identifier", "identifier", "author.identifier", "code"),
        *("designationType", "sourceId", "source.identifier", "status"),
    }
)
DATES = frozenset({"creation", "date", "period"})
NAMES = frozenset({"author.given", "author.family", "source.given", "source.family"})
KNOWN = {
    Kind.DOCUMENTS: frozenset(
        {
            *("status", "type", "category", "creation", "date", "period", "setting", "facility"),
            *("event", "format", "security-label", "related", "related:identifier", "identifier"),
            *("author.given", "author.family", "author.identifier"),
        }
    ),
    Kind.LOTS: frozenset(
        {
            *("status", "code", "date", "identifier", "designationType", "sourceId"),
            *("source.given", "source.family", "source.identifier"),
        }
    ),
}
REQUIRED = {Kind.DOCUMENTS: ("status",), Kind.LOTS: ("status", "code")}
STATUSES = {
    Kind.DOCUMENTS: frozenset({"current", "superseded", "entered-in-error"}),
    Kind.LOTS: frozenset({"current", "retired", "entered-in-error"}),
}


class Criterion(Struct, frozen=True):
    """One parameter: any of these values."""

    name: str
    values: tuple[str, ...]


class Search(Struct, frozen=True):
    """One question about one person."""

    oid: str
    matricule: str
    criteria: tuple[Criterion, ...]
    count: int = COUNT


class Span(Struct, frozen=True):
    """A day, a month, an instant as precise as it was written; and how to compare."""

    prefix: str
    start: datetime
    end: datetime
    """Not of it any more."""


def read_search(kind: Kind, pairs: Sequence[tuple[str, str]]) -> Search:
    """The question; or FhirError."""
    people, criteria, count = [], [], COUNT
    for name, text in pairs:
        if len(text) > LONGEST or not text.strip() or not text.isprintable():
            raise FhirError("value", f"« {name[:40]} » est vide, trop long ou illisible.")
        if name == INS:
            people.append(text)
        elif name == "_count":
            count = _count(text)
        elif name == "_format":
            _check_format(text)
        elif name in KNOWN[kind]:
            criteria.append(_criterion(kind, name, text))
        else:
            raise FhirError("not-supported", f"Paramètre inconnu ici : « {name[:40]} ».")
    given = {one.name for one in criteria}
    for name in (*REQUIRED[kind], INS):
        if name not in given and not (name == INS and people):
            raise FhirError("required", f"Le paramètre « {name} » est obligatoire.")
    if len(people) != 1:
        raise FhirError("value", f"« {INS} » nomme une personne et une seule.")
    return Search(*_person(people[0]), tuple(criteria), count)


def read_span(text: str) -> Span:
    """`ge2026-11`, `2026-11-27T08:30:00+01:00`: a day without a zone is one of Paris."""
    found = WHEN.fullmatch(text)
    if not found:
        raise FhirError("value", f"Date illisible : « {text[:40]} ».")
    prefix, year, month, day, minute, second, zone = found.groups()
    try:
        if not minute:
            return _civil(prefix or "eq", int(year), month, day)
        whole = (
            f"{year}-{month}-{day}T{minute}{second or ':00'}{(zone or '').replace('Z', '+00:00')}"
        )
        start = datetime.fromisoformat(whole)
        start = start if zone else start.replace(tzinfo=PARIS)
        return Span(prefix or "eq", start, start + timedelta(seconds=1 if second else 60))
    except (ValueError, OverflowError) as error:
        raise FhirError("value", f"Date impossible : « {text[:40]} ».") from error


def _civil(prefix: str, year: int, month: str | None, day: str | None) -> Span:
    start = datetime(year, int(month or 1), int(day or 1), tzinfo=PARIS)
    if day:
        return Span(prefix, start, start + timedelta(days=1))
    if month:
        following = (start + timedelta(days=31)).replace(day=1)
        return Span(prefix, start, following)
    return Span(prefix, start, start.replace(year=year + 1))


def _criterion(kind: Kind, name: str, text: str) -> Criterion:
    values = tuple(one.strip() for one in text.split(","))
    if not all(values) or len(values) > MOST_VALUES:
        raise FhirError("value", f"« {name} » a une valeur vide, ou plus de {MOST_VALUES}.")
    if name == "status" and not {one.rpartition("|")[2] for one in values} <= STATUSES[kind]:
        known = ", ".join(sorted(STATUSES[kind]))
        raise FhirError("value", f"« status » est l’un de : {known}.")
    if name in DATES:
        for value in values:
            read_span(value)
    return Criterion(name, values)


def _person(text: str) -> tuple[str, str]:
    system, _, matricule = text.rpartition("|")
    oid = system.removeprefix("urn:oid:")
    if not system.startswith("urn:oid:") or oid not in OIDS or not matricule:
        raise FhirError("value", f"« {INS} » est un INS : urn:oid:…|matricule.")
    return oid, matricule


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not int(text[:9]):
        raise FhirError("value", "« _count » est un nombre, au moins 1.")
    return min(int(text[:9]), MOST)


def _check_format(text: str) -> None:
    if text not in {"json", "application/json", "application/fhir+json"}:
        raise FhirError("not-supported", "Seul application/fhir+json est proposé.")
