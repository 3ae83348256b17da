"""What XDS metadata say of a document and of the lot that carries it."""

from datetime import datetime

from msgspec import Struct


class Code(Struct, frozen=True):
    """A code, the OID of its nomenclature, and its label."""

    code: str
    system: str = ""
    display: str = ""


class Author(Struct, frozen=True):
    """Who wrote: XCN and XON as they travel, the rest in words."""

    person: str = ""
    institution: str = ""
    specialty: str = ""
    role: str = ""


class Entry(Struct, frozen=True):
    """One document as a registry knows it. `None` and `""` are left out."""

    unique_id: str
    """`root^extension` of the document: one per version."""
    title: str
    created: datetime
    hash: str
    """SHA-1 of the exact bytes, in hexadecimal."""
    size: int
    patient_id: str
    """CX of the INS."""
    source_patient_id: str
    source_patient_info: tuple[str, ...]
    authors: tuple[Author, ...]
    authenticator: str
    document_class: Code
    document_type: Code
    format: Code
    confidentiality: tuple[Code, ...]
    facility: Code
    setting: Code
    events: tuple[Code, ...] = ()
    references: tuple[str, ...] = ()
    """CXi of the orders that the document answers."""
    started: datetime | None = None
    ended: datetime | None = None
    language: str = "fr-FR"
    media_type: str = "text/xml"
    replaces: tuple[str, ...] = ()
    """Unique ids of the versions that this one takes the place of."""
    content_type: Code = Code("")
    """The kind of activity, said of the lot."""


class Submission(Struct, frozen=True):
    """The lot: who sends it, when, under which identifier."""

    unique_id: str
    """An OID, the same at each try."""
    source_id: str
    """The OID of the system that sends."""
    at: datetime
