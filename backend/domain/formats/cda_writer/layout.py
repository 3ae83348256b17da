"""The flat list of results, laid out as the tree of a CDA body."""

from collections.abc import Callable, Iterable
from itertools import groupby

from msgspec import Struct

from backend.domain.reports import Result


class Line(Struct, frozen=True):
    """One result and its rank in the report, which names its narrative cells."""

    rank: int
    result: Result

    def cell(self, what: str) -> str:
        """ID of a narrative cell of this line."""
        return f"{what}-{self.rank}"


class Battery(Struct, frozen=True):
    """Neighbouring results of one battery; a nameless one groups nothing."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> Result:
        """A result of the battery, which speaks for all."""
        return self.lines[0].result

    @property
    def named(self) -> bool:
        """Whether the laboratory made a battery of them."""
        return bool(self.first.battery or self.first.battery_title or self.first.antibiogram)

    def cell(self, what: str) -> str:
        """ID of the narrative cell that titles the battery."""
        return f"{what}-{self.lines[0].rank}"


class Isolate(Struct, frozen=True):
    """The batteries of one germ, or of no germ when `germ` is empty."""

    germ: str
    batteries: tuple[Battery, ...]

    def cell(self) -> str:
        """ID of the narrative cell that names the germ."""
        return self.batteries[0].cell("isolat")


class Leaf(Struct, frozen=True):
    """A section with results of its own: a sub-chapter, or a chapter that has none."""

    code: str
    title: str
    isolates: tuple[Isolate, ...]

    @property
    def batteries(self) -> tuple[Battery, ...]:
        """Every battery of the section, germs or not."""
        return tuple(battery for isolate in self.isolates for battery in isolate.batteries)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every result of the section, in order."""
        return tuple(line for battery in self.batteries for line in battery.lines)


class Chapter(Struct, frozen=True):
    """A first-level section; `divided` when its leaves are sub-chapters."""

    code: str
    title: str
    leaves: tuple[Leaf, ...]
    divided: bool


def chapters(results: Iterable[Result]) -> list[Chapter]:
    """The chapters in the order of the results, which is kept."""
    lines = [Line(rank, result) for rank, result in enumerate(results, start=1)]
    by_chapter = _runs(
        lines,
        lambda r: (
            r.chapter,
            r.chapter_title,
            bool(r.subchapter or r.subchapter_title),
        ),
    )
    return [_chapter(run) for run in by_chapter]


def _chapter(lines: tuple[Line, ...]) -> Chapter:
    first = lines[0].result
    runs = _runs(lines, lambda r: (r.subchapter, r.subchapter_title))
    divided = bool(first.subchapter or first.subchapter_title)
    leaves = tuple(_leaf(run, divided=divided) for run in runs)
    return Chapter(first.chapter, first.chapter_title, leaves, divided)


def _leaf(lines: tuple[Line, ...], *, divided: bool) -> Leaf:
    first = lines[0].result
    isolates = tuple(_isolate(run) for run in _runs(lines, lambda r: r.isolate))
    if divided:
        return Leaf(first.subchapter, first.subchapter_title, isolates)
    return Leaf(first.chapter, first.chapter_title, isolates)


def _isolate(lines: tuple[Line, ...]) -> Isolate:
    runs = _runs(lines, lambda r: (r.battery, r.battery_title, r.antibiogram))
    return Isolate(lines[0].result.isolate, tuple(Battery(run) for run in runs))


def _runs(lines: Iterable[Line], key: Callable[[Result], object]) -> list[tuple[Line, ...]]:
    return [tuple(run) for _, run in groupby(lines, key=lambda line: key(line.result))]
