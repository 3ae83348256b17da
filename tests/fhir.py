"""What a laboratory’s software sends in FHIR: a DocumentReference, or a lot of one document."""

import json
from base64 import b64encode
from hashlib import sha1
from typing import Any

from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Report

LOT, REFERENCE, BINARY = (f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n in "123")
VISIBILITY = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
Json = dict[str, Any]


def reference_of(
    report: Report, *labels: str, replaces: bool = False, content: bytes = b""
) -> Json:
    """ITI-105."""
    header, content = report.header, content or write_cda(report)
    patient = header.patient
    subject = f"Patient?identifier=urn:oid:{patient.oid}|{patient.matricule}"
    found: Json = {
        "resourceType": "DocumentReference",
        "contained": [
            {
                "resourceType": "Organization",
                "id": "labo",
                "identifier": [
                    {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": header.custodian.id}
                ],
            },
            {
                "resourceType": "Patient",
                "id": "source",
                "identifier": [{"system": f"urn:oid:{patient.oid}", "value": patient.matricule}],
                "name": [
                    {
                        "use": "official",
                        "family": patient.birth_name,
                        "given": [patient.first_given],
                    }
                ],
                "gender": {"M": "male", "F": "female"}[patient.sex],
                "birthDate": str(patient.birth_date),
            },
        ],
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{header.id}"},
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": header.type_code}]},
        "subject": {"reference": subject},
        "author": [{"reference": "#labo"}],
        "custodian": {"reference": "#labo"},
        "context": {"sourcePatientInfo": {"reference": "#source"}},
        "securityLabel": [{"coding": [{"system": VISIBILITY, "code": label}]} for label in labels],
        "content": [
            {
                "attachment": {
                    "contentType": "application/xml",
                    "data": b64encode(content).decode(),
                    "size": len(content),
                    "hash": b64encode(sha1(content).digest()).decode(),
                }
            }
        ],
    }
    if replaces:
        target = {"reference": "DocumentReference/R-20261127-0000000000"}
        found["relatesTo"] = [{"code": "replaces", "target": target}]
    return found


def bundle_of(report: Report, *labels: str, replaces: bool = False, content: bytes = b"") -> Json:
    """ITI-65; a replacement marks the former one itself, as the examples of the ANS do."""
    document = reference_of(report, *labels, replaces=replaces, content=content)
    attachment = document["content"][0]["attachment"]
    binary = {
        "resourceType": "Binary",
        "contentType": "application/xml",
        "data": attachment.pop("data"),
    }
    attachment["url"] = BINARY
    lot = {
        "resourceType": "List",
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"code": "submissionset"}]},
        "subject": document["subject"],
        "entry": [{"item": {"reference": REFERENCE}}],
    }
    resources = {LOT: lot, REFERENCE: document, BINARY: binary}
    entries: list[Json] = [
        {
            "fullUrl": url,
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for url, resource in resources.items()
    ]
    if replaces:
        change = {"resourceType": "Parameters", "parameter": []}
        request = {"method": "PATCH", "url": "DocumentReference/R-20261127-0000000000"}
        entries.insert(2, {"resource": change, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def as_bytes(resource: Json) -> bytes:
    return json.dumps(resource, ensure_ascii=False).encode()
