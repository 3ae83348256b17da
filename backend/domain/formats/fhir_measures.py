"""A person’s own measures as FHIR R4 Observations, beside the results of their reports.

Codes and units are those of the table of measures; both halves of the tension are components.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid5

from backend.domain.formats.fhir_writer import SPACE, UCUM
from backend.domain.measures import MYSELF, Measure, Reading
from backend.domain.reports import Traits

Resource = dict[str, Any]


def write_measures(patient: Traits, readings: Iterable[Reading]) -> list[Resource]:
    """The entries of a bundle, about the Patient that is in it."""
    person = f"urn:uuid:{uuid5(SPACE, f'{patient.oid}|{patient.matricule}')}"
    resources = (_observation(reading, person) for reading in readings)
    return [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]


def _observation(reading: Reading, person: str) -> Resource:
    measure, numbers = reading.measure, reading.value.numbers
    resource: Resource = {
        "resourceType": "Observation",
        "id": str(uuid5(SPACE, f"measure|{reading.id}")),
        "status": "final",
        "code": _code(measure),
        "subject": {"reference": person},
        "performer": [{"reference": person}],
        "effectiveDateTime": reading.at.isoformat(),
    }
    if measure.parts:
        resource["component"] = [
            {"code": _code(half), "valueQuantity": _quantity(half, number)}
            for half, number in zip(measure.parts, numbers, strict=True)
        ]
    else:
        resource["valueQuantity"] = _quantity(measure, numbers[0])
    notes = [text for text in (reading.context, reading.value.comment) if text]
    if reading.value.origin != MYSELF:
        notes.append(f"Source : {reading.origin}")
    if notes:
        resource["note"] = [{"text": text} for text in notes]
    return resource


def _code(measure: Measure) -> Resource:
    return {"coding": [{"system": measure.system, "code": measure.code}], "text": measure.name}


def _quantity(measure: Measure, number: str) -> Resource:
    return {
        "value": Decimal(number),
        "unit": measure.shown,
        "system": UCUM,
        "code": measure.unit,
    }
