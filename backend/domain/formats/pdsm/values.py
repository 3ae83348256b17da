"""One document as FHIR points at it: what it says of itself, and the bytes that may be read."""

import re
from datetime import datetime

from msgspec import Struct

from backend.domain.formats.xdm import schemes
from backend.domain.formats.xdm.values import Code, Entry
from backend.domain.reports import Header, Identifier

URI = "urn:ietf:rfc:3986"
LOINC = "http://loinc.org"
NOS = "https://mos.esante.gouv.fr/NOS"
VISIBILITY = f"{NOS}/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
SYSTEMS = {
    "2.16.840.1.113883.6.1": LOINC,
    schemes.CLASSES: f"{NOS}/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument",
    schemes.VISIBILITY: VISIBILITY,
    schemes.NORMAL.system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    schemes.IHE_FORMATS: "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
}
"""The addresses of these nomenclatures in FHIR; every other one is named by its OID."""
LABELS = {
    code.code: code for code in (schemes.MASKED, schemes.WITHHELD, schemes.HIDDEN, schemes.NORMAL)
}
ENOUGH = Code("urn:ihe:iti:xds:2017:mimeTypeSufficient", schemes.IHE_FORMATS, "mimeType Sufficient")
BY_THE_PATIENT = Code("", "", "Ajouté par le patient")
OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+", re.ASCII)
ARC = re.compile(r"0|[1-9]\d*", re.ASCII)


class Content(Struct, frozen=True):
    """One file of the document; `hash` is the SHA-1 in base64, empty when it cannot be read."""

    id: str
    media_type: str
    size: int
    hash: str
    format: Code


class Pointer(Struct, frozen=True):
    """One document that its reader may know."""

    id: str
    """Of the version: another one has another."""
    header: Header
    entry: Entry | None
    """What its CDA says besides; None for what a patient added."""
    received_at: datetime
    own: bool
    labels: tuple[str, ...]
    contents: tuple[Content, ...]

    @property
    def type(self) -> Code:
        return self.entry.document_type if self.entry else _type(self.header)

    @property
    def category(self) -> Code:
        return schemes.CLASS_OF_TYPE.get(self.header.type_code, schemes.REPORT)

    @property
    def facility(self) -> Code:
        if self.own:
            return BY_THE_PATIENT
        return self.entry.facility if self.entry else schemes.LABORATORY

    @property
    def setting(self) -> Code:
        return self.entry.setting if self.entry else schemes.AMBULATORY

    @property
    def events(self) -> tuple[Code, ...]:
        return self.entry.events if self.entry else ()

    @property
    def orders(self) -> tuple[tuple[str, str], ...]:
        """(OID, number) of what the document answers."""
        found = []
        for reference in self.entry.references if self.entry else ():
            number, _, _, authority, *_ = reference.split("^")
            found.append((authority.split("&")[1], number))
        return tuple(found)

    @property
    def period(self) -> tuple[datetime, datetime]:
        """When what it tells of was done."""
        header, entry = self.header, self.entry
        started = (entry and entry.started) or header.sampled_at or header.created
        return started, (entry and entry.ended) or started


def system_of(oid: str) -> str:
    """The name of a nomenclature in FHIR."""
    return SYSTEMS.get(oid) or (f"urn:oid:{oid}" if OID.fullmatch(oid) else oid)


def unique_id(identifier: Identifier) -> tuple[str, str]:
    """(system, value) of a document’s own identifier."""
    root, extension = identifier.root, identifier.extension
    if not OID.fullmatch(root):
        return URI, f"urn:uuid:{root}" if not extension else f"urn:uuid:{root}:{extension}"
    if not extension or ARC.fullmatch(extension):
        return URI, "urn:oid:" + ".".join(filter(None, (root, extension)))
    return f"urn:oid:{root}", extension


def _type(header: Header) -> Code:
    return Code(header.type_code, header.type_system, header.title)
