"""Mailboxes in an answer of the Annuaire santé (FHIR R4, version 2), and such an answer written.

Each resource has telecoms; one is an MSSanté mailbox when its e-mail type says MSSANTE, and its
metadata say which kind (interop.md §4.3).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from backend.domain.dispatches.mailboxes import Box, BoxKind
from backend.domain.errors import Refused

EMAIL_TYPE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
KINDS = "https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
MAIL_KINDS = "https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
MOST = 200


class NotADirectory(Refused):
    """The answer is not a Bundle of FHIR."""


def read_boxes(body: bytes) -> list[Box]:
    """The MSSanté mailboxes of a searchset; what is not understood is left out."""
    boxes = [box for entry in read_bundle(body) for box in boxes_of(entry.get("resource"))]
    return boxes[:MOST]


def read_bundle(body: bytes) -> list[dict[str, Any]]:
    """The entries of a searchset, or NotADirectory."""
    try:
        bundle = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotADirectory from error
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise NotADirectory
    return all_of(bundle, "entry")


def boxes_of(resource: Any) -> Iterator[Box]:
    """Those of one resource."""
    for telecom in all_of(resource, "telecom"):
        if (box := _box(telecom)) is not None:
            yield box


def _box(telecom: dict[str, Any]) -> Box | None:
    extensions = {str(one.get("url")): one for one in all_of(telecom, "extension")}
    kind_of_mail = extensions.get(EMAIL_TYPE, {}).get("valueCoding")
    address = telecom.get("value")
    if telecom.get("system") != "email" or not isinstance(address, str):
        return None
    if not isinstance(kind_of_mail, dict) or kind_of_mail.get("code") != "MSSANTE":
        return None
    about = {str(one.get("url")): one for one in all_of(extensions.get(METADATA, {}), "extension")}
    codings = all_of(about.get("type", {}).get("valueCodeableConcept"), "coding")
    code = next((one.get("code") for one in codings), None)
    try:
        kind = BoxKind(code or "")
    except (ValueError, TypeError):
        return None
    return Box(address.lower(), kind, about.get("listeRouge", {}).get("valueBoolean") is True)


def all_of(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list that may not be one."""
    listed = value.get(name) if isinstance(value, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def write_bundle(kind: str, resources: Iterable[Iterable[Box]]) -> bytes:
    """What the directory answers: a resource for each list of mailboxes."""
    entries = [
        {"resource": {"resourceType": kind, "telecom": [telecom_of(box) for box in boxes]}}
        for boxes in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return msgspec.json.encode({**bundle, "entry": entries})


def telecom_of(box: Box) -> dict[str, Any]:
    """A mailbox as the directory writes it."""
    kind = {"coding": [{"system": KINDS, "code": box.kind}]}
    about: list[dict[str, Any]] = [{"url": "type", "valueCodeableConcept": kind}]
    if box.unlisted:
        about.append({"url": "listeRouge", "valueBoolean": True})
    return {
        "extension": [
            {"url": EMAIL_TYPE, "valueCoding": {"system": MAIL_KINDS, "code": "MSSANTE"}},
            {"url": METADATA, "extension": about},
        ],
        "system": "email",
        "value": box.address,
    }
