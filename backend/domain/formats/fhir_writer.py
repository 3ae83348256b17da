"""A person's results as one FHIR R4 Bundle (collection): for another program to read.

A small honest mapping (https://hl7.org/fhir/R4): Patient, one DiagnosticReport a document, one
Observation a result. What FHIR requires and the laboratory did not say is marked so, never made up.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from backend.domain.reports import Bounds, Identifier, Report, ReportStatus, Result, Traits, Value
from backend.domain.reports import ValueKind as Kind

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
SPACE = UUID("6f0b5c6e-6a2b-4d4e-9a5b-0c1f3f4f2a10")
"""Ids are made from the documents' own: the same export twice has the same ids."""
GENDERS = {"M": "male", "F": "female", "U": "unknown"}
STATUSES = {"completed": "final", "active": "preliminary", "aborted": "cancelled"}
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
COMPARATORS = frozenset({"<", "<=", ">", ">="})

Resource = dict[str, Any]


def write_bundle(
    patient: Traits,
    reports: Iterable[Report],
    at: datetime,
    own: Iterable[tuple[Report, str]] = (),
) -> Resource:
    """Everything as one resource; every reference is to something in it.

    `own` are the documents that the patient added, with the names of their files beside this one.
    """
    person = _patient(patient)
    entries = [person]
    for report in reports:
        entries += _report(report, _uri(person))
    entries += [_own(report, name, _uri(person)) for report, name in own]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": at.isoformat(),
        "entry": [{"fullUrl": _uri(resource), "resource": resource} for resource in entries],
    }


def _patient(traits: Traits) -> Resource:
    return _bare(
        {
            "resourceType": "Patient",
            "id": str(uuid5(SPACE, f"{traits.oid}|{traits.matricule}")),
            "identifier": [{"system": f"urn:oid:{traits.oid}", "value": traits.matricule}],
            "name": [
                {
                    "use": "official",
                    "family": traits.birth_name,
                    "given": traits.given_names.split() or [traits.first_given],
                }
            ],
            "gender": GENDERS.get(traits.sex, "unknown"),
            "birthDate": traits.birth_date.isoformat() if traits.birth_date else None,
        }
    )


def _report(report: Report, patient: str) -> Iterator[Resource]:
    header = report.header
    id_ = uuid5(SPACE, str(header.id))
    observations = [
        _observation(result, number, id_, patient, header.sampled_at)
        for number, result in enumerate(report.results)
    ]
    final = header.status is ReportStatus.FINAL
    yield _bare(
        {
            "resourceType": "DiagnosticReport",
            "id": str(id_),
            "identifier": [_identifier(header.id)],
            "status": "final" if final else "partial",
            "code": {
                "coding": [{"system": LOINC, "code": header.type_code}],
                "text": header.title,
            },
            "subject": {"reference": patient},
            "effectiveDateTime": header.sampled_at.isoformat() if header.sampled_at else None,
            "issued": header.created.isoformat(),
            "performer": [{"display": header.custodian.name}] if header.custodian.name else None,
            "result": [{"reference": _uri(one)} for one in observations],
        }
    )
    yield from observations


def _own(report: Report, name: str, patient: str) -> Resource:
    """A document by the patient: neither a diagnosis nor an observation."""
    header = report.header
    return {
        "resourceType": "DocumentReference",
        "id": str(uuid5(SPACE, str(header.id))),
        "status": "current",
        "type": {
            "coding": [{"system": f"urn:oid:{header.type_system}", "code": header.type_code}],
            "text": header.title,
        },
        "subject": {"reference": patient},
        "author": [{"reference": patient}],
        "date": header.created.isoformat(),
        "content": [
            {"attachment": {"contentType": "application/pdf", "url": name, "title": header.title}}
        ],
    }


def _observation(
    result: Result, number: int, report: UUID, patient: str, sampled: datetime | None
) -> Resource:
    on = result.on or sampled
    code: Resource = {"text": result.label}
    if result.loinc:
        coding = _bare({"system": LOINC, "code": result.loinc, "display": result.display})
        code["coding"] = [coding]
    return _bare(
        {
            "resourceType": "Observation",
            "id": str(uuid5(report, str(number))),
            "status": STATUSES.get(result.status, "unknown"),
            "code": code,
            "subject": {"reference": patient},
            "effectiveDateTime": on.isoformat() if on else None,
            **_value(result.value),
            "interpretation": [
                {"coding": [{"system": INTERPRETATION, "code": flag}]} for flag in result.flags
            ],
            "referenceRange": [_range(result.bounds)] if result.bounds else None,
            "note": [{"text": comment} for comment in result.comments],
            "method": {"text": result.method} if result.method else None,
        }
    )


def _value(value: Value) -> Resource:
    match value.kind:
        case Kind.QUANTITY if _is_decimal(value.number):
            return {"valueQuantity": _quantity(value.number, value.unit, value.comparator)}
        case Kind.NONE:
            return {"dataAbsentReason": {"text": value.text or "Non fait"}}
        case _:
            words = value.text or f"{value.comparator}{value.number} {value.unit}".strip()
            return {"valueString": words}


def _range(bounds: Bounds) -> Resource:
    low = _is_decimal(bounds.low) and _quantity(bounds.low, bounds.unit)
    high = _is_decimal(bounds.high) and _quantity(bounds.high, bounds.unit)
    text = bounds.text or f"{bounds.low} – {bounds.high} {bounds.unit}".strip(" –")
    return _bare({"low": low or None, "high": high or None, "text": text})


def _quantity(number: str, unit: str, comparator: str = "") -> Resource:
    """A FHIR decimal keeps its digits: « 1.950 » is written as the laboratory wrote it."""
    return _bare(
        {
            "value": Decimal(number),
            "comparator": comparator if comparator in COMPARATORS else None,
            "unit": unit,
            "system": UCUM if unit else None,
            "code": unit,
        }
    )


def _identifier(identifier: Identifier) -> Resource:
    if identifier.extension:
        return {"system": f"urn:oid:{identifier.root}", "value": identifier.extension}
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{identifier.root}"}


def _uri(resource: Resource) -> str:
    return f"urn:uuid:{resource['id']}"


def _bare(resource: Resource) -> Resource:
    """FHIR has neither nulls nor empty strings nor empty lists."""
    return {name: value for name, value in resource.items() if value not in (None, "", [])}


def _is_decimal(text: str) -> bool:
    return DECIMAL.fullmatch(text) is not None
