"""The entries of a section: act, batteries, isolates and results (XD-LAB, CR-BIO 2024.01)."""

from backend.domain.formats.cda_writer import elements
from backend.domain.formats.cda_writer.elements import (
    Child,
    Element,
    code,
    el,
    reference,
)
from backend.domain.formats.cda_writer.layout import Battery, Isolate, Leaf, Line
from backend.domain.formats.cda_writer.values import write_range, write_value
from backend.domain.reports import Header, Previous, ReportStatus, Result

ANTIBIOGRAM = ("18769-0", "Antibiogramme")
INTERPRETATION = "2.16.840.1.113883.5.83"
OURS = "Codes du laboratoire"


def write_entry(leaf: Leaf, header: Header, images: list[Element]) -> Element:
    """The one entry of a section: an act that holds its results and images."""
    signers = {line.result.validated_by for line in leaf.lines}
    shared = signers.pop() if len(signers) == 1 else ""
    status = "active" if header.status is ReportStatus.PARTIAL else "completed"
    act = el(
        "act",
        code(leaf.code, display=leaf.title),
        el("statusCode", code=status),
        _validation(shared, header),
        _component(_sampling(header), "entryRelationship"),
        [part for isolate in leaf.isolates for part in _isolate(isolate, header, shared)],
        [_component(image, "entryRelationship") for image in images],
        classCode="ACT",
        moodCode="EVN",
    )
    marks = elements.templates("1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")
    return el("entry", marks, act, typeCode="DRIV")


def _component(child: Element | None, name: str) -> Element | None:
    if child is None:
        return None
    return el(name, child, typeCode="COMP") if name == "entryRelationship" else el(name, child)


def _validation(name: str, header: Header) -> Element | None:
    """The biologist who validated these results (AUTHEN)."""
    if not name:
        return None
    *given, family = name.split(" ")
    role = el(
        "participantRole",
        elements.person_id(header.authenticator)
        if family == header.authenticator.family
        else elements.nothing("id"),
        elements.nothing("addr"),
        elements.nothing("telecom"),
        el(
            "playingEntity",
            el(
                "name",
                el("given", " ".join(given)) if given else None,
                el("family", family),
            ),
        ),
    )
    marks = elements.templates("1.3.6.1.4.1.19376.1.3.3.1.5", "1.2.250.1.213.1.1.3.109")
    when = elements.interval(high=header.validated_at)
    return el("participant", marks, when, role, typeCode="AUTHEN")


def _sampling(header: Header) -> Element | None:
    if header.sampled_at is None:
        return None
    return el(
        "procedure",
        elements.templates("1.3.6.1.4.1.19376.1.3.1.2", "1.2.250.1.213.1.1.3.77"),
        el("code", nullFlavor="NAV"),
        elements.interval(high=header.sampled_at, name="effectiveTime"),
        el("participant", _specimen(), typeCode="PRD"),
        classCode="PROC",
        moodCode="EVN",
    )


def _specimen() -> Element:
    """What was sampled has a place in the schematrons; nobody said its number."""
    entity = el("playingEntity", el("code", nullFlavor="UNK"))
    return el("participantRole", el("id", nullFlavor="UNK"), entity, classCode="SPEC")


def _isolate(isolate: Isolate, header: Header, shared: str) -> list[Element | None]:
    if not isolate.germ:
        return _batteries(isolate.batteries, header, shared, "entryRelationship")
    germ = el("code", reference(isolate.cell()), nullFlavor="OTH")
    entity = el("specimenPlayingEntity", germ, el("name", isolate.germ), classCode="MIC")
    cluster = el(
        "organizer",
        elements.templates("1.3.6.1.4.1.19376.1.3.1.5", "1.2.250.1.213.1.1.3.79"),
        el("statusCode", code="completed"),
        el("specimen", el("specimenRole", entity, classCode="SPEC"), typeCode="SPC"),
        _batteries(isolate.batteries, header, shared, "component"),
        classCode="CLUSTER",
        moodCode="EVN",
    )
    return [_component(cluster, "entryRelationship")]


def _batteries(
    batteries: tuple[Battery, ...], header: Header, shared: str, link: str
) -> list[Element | None]:
    parts: list[Element | None] = []
    for battery in batteries:
        inside = "component" if battery.named else link
        results = [_component(_observation(line, header, shared), inside) for line in battery.lines]
        parts += [_component(_battery(battery, results), link)] if battery.named else results
    return parts


def _battery(battery: Battery, results: list[Element | None]) -> Element:
    first = battery.first
    value, title = first.battery, first.battery_title
    if first.antibiogram:
        value, title = value or ANTIBIOGRAM[0], title or ANTIBIOGRAM[1]
    words = reference(battery.cell("groupe")) if first.battery_title else None
    return el(
        "organizer",
        elements.templates("1.3.6.1.4.1.19376.1.3.1.4", "1.2.250.1.213.1.1.3.78"),
        code(value, words, display=title if value else ""),
        el("statusCode", code="completed"),
        results,
        classCode="BATTERY",
        moodCode="EVN",
    )


def _observation(line: Line, header: Header, shared: str) -> Element:
    result = line.result
    signer = "" if result.validated_by == shared else result.validated_by
    return el(
        "observation",
        elements.templates("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80"),
        _test(line),
        el("statusCode", code=result.status),
        elements.time(result.on, "effectiveTime") if result.on else None,
        write_value(result.value, *result.also, cell=line.cell("resultat")),
        [code(flag, system=INTERPRETATION, name="interpretationCode") for flag in result.flags],
        el("methodCode", reference(line.cell("methode"))) if result.method else None,
        _validation(signer, header),
        [_comment(line, rank) for rank in range(len(result.comments))],
        [_previous(past, result) for past in result.previous],
        write_range(result.bounds, line.cell("repere")) if result.bounds else None,
        classCode="OBS",
        moodCode="EVN",
    )


def _test(line: Line) -> Element:
    """LOINC, or the laboratory's own code as a translation of nothing."""
    result = line.result
    words: list[Child] = [reference(line.cell("examen"))]
    if result.local_code:
        words.append(
            code(
                result.local_code,
                display=result.label,
                system=result.local_system,
                name="translation",
                system_name=OURS,
            )
        )
    display = (result.display or result.label) if result.loinc else ""
    return code(result.loinc, *words, display=display)


def _comment(line: Line, rank: int) -> Element:
    act = el(
        "act",
        elements.templates(
            "2.16.840.1.113883.10.20.1.40",
            "1.3.6.1.4.1.19376.1.5.3.1.4.2",
            "1.2.250.1.213.1.1.3.32",
        ),
        code("48767-8", display="Commentaire"),
        reference(line.cell(f"commentaire-{rank + 1}"), "text"),
        el("statusCode", code="completed"),
        classCode="ACT",
        moodCode="EVN",
    )
    return el("entryRelationship", act, typeCode="SUBJ")


def _previous(past: Previous, result: Result) -> Element:
    observation = el(
        "observation",
        code(past.loinc or result.loinc, display=result.display),
        el("statusCode", code="completed"),
        elements.time(past.on, "effectiveTime"),
        write_value(past.value),
        classCode="OBS",
        moodCode="EVN",
    )
    return el("entryRelationship", observation, typeCode="REFR")
