"""From JSON to one document to deposit, in our own words."""

from base64 import b64encode
from hashlib import sha1
from typing import TypeVar

import msgspec
from msgspec import Struct

from backend.domain.formats.base64 import decode_base64
from backend.domain.formats.mhd.errors import FhirError
from backend.domain.formats.mhd.people import read_patient, read_sender
from backend.domain.formats.mhd.resources import (
    AnyResource,
    Attachment,
    Binary,
    Bundle,
    DocumentReference,
    Entry,
    ListResource,
    check_understood,
    first_code,
)
from backend.domain.reports import Organisation, Traits

T = TypeVar("T", bound=Struct)
DOCUMENT = "DocumentReference"
MOST_ENTRIES = 20
XML = frozenset({"application/xml", "text/xml"})


class Provided(Struct, frozen=True):
    """One document, and what was said of it."""

    patient: Traits
    sender: Organisation | None
    """None: the document says it."""
    type_code: str
    unique_id: str
    """Without `urn:oid:`."""
    replaces: bool
    labels: frozenset[str]
    """Codes of securityLabel."""
    content: bytes
    parts: tuple[str, ...] = ()
    """Of a transaction: the type of each entry, in order."""


def read_reference(body: bytes) -> Provided:
    """ITI-105: the document is inside; or FhirError."""
    document = _read(body, DocumentReference)
    if document.resource_type != DOCUMENT:
        raise FhirError("invalid", "Une ressource DocumentReference est attendue.", DOCUMENT)
    attachment = _attachment(document)
    if attachment.data is None:
        raise FhirError("required", "Le document manque.", f"{DOCUMENT}.content.attachment.data")
    content = _decode(attachment.data, f"{DOCUMENT}.content.attachment.data")
    return _provided(document, attachment, content)


def read_bundle(body: bytes) -> Provided:
    """ITI-65: one lot, one document, its content and nothing else; or FhirError."""
    bundle = _read(body, Bundle)
    if bundle.resource_type != "Bundle" or bundle.type != "transaction":
        raise FhirError("invalid", "Un Bundle de type « transaction » est attendu.", "Bundle.type")
    if len(bundle.entry) > MOST_ENTRIES:
        raise FhirError("too-costly", f"Plus de {MOST_ENTRIES} entrées.", "Bundle.entry")
    kinds = tuple(_read(entry.resource, AnyResource).resource_type for entry in bundle.entry)
    for number, (kind, entry) in enumerate(zip(kinds, bundle.entry, strict=True)):
        _check_request(kind, entry, f"Bundle.entry[{number}].request")
    lot_entry = _only("List", kinds, bundle.entry)
    reference_entry = _only(DOCUMENT, kinds, bundle.entry)
    lot, document = (
        _read(lot_entry.resource, ListResource),
        _read(reference_entry.resource, DocumentReference),
    )
    attachment = _attachment(document)
    _check_lot(lot, document, reference_entry.full_url)
    if "Parameters" in kinds and not _replaces(document):
        raise FhirError("not-supported", "Une correction seule n’est pas acceptée.", "Bundle.entry")
    content = _content(kinds, bundle.entry, attachment)
    for name, given in (("size", attachment.size), ("hash", attachment.hash)):
        if not given:
            raise FhirError(
                "required", f"attachment.{name} manque.", f"{DOCUMENT}.content.attachment.{name}"
            )
    return msgspec.structs.replace(_provided(document, attachment, content), parts=kinds)


def _read(body: bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        _, _, where = str(error).rpartition(" - at ")
        path = where.strip("`").removeprefix("$").lstrip(".")
        raise FhirError("structure", "Cette ressource n’a pas la forme attendue.", path) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FhirError("structure", "Ce n’est pas du JSON en UTF-8.") from error


def _check_request(kind: str, entry: Entry, where: str) -> None:
    if kind not in {"List", DOCUMENT, "Binary", "Parameters"}:
        raise FhirError("not-supported", f"Ressource non acceptée : {kind or 'absente'}.", where)
    wanted = "PATCH" if kind == "Parameters" else "POST"
    url = entry.request.url.split("/")[0]
    if entry.request.method != wanted or url != (DOCUMENT if kind == "Parameters" else kind):
        raise FhirError("not-supported", "Seuls des ajouts (POST) sont acceptés ici.", where)


def _only(kind: str, kinds: tuple[str, ...], entries: tuple[Entry, ...]) -> Entry:
    found = [entry for each, entry in zip(kinds, entries, strict=True) if each == kind]
    if len(found) != 1:
        raise FhirError(
            "business-rule",
            f"Une ressource {kind} et une seule est attendue : un lot dépose un document.",
            "Bundle.entry",
        )
    return found[0]


def _check_lot(lot: ListResource, document: DocumentReference, full_url: str) -> None:
    check_understood(lot)
    if first_code(lot.code) != "submissionset" or lot.status != "current":
        raise FhirError("value", "Un lot de soumission est attendu (submissionset).", "List.code")
    if not full_url or [entry.item.reference for entry in lot.entry] != [full_url]:
        raise FhirError("invalid", "Le lot ne nomme pas le document de ce Bundle.", "List.entry")
    ours = read_patient(document.subject, document.contained, None, DOCUMENT)
    if read_patient(lot.subject, lot.contained, None, "List") != ours:
        raise FhirError("conflict", "Le lot et le document nomment deux patients.", "List.subject")


def _content(kinds: tuple[str, ...], entries: tuple[Entry, ...], attachment: Attachment) -> bytes:
    """Of the Binary that the attachment names, or inside it."""
    place = f"{DOCUMENT}.content.attachment"
    binaries = [e for kind, e in zip(kinds, entries, strict=True) if kind == "Binary"]
    named = [entry for entry in binaries if entry.full_url == attachment.url and attachment.url]
    if attachment.data is not None and not binaries:
        return _decode(attachment.data, f"{place}.data")
    if len(named) != 1 or len(binaries) != 1 or attachment.data is not None:
        raise FhirError("invalid", "attachment.url nomme le Binary de ce Bundle.", f"{place}.url")
    binary = _read(named[0].resource, Binary)
    if _plain(binary.content_type) not in XML:
        raise FhirError("value", "Le Binary est un document CDA (application/xml).", place)
    return _decode(binary.data, "Binary.data")


def _attachment(document: DocumentReference) -> Attachment:
    """The one document, which is a CDA."""
    check_understood(document)
    if document.status != "current":
        raise FhirError("value", "Le statut d’un dépôt est « current ».", f"{DOCUMENT}.status")
    if len(document.content) != 1:
        raise FhirError("invalid", "Un contenu et un seul est attendu.", f"{DOCUMENT}.content")
    attachment = document.content[0].attachment
    if _plain(attachment.content_type) not in XML:
        raise FhirError(
            "value",
            "Le document est un CDA R2 (application/xml).",
            f"{DOCUMENT}.content.attachment.contentType",
        )
    return attachment


def _provided(document: DocumentReference, attachment: Attachment, content: bytes) -> Provided:
    place = f"{DOCUMENT}.content.attachment"
    if attachment.size is not None and attachment.size != len(content):
        raise FhirError("conflict", "La taille annoncée n’est pas celle du document.", place)
    digest = b64encode(sha1(content, usedforsecurity=False).digest()).decode()
    if attachment.hash and attachment.hash != digest:
        raise FhirError("conflict", "L’empreinte annoncée n’est pas celle du document.", place)
    if not document.master_identifier.value:
        raise FhirError(
            "required", "L’identifiant du document manque.", f"{DOCUMENT}.masterIdentifier"
        )
    return Provided(
        patient=read_patient(
            document.subject, document.contained, document.context.source_patient_info, DOCUMENT
        ),
        sender=read_sender(document),
        type_code=first_code(document.type),
        unique_id=document.master_identifier.value.removeprefix("urn:oid:"),
        replaces=_replaces(document),
        labels=frozenset(
            coding.code for label in document.security_label for coding in label.coding
        ),
        content=content,
    )


def _replaces(document: DocumentReference) -> bool:
    """The document itself says which one it replaces, as on every other door."""
    codes = {relation.code for relation in document.relates_to}
    if codes - {"replaces"}:
        raise FhirError("not-supported", "Seul « replaces » est accepté.", f"{DOCUMENT}.relatesTo")
    return bool(codes)


def _decode(data: str, where: str) -> bytes:
    try:
        return decode_base64(data)
    except ValueError as error:
        raise FhirError("invalid", "Ce n’est pas du base64.", where) from error


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
