"""One analysis through the years: its newest value, a chart a unit, a table of everything."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend.domain.calendar import civil_day
from backend.domain.results.analytes import analyte_key, method_of, readable_unit
from backend.domain.results.sheet import Card, card_of
from backend.domain.results.trends import Past, Trend, draw, is_plain, series_before
from backend.domain.results.words import Place, place_of, range_words, value_words

NO_VALUE = "Pas de résultat"
PERIODS = {"1": "1 an", "3": "3 ans", "tout": "Tout"}
"""How far back a chart goes, as addresses and links say it."""


class Entry(Struct, frozen=True):
    """One line of the table."""

    on: datetime
    laboratory: str
    value: str
    unit: str
    place: Place
    limits: str
    method: str
    provisional: bool
    document_id: UUID | None
    """None for a value that a laboratory quotes."""


class History(Struct, frozen=True):
    """What is known of one analysis over a period, the newest first."""

    newest: Card
    newest_on: datetime
    laboratory: str
    trends: tuple[Trend, ...]
    """One a unit: what is not measured alike is never put on one scale."""
    entries: tuple[Entry, ...]


def first_day(period: str, today: date) -> date | None:
    """The first day of a period that ends today; None for everything, or an unknown period."""
    if period not in PERIODS or not period.isdigit():
        return None
    return date(today.year - int(period), today.month, min(today.day, 28))


def make_history(values: Sequence[Past], since: date | None = None) -> History:
    """The history of one analysis: its newest value whenever it is, the others from `since` on.

    `values` has one at least, the newest first. Provisional ones are in the table, never in a
    chart.
    """
    newest = values[0]
    series = [_from(since, one) for one in _series(values)]
    known = {id(value) for value in values}
    quoted = [value for one in series for value in one if id(value) not in known]
    ordered = sorted((*_from(since, values), *quoted), key=_when, reverse=True)
    return History(
        newest=card_of(newest.result, newest.on, newest.laboratory, {}, partial=newest.provisional),
        newest_on=newest.on,
        laboratory=newest.laboratory,
        trends=tuple(trend for one in series if (trend := draw(one))),
        entries=tuple(map(entry_of, ordered)),
    )


def entry_of(value: Past) -> Entry:
    """A value as a line of a table says it."""
    result = value.result
    return Entry(
        on=value.on,
        laboratory=value.laboratory,
        value=value_words(result.value) or NO_VALUE,
        unit=readable_unit(result.value.unit),
        place=place_of(result),
        limits=range_words(result.bounds),
        method=method_of(result),
        provisional=value.provisional,
        document_id=value.document_id,
    )


def _series(values: Sequence[Past]) -> list[Sequence[Past]]:
    """Those that a chart may place, by unit, the oldest first; the newest unit comes first."""
    units: dict[str, list[Past]] = defaultdict(list)
    for value in sorted(values, key=_when, reverse=True):
        if not value.provisional and is_plain(value.result):
            units[analyte_key(value.result)].append(value)
    return [[*series_before(newest, older), newest] for newest, *older in units.values()]


def _from(since: date | None, values: Sequence[Past]) -> list[Past]:
    return [value for value in values if since is None or civil_day(value.on) >= since]


def _when(past: Past) -> datetime:
    return past.on
