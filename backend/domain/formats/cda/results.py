"""The flat list of results of a structured body (interop.md §2.4)."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from backend.domain.formats.cda.limits import MOST_RESULTS, check_count, check_line, check_texts
from backend.domain.formats.cda.nodes import (
    LOINC,
    NS,
    Node,
    attribute,
    find,
    find_all,
    templates,
    text,
    time,
)
from backend.domain.formats.cda.values import also, read_bounds, read_value
from backend.domain.reports import Previous, Result, Value

RESULT = "1.3.6.1.4.1.19376.1.3.1.6"
BATTERY = "1.3.6.1.4.1.19376.1.3.1.4"
ISOLATE = "1.3.6.1.4.1.19376.1.3.1.5"
COMMENT = "48767-8"
ANTIBIOGRAM = "18769-0"
OBSERVATION, LINK = f"{{{NS['c']}}}observation", f"{{{NS['c']}}}entryRelationship"
LEVELS = {f"{{{NS['c']}}}{name}": name for name in ("section", "organizer", "act")}


class Around(Struct, frozen=True):
    """What stands above a result and holds for it."""

    chapter: str = ""
    chapter_title: str = ""
    subchapter: str = ""
    subchapter_title: str = ""
    battery: str = ""
    battery_title: str = ""
    isolate: str = ""
    antibiogram: bool = False
    sampled_at: datetime | None = None
    validated_by: str = ""


def read_results(body: Node, words: dict[str, str], default: datetime | None) -> tuple[Result, ...]:
    """Every result, in the order of the document; earlier values quoted inside are not results."""
    found: list[Result] = []
    _walk(body, Around(sampled_at=default), words, found)
    return tuple(found)


def _walk(node: Node, around: Around, words: dict[str, str], found: list[Result]) -> None:
    """Depth first. What is said of a level (section, battery, isolate) holds below it."""
    for child in node:
        name = child.tag
        if name == OBSERVATION and RESULT in templates(child):
            check_count(len(found), MOST_RESULTS - 1, "résultats")
            found.append(_result(child, around, words))
            _check_length(found[-1])
        elif name == LINK and child.get("typeCode") == "REFR":
            continue
        elif name in LEVELS and len(child):
            _walk(child, _below(child, around, words), words, found)
        elif len(child):
            _walk(child, around, words, found)


def _below(node: Node, around: Around, words: dict[str, str]) -> Around:
    name, code = LEVELS[str(node.tag)], attribute(node, "c:code", "code")
    known = {field: getattr(around, field) for field in Around.__struct_fields__}
    if name == "section":
        level = "subchapter" if around.chapter else "chapter"
        known |= {level: code, f"{level}_title": text(node, "c:title") or _display(node)}
    elif name == "organizer" and ISOLATE in templates(node):
        known |= {"isolate": _germ(node), "battery": "", "battery_title": ""}
    elif name == "organizer" and BATTERY in templates(node):
        known |= {
            "battery": code,
            "battery_title": _display(node) or words.get(_reference(node), ""),
            "antibiogram": code == ANTIBIOGRAM or bool(around.isolate),
        }
    known["sampled_at"] = _sampling(node) or around.sampled_at
    known["validated_by"] = _validator(node) or around.validated_by
    below = Around(**known)
    check_line(*_titles(below), below.isolate, below.validated_by)
    return below


def _titles(around: Around) -> tuple[str, ...]:
    chapter = (around.chapter, around.chapter_title, around.subchapter, around.subchapter_title)
    return (*chapter, around.battery, around.battery_title)


def _check_length(result: Result) -> None:
    value, bounds = result.value, result.bounds
    check_line(result.label, result.method, result.display, value.number, value.unit, *result.flags)
    check_line(result.local_code, result.local_system, result.validated_by, value.code)
    check_texts(value.text, *result.comments)
    if bounds:
        check_line(bounds.low, bounds.high, bounds.unit)
        check_texts(bounds.text)


def _result(node: Node, around: Around, words: dict[str, str]) -> Result:
    code = find(node, "c:code")
    is_loinc = attribute(code, ".", "codeSystem") == LOINC and bool(attribute(code, ".", "code"))
    translation = find(code, "c:translation")
    local = code if attribute(code, ".", "code") and not is_loinc else translation
    raw = find(node, "c:value")
    value = read_value(raw, words)
    return Result(
        label=_label(code, words, value),
        value=value,
        loinc=attribute(code, ".", "code") if is_loinc else "",
        local_code=attribute(local, ".", "code"),
        local_system=attribute(local, ".", "codeSystem"),
        display=attribute(code, ".", "displayName"),
        also=also(raw),
        bounds=read_bounds(node, words),
        flags=tuple(
            flag.get("code", "").strip()
            for flag in find_all(node, "c:interpretationCode")
            if flag.get("code")
        ),
        status=attribute(node, "c:statusCode", "code") or "completed",
        on=time(node, "c:effectiveTime") or around.sampled_at,
        method=_method(node, words),
        comments=tuple(read_comments(node, words)),
        previous=tuple(_previous(node, words)),
        chapter=around.chapter,
        chapter_title=around.chapter_title,
        subchapter=around.subchapter,
        subchapter_title=around.subchapter_title,
        battery=around.battery,
        battery_title=around.battery_title,
        isolate=around.isolate,
        antibiogram=around.antibiogram,
        validated_by=_validator(node) or around.validated_by,
    )


def read_comments(node: Node, words: dict[str, str]) -> Iterator[str]:
    """Comments attached to this element itself, in words."""
    for link in find_all(node, "c:entryRelationship") + find_all(node, "c:component"):
        act = find(link, "c:act")
        if act is not None and attribute(act, "c:code", "code") == COMMENT:
            said = words.get(_reference(act, "c:text"), "") or text(act, "c:text")
            if said:
                yield said


def _label(code: Node | None, words: dict[str, str], value: Value) -> str:
    """The laboratory's words; not the value that some senders point at by mistake."""
    label = words.get(_reference(code, "c:originalText"), "") or text(code, "c:originalText")
    if label and not _is_the_value(label, value):
        return label
    return (
        attribute(code, ".", "displayName")
        or attribute(code, "c:translation", "displayName")
        or label
        or attribute(code, ".", "code")
        or attribute(code, "c:translation", "code")
        or "Analyse"
    )


def _is_the_value(label: str, value: Value) -> bool:
    """« 4,89 mmol/L » is the value 4.89 mmol/L; « 25-OH vitamine D » is a name, even for 25."""
    said, number = label.replace(",", "."), value.number
    if not number or not said.startswith(number):
        return False
    return said.removeprefix(number).strip().casefold() in {"", value.unit.casefold()}


def _previous(node: Node, words: dict[str, str]) -> Iterator[Previous]:
    for link in find_all(node, "c:entryRelationship[@typeCode='REFR']"):
        earlier = find(link, "c:observation")
        if earlier is None:
            continue
        code = find(earlier, "c:code")
        is_loinc = attribute(code, ".", "codeSystem") == LOINC
        yield Previous(
            value=read_value(find(earlier, "c:value"), words),
            on=time(earlier, "c:effectiveTime"),
            loinc=attribute(code, ".", "code") if is_loinc else "",
        )


def _method(node: Node, words: dict[str, str]) -> str:
    method = find(node, "c:methodCode")
    return (
        attribute(method, ".", "displayName")
        or words.get(_reference(method, "c:originalText"), "")
        or text(method, "c:originalText")
    )


def _germ(node: Node) -> str:
    path = "c:specimen/c:specimenRole/c:specimenPlayingEntity"
    player = find(node, path)
    return attribute(player, "c:code", "displayName") or text(player, "c:name") or "Germe isolé"


def _sampling(node: Node) -> datetime | None:
    for link in ("c:entryRelationship", "c:component"):
        for found in find_all(node, f"{link}/c:procedure"):
            if sampled := time(found, "c:effectiveTime"):
                return sampled
    return None


def _validator(node: Node) -> str:
    """The AUTHEN participant: the biologist who validated what is below."""
    for participant in find_all(node, "c:participant[@typeCode='AUTHEN']"):
        name = find(participant, "c:participantRole/c:playingEntity/c:name")
        if name is not None:
            given, family = text(name, "c:given"), text(name, "c:family")
            return f"{given} {family}".strip() or text(name)
    return ""


def _display(node: Node) -> str:
    return attribute(node, "c:code", "displayName")


def _reference(node: Node | None, path: str = "c:code/c:originalText") -> str:
    return attribute(find(node, path), "c:reference", "value").removeprefix("#")
