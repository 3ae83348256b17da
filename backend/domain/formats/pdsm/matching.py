"""Whether a document answers a question."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from backend.domain.formats.pdsm.query import DATES, NAMES, Criterion, Span, read_span
from backend.domain.formats.pdsm.values import LABELS, SYSTEMS, Pointer, system_of, unique_id
from backend.domain.formats.xdm import schemes
from backend.domain.formats.xdm.values import Code
from backend.domain.ins import normalise_name

Named = tuple[str, str]
"""(system, value)."""
PROFESSIONALS, STRUCTURES = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.2"
SUBMISSION = ("https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "submissionset")


def matches(pointer: Pointer, criteria: Sequence[Criterion]) -> bool:
    """All of them."""
    return all(_matches(pointer, one) for one in criteria)


def _matches(pointer: Pointer, one: Criterion) -> bool:
    if one.name in DATES:
        start, end = MOMENTS[one.name](pointer)
        return any(_falls(read_span(value), start, end) for value in one.values)
    if one.name in NAMES:
        said = normalise_name(WORDS[one.name.partition(".")[2]](pointer))
        return any(said.startswith(normalise_name(value)) for value in one.values if said)
    named = list(TOKENS[one.name](pointer))
    return any(_is(value, system, code) for value in one.values for system, code in named)


def _is(value: str, system: str, code: str) -> bool:
    """`code`, `system|code`, or `system|`."""
    wanted, bar, wanted_code = value.rpartition("|")
    if wanted_code and wanted_code != code:
        return False
    bare = wanted.removeprefix("urn:oid:")
    return not bar or wanted == system or SYSTEMS.get(bare) == system


def _falls(span: Span, start: datetime, end: datetime) -> bool:
    """https://hl7.org/fhir/R4/search.html#prefix; `end` is still of it."""
    within, after, before = (
        span.start <= start and end < span.end,
        end >= span.end,
        start < span.start,
    )
    return {
        "eq": within,
        "ne": not within,
        "gt": after,
        "ge": after or within,
        "lt": before,
        "le": before or within,
        "sa": start >= span.end,
        "eb": end < span.start,
    }[span.prefix]


def _codes(*codes: Code) -> Iterable[Named]:
    return ((system_of(code.system), code.code) for code in codes)


def _identifiers(pointer: Pointer) -> Iterable[Named]:
    system, value = unique_id(pointer.header.id)
    yield system, value
    yield system, f"urn:oid:{pointer.header.id}"  # as XDS writes it
    yield "urn:ietf:rfc:3986", f"urn:uuid:{pointer.id}"


def _author(pointer: Pointer) -> Iterable[Named]:
    header = pointer.header
    if header.author.national_id:
        yield PROFESSIONALS, header.author.national_id
    for place in (header.author_organisation, header.custodian):
        if place.id:
            yield STRUCTURES, place.id


def _related(pointer: Pointer) -> Iterable[Named]:
    yield from ((f"urn:oid:{oid}", number) for oid, number in pointer.orders)
    yield from (unique_id(former) for former in pointer.header.replaces)


MOMENTS: dict[str, Callable[[Pointer], tuple[datetime, datetime]]] = {
    "creation": lambda one: (one.header.created, one.header.created),
    "date": lambda one: (one.received_at, one.received_at),
    "period": lambda one: one.period,
}
WORDS: dict[str, Callable[[Pointer], str]] = {
    "given": lambda one: one.header.author.given,
    "family": lambda one: one.header.author.family,
}
TOKENS: dict[str, Callable[[Pointer], Iterable[Named]]] = {
    "status": lambda _: [("http://hl7.org/fhir/document-reference-status", "current")],
    "code": lambda _: [SUBMISSION],
    "type": lambda one: _codes(one.type),
    "category": lambda one: _codes(one.category),
    "designationType": lambda one: _codes(one.category),
    "setting": lambda one: _codes(one.setting),
    "facility": lambda one: _codes(one.facility),
    "event": lambda one: _codes(*one.events),
    "format": lambda one: _codes(*(content.format for content in one.contents)),
    "security-label": lambda one: _codes(*(LABELS[code] for code in one.labels), schemes.NORMAL),
    "related": _related,
    "related:identifier": _related,
    "identifier": _identifiers,
    "author.identifier": _author,
    "source.identifier": _author,
    "sourceId": lambda one: [(STRUCTURES, one.header.custodian.id)],
}
