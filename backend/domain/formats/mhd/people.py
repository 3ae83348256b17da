"""Of whom a resource speaks, and which structure answers for it."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import parse_qs, urlsplit

from backend.domain.formats.mhd.errors import FhirError
from backend.domain.formats.mhd.resources import Contained, DocumentReference, Identifier, Reference
from backend.domain.ins import OIDS
from backend.domain.reports import Organisation, Traits

STRUCTURES = "urn:oid:1.2.250.1.71.4.2.2"
OID = "urn:oid:"
SEXES = {"male": "M", "female": "F"}


def read_patient(
    subject: Reference, contained: tuple[Contained, ...], source: Reference | None, where: str
) -> Traits:
    """The INS by which the subject is named, with the traits of sourcePatientInfo; FhirError."""
    named = _named(subject, contained)
    ins = next((found for found in named if _oid(found) in OIDS and found.value), None)
    if ins is None:
        raise FhirError(
            "required", "L’INS manque : Patient?identifier=urn:oid:…|matricule.", f"{where}.subject"
        )
    person = _resolve(source, contained, "Patient")
    if person is None:
        return Traits(matricule=ins.value, oid=_oid(ins))
    told = [found for found in person.identifier if _oid(found) in OIDS]
    if told and ins not in told:
        raise FhirError(
            "conflict",
            "sourcePatientInfo n’a pas l’INS du sujet.",
            f"{where}.context.sourcePatientInfo",
        )
    return _traits(ins, person)


def read_sender(document: DocumentReference) -> Organisation | None:
    """The structure that the custodian or an author names; None when none of them names one."""
    for reference in (document.custodian, *document.author):
        structure = _structure(reference, document.contained)
        if structure:
            return structure
    return None


def _structure(
    reference: Reference | None, contained: tuple[Contained, ...]
) -> Organisation | None:
    if reference is None:
        return None
    if reference.identifier and reference.identifier.system == STRUCTURES:
        return Organisation(id=reference.identifier.value)
    role = _resolve(reference, contained, "PractitionerRole")
    if role and role.organization:
        return _structure(role.organization, ()) or _organisation(role.organization, contained)
    return _organisation(reference, contained)


def _organisation(reference: Reference, contained: tuple[Contained, ...]) -> Organisation | None:
    found = _resolve(reference, contained, "Organization")
    values = [each.value for each in found.identifier if each.system == STRUCTURES] if found else []
    return Organisation(id=values[0]) if values else None


def _named(subject: Reference, contained: tuple[Contained, ...]) -> Iterable[Identifier]:
    """By a search, by an identifier, or by a resource inside."""
    parts = urlsplit(subject.reference)
    if parts.path == "Patient":
        for value in parse_qs(parts.query).get("identifier", []):
            system, _, matricule = value.rpartition("|")
            yield Identifier(system, matricule)
    if subject.identifier:
        yield subject.identifier
    if person := _resolve(subject, contained, "Patient"):
        yield from person.identifier


def _resolve(
    reference: Reference | None, contained: tuple[Contained, ...], kind: str
) -> Contained | None:
    if reference is None or not reference.reference.startswith("#"):
        return None
    wanted = reference.reference[1:]
    return next((one for one in contained if one.id == wanted and one.resource_type == kind), None)


def _traits(ins: Identifier, person: Contained) -> Traits:
    names = person.name if isinstance(person.name, tuple) else ()
    official = next((name for name in names if name.use == "official"), None)
    return Traits(
        matricule=ins.value,
        oid=_oid(ins),
        birth_name=official.family if official else "",
        first_given=official.given[0] if official and official.given else "",
        birth_date=_day(person.birth_date),
        sex=SEXES.get(person.gender, ""),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _oid(identifier: Identifier) -> str:
    return identifier.system.removeprefix(OID)
