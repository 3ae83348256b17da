"""Resources as PDSm_ComprehensiveDocumentReference and MHD’s submission set want them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.domain.formats.pdsm.matching import PROFESSIONALS, STRUCTURES, SUBMISSION
from backend.domain.formats.pdsm.values import (
    LABELS,
    URI,
    Content,
    Pointer,
    system_of,
    unique_id,
)
from backend.domain.formats.xdm import schemes
from backend.domain.formats.xdm.values import Code
from backend.domain.reports import Organisation, Person, Traits

Resource = dict[str, Any]
PROFILES = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
REFERENCE = f"{PROFILES}/pdsm-comprehensive-document-reference"
LOT = f"{PROFILES}/pdsm-submissionset-comprehensive"
MHD = "https://profiles.ihe.net/ITI/MHD/StructureDefinition"
GENDERS = {"M": "male", "F": "female"}


def write_reference(pointer: Pointer, subject: Traits, base: str) -> Resource:
    """One document that is there."""
    contained, roles = _people(pointer)
    labels = (schemes.NORMAL, *(LABELS[one] for one in pointer.labels))
    return _bare(
        {
            "resourceType": "DocumentReference",
            "id": pointer.id,
            "meta": {"profile": [REFERENCE]},
            "contained": contained,
            "masterIdentifier": _identifier(*unique_id(pointer.header.id)),
            "identifier": [_identifier(URI, f"urn:uuid:{pointer.id}")],
            "status": "current",
            "type": _concept(pointer.type),
            "category": [_concept(pointer.category)],
            "subject": _subject(subject),
            "date": _moment(pointer.received_at),
            **_roles(roles),
            "relatesTo": _replaced(pointer),
            "securityLabel": [_concept(code) for code in labels],
            "content": [_content(one, pointer, base) for one in pointer.contents],
            "context": _context(pointer, roles["source"]),
        }
    )


def _roles(roles: dict[str, str]) -> Resource:
    who: Resource = {
        name: {"reference": roles[name]} for name in ("authenticator", "custodian") if name in roles
    }
    return {"author": [{"reference": roles["author"]}], **who}


def _replaced(pointer: Pointer) -> list[Resource]:
    return [
        {"code": "replaces", "target": {"identifier": _identifier(*unique_id(former))}}
        for former in pointer.header.replaces
    ]


def _context(pointer: Pointer, source: str) -> Resource:
    started, ended = pointer.period
    orders = [_identifier(f"urn:oid:{oid}", number) for oid, number in pointer.orders]
    return _bare(
        {
            "event": [_concept(code) for code in pointer.events],
            "period": {"start": _moment(started), "end": _moment(ended)},
            "facilityType": _concept(pointer.facility),
            "practiceSetting": _concept(pointer.setting),
            "sourcePatientInfo": {"reference": source},
            "related": [{"identifier": order} for order in orders],
        }
    )


def write_lot(pointer: Pointer, subject: Traits, base: str) -> Resource:
    """The deposit that brought it."""
    contained, roles = _people(pointer)
    used = {roles["author"].removeprefix("#"), roles["source"].removeprefix("#")}
    return _bare(
        {
            "resourceType": "List",
            "id": pointer.id,
            "meta": {"profile": [LOT]},
            "contained": [one for one in contained if one["id"] in used],
            "extension": _extensions(pointer, roles["source"]),
            "identifier": [
                {"use": "official", "system": URI, "value": f"urn:uuid:{pointer.id}"},
            ],
            "status": "current",
            "mode": "working",
            "title": pointer.header.title,
            "code": {"coding": [{"system": SUBMISSION[0], "code": SUBMISSION[1]}]},
            "subject": _subject(subject),
            "date": _moment(pointer.received_at),
            "source": {"reference": roles["author"]},
            "entry": [{"item": {"reference": f"{base}/DocumentReference/{pointer.id}"}}],
        }
    )


def _extensions(pointer: Pointer, source: str) -> list[Resource]:
    site = pointer.header.custodian.id
    said = {
        "designationType": {"valueCodeableConcept": _concept(pointer.category)},
        "sourceId": {"valueIdentifier": _identifier(STRUCTURES, site)} if site else None,
        "sourcePatientId": {"valueReference": {"reference": source}},
    }
    return [{"url": f"{MHD}/ihe-{name}", **value} for name, value in said.items() if value]


def write_bundle(
    resources: Sequence[Resource], base: str, *, here: str, following: str, whole: bool
) -> Resource:
    """What was found; how many only when all of it is here."""
    return _bare(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(resources) if whole else None,
            "link": [
                {"relation": "self", "url": here},
                *([{"relation": "next", "url": following}] if following else []),
            ],
            "entry": [
                {
                    "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
                    "resource": one,
                    "search": {"mode": "match"},
                }
                for one in resources
            ],
        }
    )


def _people(pointer: Pointer) -> tuple[list[Resource], dict[str, str]]:
    """The resources inside, and which of them is what."""
    header = pointer.header
    found, roles = [_patient(header.patient)], {"source": "#source"}
    for role, person in (("author", header.author), ("authenticator", header.authenticator)):
        if not pointer.own and (person.family or person.national_id):
            found.append(_practitioner(role, person))
            roles[role] = f"#{role}"
    place = Organisation(name="Repères") if pointer.own else header.custodian
    found.append(_organisation("custodian", place))
    roles["custodian"] = "#custodian"
    roles.setdefault("author", "#source" if pointer.own else "#custodian")
    return found, roles


def _patient(who: Traits) -> Resource:
    name = {"use": "official", "family": who.birth_name, "given": [who.first_given]}
    return _bare(
        {
            "resourceType": "Patient",
            "id": "source",
            "identifier": [_identifier(f"urn:oid:{who.oid}", who.matricule)]
            if who.matricule
            else None,
            "name": [name] if who.birth_name and who.first_given else None,
            "gender": GENDERS.get(who.sex),
            "birthDate": who.birth_date.isoformat() if who.birth_date else None,
        }
    )


def _practitioner(id_: str, person: Person) -> Resource:
    name = {"family": person.family, "given": [person.given] if person.given else []}
    prefix = [person.prefix] if person.prefix else []
    return _bare(
        {
            "resourceType": "Practitioner",
            "id": id_,
            "identifier": [_identifier(PROFESSIONALS, person.national_id)]
            if person.national_id
            else None,
            "name": [_bare(name | {"prefix": prefix})],
        }
    )


def _organisation(id_: str, place: Organisation) -> Resource:
    number = [_identifier(STRUCTURES, place.id)] if place.id else []
    return _bare(
        {"resourceType": "Organization", "id": id_, "identifier": number, "name": place.name}
    )


def _content(content: Content, pointer: Pointer, base: str) -> Resource:
    attachment = {
        "contentType": content.media_type,
        "language": pointer.entry.language if pointer.entry else "fr-FR",
        "url": f"{base}/Binary/{content.id}",
        "size": content.size,
        "hash": content.hash,
        "title": pointer.header.title,
        "creation": _moment(pointer.header.created),
    }
    return {"attachment": _bare(attachment), "format": _coding(content.format)}


def _subject(who: Traits) -> Resource:
    return {"reference": f"Patient?identifier=urn:oid:{who.oid}|{who.matricule}"}


def _concept(code: Code) -> Resource:
    return {"coding": [_coding(code)]} if code.code else {"text": code.display}


def _coding(code: Code) -> Resource:
    return _bare({"system": system_of(code.system), "code": code.code, "display": code.display})


def _identifier(system: str, value: str) -> Resource:
    return {"system": system, "value": value}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _bare(resource: Resource) -> Resource:
    """FHIR has neither nulls nor empty strings nor empty lists."""
    return {name: value for name, value in resource.items() if value not in (None, "", [])}
