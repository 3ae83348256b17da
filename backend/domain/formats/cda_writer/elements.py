"""The bricks of a CDA R2 document: elements, codes, identifiers, instants, people."""

from collections.abc import Iterable
from datetime import date, datetime

from lxml import etree

from backend.domain.reports import Identifier, Organisation, Person

HL7 = "urn:hl7-org:v3"
LAB = "urn:oid:1.3.6.1.4.1.19376.1.3.2"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {None: HL7, "lab": LAB, "xsi": XSI}

LOINC = "2.16.840.1.113883.6.1"
PROFESSIONALS = "1.2.250.1.71.4.2.1"
STRUCTURES = "1.2.250.1.71.4.2.2"
PROFESSIONS = "1.2.250.1.213.1.1.4.5"
SYSTEM_NAMES = {LOINC: "LOINC", "2.16.840.1.113883.6.96": "SNOMED CT"}

Element = etree._Element  # noqa: SLF001 - lxml has no public name for its elements
Child = Element | str | None | Iterable["Element | None"]

PROFESSION_CODES = {
    "Médecin - Biologie médicale (SM)": "G15_10/SM03",
    "Pharmacien biologiste": "G15_21/G",
    "Médecin - Qualifié en Médecine Générale (SM)": "G15_10/SM26",
    "Médecin - Gynécologie médicale (C)": "G15_10/C25",
    "Pharmacien titulaire d'officine": "G15_21/A",
    "Infirmier": "G15_60",
}


def el(name: str, *children: Child, xsi_type: str = "", **attributes: str) -> Element:
    """An element of the HL7 namespace; None children are left out, a trailing `_` is dropped."""
    element = etree.Element(f"{{{HL7}}}{name}", nsmap=NAMESPACES)  # type: ignore[arg-type]
    if xsi_type:
        element.set(f"{{{XSI}}}type", xsi_type)
    for key, value in attributes.items():
        element.set(key.rstrip("_"), value)
    for child in children:
        _add(element, child)
    return element


def _add(parent: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, str):
        _add_text(parent, child)
    elif isinstance(child, Element):
        parent.append(child)
    else:
        parent.extend([element for element in child if element is not None])


def _add_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def templates(*roots: str) -> list[Element]:
    """One `templateId` for each root."""
    return [el("templateId", root=root) for root in roots]


def code(
    value: str,
    *children: Child,
    display: str = "",
    system: str = LOINC,
    name: str = "code",
    xsi_type: str = "",
    system_name: str = "",
) -> Element:
    """A coded element; without a value it only keeps its children (`originalText`…)."""
    attributes = {
        "code": value,
        "displayName": display,
        "codeSystem": system if value else "",
    }
    attributes["codeSystemName"] = SYSTEM_NAMES.get(system, system_name) if value else ""
    given = {key: text for key, text in attributes.items() if text}
    return el(name, *children, xsi_type=xsi_type, **given)


def reference(target: str, name: str = "originalText") -> Element:
    """Points at the narrative element that has this ID."""
    return el(name, el("reference", value=f"#{target}"))


def instance(identifier: Identifier, name: str = "id") -> Element:
    """An instance identifier (II)."""
    if not identifier.extension:
        return el(name, root=identifier.root)
    return el(name, root=identifier.root, extension=identifier.extension)


def instant(value: date) -> str:
    """`20260412084200+0200` for a moment, `20260412` for a day."""
    if isinstance(value, datetime):
        return value.strftime("%Y%m%d%H%M%S%z")
    return value.strftime("%Y%m%d")


def time(value: date | None, name: str = "time") -> Element:
    """A point in time, or its absence said."""
    return el(name, value=instant(value)) if value else el(name, nullFlavor="UNK")


def interval(low: date | None = None, high: date | None = None, name: str = "time") -> Element:
    """A period; an unknown end is left out, an unknown period is said unknown."""
    if low is None and high is None:
        return el(name, nullFlavor="UNK")
    return el(
        name,
        el("low", value=instant(low)) if low else None,
        el("high", value=instant(high)) if high else None,
    )


def person_id(person: Person) -> Element:
    """idNat_PS, or its absence said."""
    if not person.national_id:
        return el("id", nullFlavor="UNK")
    return instance(Identifier(PROFESSIONALS, person.national_id))


def person_name(person: Person) -> Element:
    """Prefix, given and family names, as the document shows them."""
    return el(
        "name",
        el("prefix", person.prefix) if person.prefix else None,
        el("given", person.given) if person.given else None,
        el("family", person.family),
    )


def profession(person: Person) -> Element | None:
    """Profession and specialty (TRE_A00); a label without a known code is kept as words."""
    if not person.profession:
        return None
    known = PROFESSION_CODES.get(person.profession, "")
    if known:
        return code(known, display=person.profession, system=PROFESSIONS)
    return el("code", nullFlavor="OTH", displayName=person.profession)


def telecom(phone: str) -> Element:
    """A work phone, or its absence said."""
    return el("telecom", value=f"tel:{phone}", use="WP") if phone else nothing("telecom")


def nothing(name: str) -> Element:
    """An element that the schema asks for and that nobody has to know."""
    return el(name, nullFlavor="NAV")


def address(city: str) -> Element:
    """A structure's town."""
    return el("addr", el("city", city)) if city else nothing("addr")


def organisation(structure: Organisation, name: str, *more: Child) -> Element:
    """A structure: idNat_Struct, name, phone, town."""
    return el(
        name,
        instance(Identifier(STRUCTURES, structure.id)) if structure.id else None,
        el("name", structure.name) if structure.name else None,
        telecom(structure.phone),
        address(structure.city),
        *more,
    )
