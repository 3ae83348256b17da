"""From the header of a CDA to the metadata of XDS, as the ANS maps them (interop.md §3.3)."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha1

from backend.domain.formats.cda import InvalidDocument, document_of
from backend.domain.formats.cda.header import PROFESSIONALS, STRUCTURES, read_header
from backend.domain.formats.cda.nodes import Node, attribute, find, find_all, identifier, text
from backend.domain.formats.times import read_time
from backend.domain.formats.xdm import schemes
from backend.domain.formats.xdm.values import Author, Code, Entry
from backend.domain.ins import OIDS
from backend.domain.reports import Header, Traits

ORDER = "urn:ihe:iti:xds:2013:order"
MARKS = str.maketrans("^&~|\\", "     ")
"""What would cut a component in two, replaced: XDS has no escape of its own."""
ENCOUNTER = "c:componentOf/c:encompassingEncounter"


def entry_of(content: bytes, hidden: Sequence[Code] = ()) -> Entry:
    """The metadata of this CDA; `hidden` are the visibility codes that travel beside it.

    InvalidDocument when there is no INS: such a document does not leave.
    """
    root = document_of(content)
    header = read_header(root)
    if not header.patient.matricule:
        raise InvalidDocument("Le document CDA n’a pas d’INS.")
    events = find_all(root, "c:documentationOf/c:serviceEvent")
    span = find(events[0] if events else None, "c:effectiveTime")
    return Entry(
        unique_id=str(header.id),
        title=header.title,
        created=header.created,
        hash=sha1(content, usedforsecurity=False).hexdigest(),
        size=len(content),
        patient_id=_cx(header.patient.matricule, header.patient.oid, "NH"),
        source_patient_id=_local_id(header),
        source_patient_info=tuple(_traits(header.patient)),
        authors=tuple(_author(node) for node in find_all(root, "c:author")),
        authenticator=_person(find(root, "c:legalAuthenticator/c:assignedEntity")),
        document_class=schemes.CLASS_OF_TYPE.get(header.type_code, schemes.REPORT),
        document_type=_code(find(root, "c:code")),
        format=_format(root, header),
        confidentiality=(_confidentiality(root), *hidden),
        facility=_code(
            find(root, f"{ENCOUNTER}/c:location/c:healthCareFacility/c:code"), schemes.LABORATORY
        ),
        setting=_setting(events),
        events=tuple(_events(events)),
        references=tuple(_orders(root)),
        started=_moment(attribute(span, "c:low", "value") or attribute(span, ".", "value")),
        ended=_moment(attribute(span, "c:high", "value")),
        language=attribute(root, "c:languageCode", "code") or "fr-FR",
        replaces=tuple(map(str, header.replaces)),
        content_type=schemes.ACTIVITY_OF_ENCOUNTER.get(
            attribute(root, f"{ENCOUNTER}/c:code", "code"), schemes.OUTPATIENT
        ),
    )


def _moment(value: str) -> datetime | None:
    return read_time(value) if value else None


def _code(node: Node | None, otherwise: Code = schemes.NO_PROFILE) -> Code:
    """A coded element; `otherwise` where it is not there or says nothing."""
    code = attribute(node, ".", "code")
    if not code:
        return otherwise
    return Code(code, attribute(node, ".", "codeSystem"), attribute(node, ".", "displayName"))


def _confidentiality(root: Node) -> Code:
    found = _code(find(root, "c:confidentialityCode"), schemes.NORMAL)
    return found if found.code != schemes.NORMAL.code else schemes.NORMAL


def _format(root: Node, header: Header) -> Code:
    """An unstructured body says what it is by itself; else the narrowest template does."""
    body = find(root, "c:component/c:nonXMLBody/c:text")
    if body is not None:
        return schemes.FORMAT_OF_BODY.get(attribute(body, ".", "mediaType"), schemes.NO_PROFILE)
    known = (
        code for root_, code in schemes.FORMAT_OF_TEMPLATE.items() if root_ in header.templates
    )
    return next(known, schemes.NO_PROFILE)


def _setting(events: Sequence[Node]) -> Code:
    path = "c:performer/c:assignedEntity/c:representedOrganization/c:standardIndustryClassCode"
    said = (_code(find(event, path), schemes.AMBULATORY) for event in events)
    return next(said, schemes.AMBULATORY)


def _events(events: Sequence[Node]) -> list[Code]:
    found = [_code(find(event, "c:code")) for event in events]
    return [code for code in dict.fromkeys(found) if code is not schemes.NO_PROFILE]


def _orders(root: Node) -> list[str]:
    orders = map(identifier, find_all(root, "c:inFulfillmentOf/c:order/c:id"))
    return [
        f"{_plain(order.extension or order.root)}^^^&{_plain(order.root)}&ISO^{ORDER}"
        for order in orders
        if order.root
    ]


def _local_id(header: Header) -> str:
    """The number that the laboratory knows its patient by; the INS where it gives none."""
    local = (one for one in header.patient_ids if one.root and one.root not in OIDS)
    for one in local:
        return _cx(one.extension, one.root, "PI")
    return _cx(header.patient.matricule, header.patient.oid, "NH")


def _cx(number: str, oid: str, kind: str) -> str:
    return f"{_plain(number)}^^^&{_plain(oid)}&ISO^{kind}"


def _traits(who: Traits) -> list[str]:
    """Fields of a PID: names of birth, day, sex, place of birth."""
    names = (who.birth_name, who.first_given, who.given_names)
    said = [f"PID-5|{'^'.join(map(_plain, names))}^^^^L"]
    if who.used_name:
        said.append(f"PID-5|{_plain(who.used_name)}^{_plain(who.used_given)}^^^^^D")
    said += [f"PID-7|{_day(who.birth_date)}", f"PID-8|{who.sex}"]
    if who.birthplace:
        said.append(f"PID-11|^^^^^^BDL^^{_plain(who.birthplace)}")
    return said


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""


def _author(node: Node) -> Author:
    assigned = find(node, "c:assignedAuthor")
    specialty = _code(find(assigned, "c:code"), Code(""))
    parts = (specialty.code, specialty.display, specialty.system)
    return Author(
        person=_person(assigned),
        institution=_institution(find(assigned, "c:representedOrganization")),
        specialty="^".join(map(_plain, parts)) if specialty.code else "",
        role=attribute(node, "c:functionCode", "displayName"),
    )


def _person(entity: Node | None) -> str:
    """XCN; an id with a slash is one that an institution gives (EI)."""
    number = attribute(entity, f"c:id[@root='{PROFESSIONALS}']", "extension")
    name = find(entity, "c:assignedPerson/c:name")
    family, given = text(name, "c:family") or text(name), text(name, "c:given")
    if not number and not family:
        return ""
    names = "^".join(map(_plain, (number, family, given)))
    if not number:
        return names
    return f"{names}^^^^^^&{PROFESSIONALS}&ISO^D^^^{'EI' if '/' in number else 'IDNPS'}"


def _institution(node: Node | None) -> str:
    name, number = text(node, "c:name"), attribute(node, f"c:id[@root='{STRUCTURES}']", "extension")
    if not number:
        return _plain(name)
    return f"{_plain(name)}^^^^^&{STRUCTURES}&ISO^IDNST^^^{_plain(number)}"


def _plain(value: str) -> str:
    return value.translate(MARKS).strip()
