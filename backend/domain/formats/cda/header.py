"""The CDA header (CI-SIS, structuration minimale; interop.md §2.1)."""

from datetime import datetime

from backend.domain.formats.cda.errors import InvalidDocument
from backend.domain.formats.cda.nodes import (
    Node,
    attribute,
    find,
    find_all,
    identifier,
    templates,
    text,
    time,
)
from backend.domain.formats.times import read_day
from backend.domain.ins import OIDS
from backend.domain.reports import (
    Header,
    Organisation,
    Person,
    ReportStatus,
    Traits,
    id_nat_ps,
)

PROFESSIONALS = "1.2.250.1.71.4.2.1"
STRUCTURES = "1.2.250.1.71.4.2.2"
TITLES = {"DR": "Dr", "PR": "Pr", "MG": "Dr"}


def read_header(root: Node) -> Header:
    """The header, or InvalidDocument for what nothing can be filed without."""
    own_id, created, role = _required(root)
    event = find(root, "c:documentationOf/c:serviceEvent")
    author = find(root, "c:author/c:assignedAuthor")
    signature = find(root, "c:legalAuthenticator")
    set_id = find(root, "c:setId")
    return Header(
        id=identifier(own_id),
        type_code=attribute(root, "c:code", "code"),
        type_system=attribute(root, "c:code", "codeSystem"),
        title=text(root, "c:title"),
        created=created,
        patient=_traits(role),
        patient_ids=tuple(identifier(node) for node in find_all(role, "c:id")),
        author=_person(author, "c:assignedPerson"),
        author_organisation=_organisation(find(author, "c:representedOrganization")),
        authenticator=_person(find(signature, "c:assignedEntity"), "c:assignedPerson"),
        validated_at=time(signature, "c:time"),
        custodian=_organisation(
            find(root, "c:custodian/c:assignedCustodian/c:representedCustodianOrganization")
        ),
        performer=_organisation(
            find(event, "c:performer/c:assignedEntity/c:representedOrganization")
        ),
        prescriber=_participant(root, "REF"),
        general_practitioner=_participant(root, "INF", function="PCP"),
        confidentiality=attribute(root, "c:confidentialityCode", "code") or "N",
        set_id=identifier(set_id) if set_id is not None and set_id.get("root") else None,
        version=_version(attribute(root, "c:versionNumber", "value")),
        replaces=tuple(
            identifier(node)
            for node in find_all(root, "c:relatedDocument[@typeCode='RPLC']/c:parentDocument/c:id")
        ),
        status=_status(event),
        sampled_at=_sampled_at(root, event),
        templates=tuple(sorted(templates(root))),
    )


def _required(root: Node) -> tuple[Node, datetime, Node]:
    """The document's id, its date and its patient."""
    own_id = find(root, "c:id")
    if own_id is None or not own_id.get("root"):
        raise InvalidDocument("Le document CDA n’a pas d’identifiant (id).")
    created = time(root, "c:effectiveTime")
    if created is None:
        raise InvalidDocument("Le document CDA n’a pas de date (effectiveTime).")
    role = find(root, "c:recordTarget/c:patientRole")
    if role is None:
        raise InvalidDocument("Le document CDA n’a pas de patient (recordTarget).")
    return own_id, created, role


def _version(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and int(value[:9]) > 0 and len(value) < 10):  # noqa: PLR2004
        raise InvalidDocument("Le numéro de version du document n’est pas un entier positif.")
    return int(value)


def _status(event: Node | None) -> ReportStatus:
    """`lab:statusCode`: active is a partial report, whatever the namespace prefix."""
    status = find(event, "lab:statusCode")
    return (
        ReportStatus.PARTIAL if attribute(status, ".", "code") == "active" else ReportStatus.FINAL
    )


def _sampled_at(root: Node, event: Node | None) -> datetime | None:
    for procedure in root.iterfind(".//c:procedure", {"c": "urn:hl7-org:v3"}):
        if sampled := time(procedure, "c:effectiveTime"):
            return sampled
    return time(event, "c:effectiveTime")


def _traits(role: Node) -> Traits:
    ins = next((i for i in map(identifier, find_all(role, "c:id")) if i.root in OIDS), None)
    patient = find(role, "c:patient")
    name = find(patient, "c:name")
    return Traits(
        matricule=ins.extension if ins else "",
        oid=ins.root if ins else "",
        birth_name=text(name, "c:family[@qualifier='BR']") or _bare(name, "c:family"),
        first_given=text(name, "c:given[@qualifier='BR']") or _first_given(name),
        given_names=_bare(name, "c:given"),
        birth_date=read_day(attribute(patient, "c:birthTime", "value")),
        sex=attribute(patient, "c:administrativeGenderCode", "code"),
        birthplace=text(patient, "c:birthplace/c:place/c:addr/c:county"),
        used_name=text(name, "c:family[@qualifier='CL']")
        or text(name, "c:family[@qualifier='SP']"),
        used_given=text(name, "c:given[@qualifier='CL']"),
    )


def _bare(name: Node | None, path: str) -> str:
    """The first element of this path without a qualifier."""
    return next((text(node) for node in find_all(name, path) if not node.get("qualifier")), "")


def _first_given(name: Node | None) -> str:
    return _bare(name, "c:given").split(" ")[0]


def _participant(root: Node, kind: str, function: str = "") -> Person:
    for node in find_all(root, f"c:participant[@typeCode='{kind}']"):
        if not function or attribute(node, "c:functionCode", "code") == function:
            return _person(find(node, "c:associatedEntity"), "c:associatedPerson")
    return Person()


def _person(entity: Node | None, person: str) -> Person:
    name = find(entity, f"{person}/c:name")
    titles = (text(name, "c:prefix"), text(name, "c:suffix"))
    title = next(
        (TITLES[t.upper().strip(".")] for t in titles if t.upper().strip(".") in TITLES), ""
    )
    return Person(
        national_id=id_nat_ps(attribute(entity, f"c:id[@root='{PROFESSIONALS}']", "extension")),
        family=text(name, "c:family") or text(name),
        given=text(name, "c:given"),
        prefix=title,
        profession=attribute(entity, "c:code", "displayName"),
    )


def _organisation(node: Node | None) -> Organisation:
    phone = next(
        (t for n in find_all(node, "c:telecom") if (t := n.get("value") or "").startswith("tel:")),
        "",
    )
    return Organisation(
        id=attribute(node, f"c:id[@root='{STRUCTURES}']", "extension"),
        name=text(node, "c:name"),
        city=text(node, "c:addr/c:city"),
        phone=phone.removeprefix("tel:"),
    )
