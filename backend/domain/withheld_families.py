"""Families of tests that a laboratory may choose to announce before its patients read them. Pure.

A test is of a family by its LOINC code, by the chapter of its report, or by a word of its name:
many laboratories have codes of their own. A report that is a PDF alone is known by its title only.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.resources import files

from msgspec import Struct

from backend.domain.reports import Report, Result
from backend.domain.searching import plain_words


class Family(Struct, frozen=True):
    """One family, as laboratories read it."""

    key: str
    name: str
    source: str
    """Why it is there: the text, and the codes."""


@cache
def families() -> tuple[Family, ...]:
    """All of them, in the order of the page."""
    return tuple(
        Family(line["family"], line["name"], line["source"]) for line in _lines("families")
    )


def read_families(typed: Iterable[str]) -> frozenset[str]:
    """Those that were ticked; what is none of them is left out."""
    return frozenset(typed) & {one.key for one in families()}


def withholds(report: Report, chosen: Collection[str]) -> bool:
    """Whether any test of this report is of a family that was chosen."""
    return bool(chosen) and not families_of(report).isdisjoint(chosen)


def families_of(report: Report) -> frozenset[str]:
    """The families of its tests, by codes and by names."""
    found = {family for code in _codes(report) for family in _known()[code]}
    said = [f" {' '.join(plain_words(text))} " for text in _names(report)]
    for phrase, family in _phrases():
        if any(phrase in text for text in said):
            found.add(family)
    return frozenset(found)


def _codes(report: Report) -> Iterator[tuple[str, str]]:
    for result in report.results:
        yield "loinc", result.loinc
        yield "loinc", result.battery
        yield "chapter", result.chapter
        yield "chapter", result.subchapter


def _names(report: Report) -> Iterator[str]:
    yield report.header.title
    for result in report.results:
        yield from _names_of(result)


def _names_of(one: Result) -> Iterator[str]:
    yield from (one.label, one.display, one.battery_title)
    yield from (one.chapter_title, one.subchapter_title)


@cache
def _known() -> dict[tuple[str, str], frozenset[str]]:
    """The families of a code."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in _lines("tests"):
        found[line["by"], line["value"]].add(line["family"])
    return defaultdict(frozenset, {code: frozenset(of) for code, of in found.items()})


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """(« vih » between two spaces, its family)."""
    return tuple(
        (f" {line['value']} ", line["family"]) for line in _lines("tests") if line["by"] == "words"
    )


def _lines(what: str) -> list[dict[str, str]]:
    text = (files("backend.domain.codes") / f"withheld_{what}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
