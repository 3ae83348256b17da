"""The parts of FHIR R4 resources that this gateway looks at; the rest is passed over."""

from typing import Any

from msgspec import Raw, Struct

from backend.domain.formats.mhd.errors import FhirError


class Coding(Struct, frozen=True, rename="camel"):
    """A code, and the list that it is of."""

    system: str = ""
    code: str = ""


class Concept(Struct, frozen=True, rename="camel"):
    """One idea in one or several codes."""

    coding: tuple[Coding, ...] = ()


class Identifier(Struct, frozen=True, rename="camel"):
    """Who or what, and in whose list."""

    system: str = ""
    value: str = ""


class Reference(Struct, frozen=True, rename="camel"):
    """To another resource, or by an identifier."""

    reference: str = ""
    identifier: Identifier | None = None


class Name(Struct, frozen=True, rename="camel"):
    """Of a person."""

    use: str = ""
    family: str = ""
    given: tuple[str, ...] = ()


class Contained(Struct, frozen=True, rename="camel"):
    """A person or a structure, inside the resource that names them."""

    resource_type: str
    id: str = ""
    identifier: tuple[Identifier, ...] = ()
    name: tuple[Name, ...] | str = ()
    gender: str = ""
    birth_date: str = ""
    organization: Reference | None = None


class Attachment(Struct, frozen=True, rename="camel"):
    """The bytes, or where they are."""

    content_type: str = ""
    data: str | None = None
    url: str = ""
    size: int | None = None
    hash: str = ""


class Content(Struct, frozen=True, rename="camel"):
    """The document in one form."""

    attachment: Attachment


class Relation(Struct, frozen=True, rename="camel"):
    """To an earlier document."""

    code: str = ""


class Context(Struct, frozen=True, rename="camel"):
    """What the document was made in."""

    source_patient_info: Reference | None = None


class DocumentReference(Struct, frozen=True, rename="camel", kw_only=True):
    """https://hl7.org/fhir/R4/documentreference.html"""

    resource_type: str
    implicit_rules: str = ""
    modifier_extension: tuple[Any, ...] = ()
    contained: tuple[Contained, ...] = ()
    master_identifier: Identifier = Identifier()
    status: str = ""
    type: Concept = Concept()
    subject: Reference = Reference()
    author: tuple[Reference, ...] = ()
    custodian: Reference | None = None
    relates_to: tuple[Relation, ...] = ()
    security_label: tuple[Concept, ...] = ()
    content: tuple[Content, ...] = ()
    context: Context = Context()


class ListEntry(Struct, frozen=True, rename="camel"):
    """One thing of a lot."""

    item: Reference


class ListResource(Struct, frozen=True, rename="camel", kw_only=True):
    """A lot de soumission."""

    resource_type: str
    implicit_rules: str = ""
    modifier_extension: tuple[Any, ...] = ()
    contained: tuple[Contained, ...] = ()
    status: str = ""
    code: Concept = Concept()
    subject: Reference = Reference()
    entry: tuple[ListEntry, ...] = ()


class Binary(Struct, frozen=True, rename="camel"):
    """Bytes on their own."""

    resource_type: str
    content_type: str = ""
    data: str = ""


class Request(Struct, frozen=True, rename="camel"):
    """What is asked of an entry."""

    method: str = ""
    url: str = ""


class Entry(Struct, frozen=True, rename="camel", kw_only=True):
    """One resource of a transaction."""

    resource: Raw
    full_url: str = ""
    request: Request = Request()


class Bundle(Struct, frozen=True, rename="camel"):
    """A transaction."""

    resource_type: str
    type: str = ""
    entry: tuple[Entry, ...] = ()


class AnyResource(Struct, frozen=True, rename="camel"):
    """Only what it is."""

    resource_type: str = ""


def first_code(concept: Concept) -> str:
    """The code by which a concept is known; empty when it has none."""
    return next((coding.code for coding in concept.coding if coding.code), "")


def check_understood(resource: DocumentReference | ListResource) -> None:
    """FHIR forbids to pass over a modifier that one does not know."""
    if resource.modifier_extension or resource.implicit_rules:
        raise FhirError(
            "extension",
            "Cette ressource porte une règle (modifierExtension, implicitRules) que nous ne "
            "connaissons pas.",
            resource.resource_type,
        )
