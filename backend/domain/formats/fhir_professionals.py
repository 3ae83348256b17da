"""Professionals in an answer of the Annuaire santé (FHIR R4, version 2); such an answer written.

A search gives Practitioner resources, the PractitionerRole that point at them and the Organization
where they are (interop.md §4.3). Numbers are those of people, never the technical ids.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from backend.domain.dispatches.listed import Listed
from backend.domain.formats.fhir_directory import all_of, boxes_of, read_bundle, telecom_of
from backend.domain.reports import Person

PROFESSIONALS = "urn:oid:1.2.250.1.71.4.2.1"
TITLES = {"DR": "Dr", "PR": "Pr"}
MOST = 100


def read_professionals(body: bytes) -> list[Listed]:
    """Each once, with the mailboxes and towns of all their activities; NotADirectory otherwise."""
    resources = [one["resource"] for one in read_bundle(body) if _is_resource(one.get("resource"))]
    of_kind: dict[str, list[dict[str, Any]]] = {}
    for one in resources:
        of_kind.setdefault(str(one.get("resourceType")), []).append(one)
    roles = of_kind.get("PractitionerRole", [])
    towns = {str(one.get("id")): _town(one) for one in of_kind.get("Organization", [])}
    return [*_listed(of_kind.get("Practitioner", [])[:MOST], roles, towns)]


def _is_resource(value: object) -> bool:
    return isinstance(value, dict)


def _listed(
    people: Iterable[dict[str, Any]], roles: list[dict[str, Any]], towns: dict[str, str]
) -> Iterator[Listed]:
    for one in people:
        if (person := _person(one)) is None or one.get("active") is False:
            continue
        theirs = [role for role in roles if _points(role, "practitioner") == str(one.get("id"))]
        places = {towns.get(_points(role, "organization"), "") for role in theirs} - {""}
        boxes = [box for resource in (one, *theirs) for box in boxes_of(resource)]
        yield Listed(person, tuple(sorted(places)), tuple(dict.fromkeys(boxes)))


def _person(resource: dict[str, Any]) -> Person | None:
    """With a number: somebody without one cannot be told from another."""
    numbers = [one for one in all_of(resource, "identifier") if one.get("system") == PROFESSIONALS]
    number = next((one["value"] for one in numbers if isinstance(one.get("value"), str)), "")
    name = next(iter(all_of(resource, "name")), {})
    family, given = name.get("family"), _texts(name, "given")
    if not number or not isinstance(family, str):
        return None
    titles = [TITLES[one.upper()] for one in _texts(name, "suffix") if one.upper() in TITLES]
    return Person(number, family[:100], " ".join(given)[:100], next(iter(titles), ""))


def _texts(value: dict[str, Any], name: str) -> list[str]:
    listed = value.get(name)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _points(role: dict[str, Any], name: str) -> str:
    """The technical id that a reference leads to, within this answer."""
    to = role.get(name)
    reference = to.get("reference") if isinstance(to, dict) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


def _town(organization: dict[str, Any]) -> str:
    place = next(iter(all_of(organization, "address")), {})
    town = place.get("city")
    return town[:100] if isinstance(town, str) else ""


def write_professionals(found: Iterable[Listed]) -> bytes:
    """What the directory answers to such a search."""
    entries: list[dict[str, Any]] = []
    for number, one in enumerate(found):
        who = one.person
        name = {"family": who.family, "given": [who.given], "suffix": [who.prefix.upper()]}
        entries.append(
            {
                "resourceType": "Practitioner",
                "id": f"p{number}",
                "active": True,
                "identifier": [{"system": PROFESSIONALS, "value": who.national_id}],
                "name": [name],
                "telecom": [telecom_of(box) for box in one.boxes],
            }
        )
        for place, town in enumerate(one.towns):
            key = f"o{number}-{place}"
            entries += [
                {
                    "resourceType": "PractitionerRole",
                    "practitioner": {"reference": f"Practitioner/p{number}"},
                    "organization": {"reference": f"Organization/{key}"},
                },
                {"resourceType": "Organization", "id": key, "address": [{"city": town}]},
            ]
    bundle = {"resourceType": "Bundle", "type": "searchset"}
    return msgspec.json.encode({**bundle, "entry": [{"resource": one} for one in entries]})
