"""Words, numbers and dates of a sound document that try the page that shows them."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from backend.domain.reports import Report
from tests.proofs.hostile.cases import Case, Desk

WORDS = {
    "a script": "<script>alert(1)</script>",
    "an image": '"><img src=x onerror=alert(1)>',
    "a quote": "' onmouseover='alert(1)",
    "a template": "{{ 7 * 7 }}{% for x in [].__class__.__mro__ %}x{% endfor %}",
    "an entity": "&lt;b&gt;&#x3C;script&#x3E;",
    "a comment": "--><!--<script>",
    "bidi overrides": "\u202e4,9\u202c \u2066RLI\u2069\u200f",
    "zero width": "Glu\u200bco\u200dse\ufeff\u00ad",
    "combining marks": "Z" + "\u0300" * 900,
    "another plane": "\U0001f600\U000e0041",
    "an address": "javascript:alert(1) https://attaquant.example",
    "SQL": "'; DROP TABLE document; --",
    "a path": "../../../etc/passwd\\..\\..",
    "a header": "x\r\nSet-Cookie: a=b",
    "a format": "%s%n%d{0}{}$(id)`id`",
}
NUMBERS = (
    "1e999",
    "-1e999",
    "1e-999",
    "-0",
    "0",
    "+5",
    "1e308",
    "0.0000000000000001",
    "9" * 400,
    "1" + "0" * 400,
)
NOT_NUMBERS = ("NaN", "Infinity", "-", "1,2,3", "0x10", "١٢", "1_000", "1e", "")


def corpus() -> Iterator[Case]:
    places: dict[str, Callable[[Report, str], Report]] = {
        "a comment": lambda report, said: replace(report, comments=(said,)),
        "a label": lambda report, said: _first(report, label=said),
        "a method": lambda report, said: _first(report, method=said),
        "a title": lambda report, said: replace(report, header=replace(report.header, title=said)),
        "a name": _validated_by,
    }
    for place, put in places.items():
        for name, said in WORDS.items():

            def make(
                desk: Desk, put: Callable[[Report, str], Report] = put, said: str = said
            ) -> bytes:
                return desk.around(put(desk.report(), said))

            yield Case(f"{name} in {place}", make, "AA")
    for number in (*NUMBERS, *NOT_NUMBERS):

        def measured(desk: Desk, number: str = number) -> bytes:
            report = desk.report()
            value = replace(report.results[0].value, number=number)
            return desk.around(_first(report, value=value))

        yield Case(f"the number {number[:20] or 'nothing'}", measured, "AA")
    for limit in NUMBERS:

        def bounded(desk: Desk, limit: str = limit) -> bytes:
            report = desk.report()
            bounds = report.results[0].bounds
            assert bounds
            return desk.around(_first(report, bounds=replace(bounds, low="0", high=limit)))

        yield Case(f"the limit {limit[:20]}", bounded, "AA")
    yield from _dates()
    yield from _lengths()


def _first(report: Report, **changes: object) -> Report:
    first, *others = report.results
    return replace(report, results=(replace(first, **changes), *others))


def _validated_by(report: Report, said: str) -> Report:
    header = report.header
    return replace(
        report, header=replace(header, authenticator=replace(header.authenticator, family=said))
    )


def _dates() -> Iterator[Case]:
    for date in (
        "99999999",
        "00000000",
        "20261399",
        "-20261123",
        "1e9",
        "2026",
        "21991231235959+1400",
        "18000101000000-1200",
        "2026112308053099999+9999",
    ):

        def make(desk: Desk, date: str = date) -> bytes:
            whole = desk.cda()
            start = whole.index(b'<effectiveTime value="') + len(b'<effectiveTime value="')
            end = whole.index(b'"', start)
            return desk.document(whole[:start] + date.encode() + whole[end:])

        yield Case(f"dated {date}", make, "AA" if date in FILED else "AE")


FILED = {"2026", "21991231235959+1400", "18000101000000-1200"}


def _lengths() -> Iterator[Case]:
    def long(name: str, change: Callable[[Report], Report]) -> Case:
        return Case(name, lambda desk: desk.around(change(desk.report())), "AE", "906")

    yield long("a label of ten megabytes", lambda r: _first(r, label="x" * 10**7))
    yield long("a comment of ten megabytes", lambda r: replace(r, comments=("x" * 10**7,)))
    yield long(
        "a title of a megabyte", lambda r: replace(r, header=replace(r.header, title="x" * 10**6))
    )
    yield long("somebody’s name of a megabyte", lambda r: _validated_by(r, "x" * 10**6))
    yield long(
        "a number of a page",
        lambda r: _first(r, value=replace(r.results[0].value, number="9" * 4_000)),
    )
    yield long("five thousand results", lambda r: replace(r, results=r.results[:1] * 5_000))
