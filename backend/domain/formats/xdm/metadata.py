"""METADATA.XML: an ebRIM SubmitObjectsRequest with one SubmissionSet and its DocumentEntries."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

from lxml import etree

from backend.domain.formats.xdm import schemes
from backend.domain.formats.xdm.schemes import LCM, OBJECT, RIM
from backend.domain.formats.xdm.values import Author, Code, Entry, Submission

Element = etree._Element  # noqa: SLF001 - lxml has no public name for its elements
SUBMISSION = "SubmissionSet01"


def write_metadata(submission: Submission, entries: Sequence[tuple[str, Entry]]) -> bytes:
    """The metadata of documents by the name of their file; the same values give the same bytes."""
    request = etree.Element(f"{{{LCM}}}SubmitObjectsRequest", nsmap={"lcm": LCM, "rim": RIM})
    objects = etree.SubElement(request, f"{{{RIM}}}RegistryObjectList")
    objects.append(_package(submission, entries[0][1]))
    objects.append(
        _element(
            "Classification",
            **_marks(SUBMISSION, "class", "Classification"),
            classificationNode=schemes.SUBMISSION_SET,
        )
    )
    for rank, (name, entry) in enumerate(entries, 1):
        objects.append(_document(name, entry, rank))
        objects.append(_member(entry, rank))
        objects.extend(_replacements(entry, rank))
    return etree.tostring(request, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def entry_uuid(unique_id: str) -> str:
    """The id of a document’s entry: the same whenever the document is spoken of again."""
    return f"urn:uuid:{uuid5(NAMESPACE_OID, unique_id)}"


def _package(submission: Submission, first: Entry) -> Element:
    """RegistryPackage: the lot."""
    package = _element(
        "RegistryPackage",
        id=SUBMISSION,
        objectType=OBJECT + "RegistryPackage",
        status=schemes.APPROVED,
    )
    package.append(_slot("submissionTime", [_stamp(submission.at)]))
    package.append(_words("Name", first.title))
    package.extend(_authors(SUBMISSION, schemes.SET_AUTHOR, first.authors))
    package.append(_coded(SUBMISSION, "content", schemes.SET_CONTENT_TYPE, first.content_type))
    for scheme, name, value in (
        (schemes.SET_PATIENT_ID, "patientId", first.patient_id),
        (schemes.SET_SOURCE_ID, "sourceId", submission.source_id),
        (schemes.SET_UNIQUE_ID, "uniqueId", submission.unique_id),
    ):
        package.append(_identifier(SUBMISSION, scheme, f"XDSSubmissionSet.{name}", value))
    return package


def _document(name: str, entry: Entry, rank: int) -> Element:
    """ExtrinsicObject: one document."""
    own = entry_uuid(entry.unique_id)
    document = _element(
        "ExtrinsicObject",
        id=own,
        mimeType=entry.media_type,
        objectType=schemes.STABLE_DOCUMENT,
        status=schemes.APPROVED,
    )
    document.extend(_slot(key, values) for key, values in _slots(name, entry).items() if values)
    document.append(_words("Name", entry.title))
    document.extend(_authors(own, schemes.AUTHOR, entry.authors, f"doc{rank:02d}"))
    for key, scheme, code in _codes(entry):
        document.append(_coded(own, f"doc{rank:02d}_{key}", scheme, code))
    for scheme, key, value in (
        (schemes.PATIENT_ID, "patientId", entry.patient_id),
        (schemes.UNIQUE_ID, "uniqueId", entry.unique_id),
    ):
        document.append(_identifier(own, scheme, f"XDSDocumentEntry.{key}", value, rank))
    return document


def _slots(name: str, entry: Entry) -> dict[str, list[str]]:
    return {
        "creationTime": [_stamp(entry.created)],
        "hash": [entry.hash],
        "languageCode": [entry.language],
        "legalAuthenticator": [entry.authenticator] if entry.authenticator else [],
        "serviceStartTime": [_stamp(entry.started)] if entry.started else [],
        "serviceStopTime": [_stamp(entry.ended)] if entry.ended else [],
        "size": [str(entry.size)],
        "sourcePatientId": [entry.source_patient_id],
        "sourcePatientInfo": list(entry.source_patient_info),
        "URI": [name],
        "urn:ihe:iti:xds:2013:referenceIdList": list(entry.references),
    }


def _codes(entry: Entry) -> Iterable[tuple[str, str, Code]]:
    yield "class", schemes.CLASS, entry.document_class
    for number, code in enumerate(entry.confidentiality, 1):
        yield f"confidentiality{number}", schemes.CONFIDENTIALITY, code
    for number, code in enumerate(entry.events, 1):
        yield f"event{number}", schemes.EVENT, code
    yield "format", schemes.FORMAT, entry.format
    yield "facility", schemes.FACILITY, entry.facility
    yield "setting", schemes.SETTING, entry.setting
    yield "type", schemes.TYPE, entry.document_type


def _authors(
    of: str, scheme: str, authors: Sequence[Author], prefix: str = "set"
) -> Iterable[Element]:
    for number, author in enumerate(authors, 1):
        found = _element(
            "Classification",
            **_marks(of, f"{prefix}_author{number}", "Classification"),
            classificationScheme=scheme,
            nodeRepresentation="",
        )
        said = {
            "authorPerson": author.person,
            "authorInstitution": author.institution,
            "authorRole": author.role,
            "authorSpecialty": author.specialty,
        }
        found.extend(_slot(name, [value]) for name, value in said.items() if value)
        yield found


def _coded(of: str, name: str, scheme: str, code: Code) -> Element:
    found = _element(
        "Classification",
        **_marks(of, name, "Classification"),
        classificationScheme=scheme,
        nodeRepresentation=code.code,
    )
    found.append(_slot("codingScheme", [code.system]))
    found.append(_words("Name", code.display or code.code))
    return found


def _identifier(of: str, scheme: str, name: str, value: str, rank: int = 0) -> Element:
    found = _element(
        "ExternalIdentifier",
        id=f"{name}{rank or ''}",
        objectType=OBJECT + "ExternalIdentifier",
        registryObject=of,
        identificationScheme=scheme,
        value=value,
    )
    found.append(_words("Name", name))
    return found


def _member(entry: Entry, rank: int) -> Element:
    found = _association(
        f"member{rank:02d}", schemes.HAS_MEMBER, SUBMISSION, entry_uuid(entry.unique_id)
    )
    found.append(_slot("SubmissionSetStatus", ["Original"]))
    return found


def _replacements(entry: Entry, rank: int) -> Iterable[Element]:
    own = entry_uuid(entry.unique_id)
    for number, old in enumerate(entry.replaces, 1):
        yield _association(f"replaces{rank:02d}_{number}", schemes.REPLACES, own, entry_uuid(old))


def _association(name: str, kind: str, source: str, target: str) -> Element:
    return _element(
        "Association",
        id=name,
        objectType=OBJECT + "Association",
        associationType=kind,
        sourceObject=source,
        targetObject=target,
    )


def _marks(of: str, name: str, kind: str) -> dict[str, str]:
    return {"id": name, "classifiedObject": of, "objectType": OBJECT + kind}


def _slot(name: str, values: Iterable[str]) -> Element:
    slot = _element("Slot", name=name)
    written = etree.SubElement(slot, f"{{{RIM}}}ValueList")
    for value in values:
        etree.SubElement(written, f"{{{RIM}}}Value").text = value
    return slot


def _words(name: str, value: str) -> Element:
    found = _element(name)
    etree.SubElement(found, f"{{{RIM}}}LocalizedString", value=value)
    return found


def _element(tag: str, **attributes: str) -> Element:
    return etree.Element(f"{{{RIM}}}{tag}", attributes)


def _stamp(moment: datetime) -> str:
    """XDS tells the hour of Greenwich."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")
