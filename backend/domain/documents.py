"""Documents as the screens show them, and the rules about them. Pure."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Kind(StrEnum):
    """The categories of Mon espace santé that are shown as a filter, in their order."""

    SUMMARY = "synthese"
    PRESCRIPTION = "ordonnance"
    IMAGING = "imagerie"
    BIOLOGY = "biologie"
    REPORT = "compte-rendu"
    SCREENING = "depistage"
    CERTIFICATE = "certificat"
    PAPERS = "administratif"
    OTHER = "autre"


LABELS = {
    Kind.SUMMARY: "Ma santé en résumé",
    Kind.PRESCRIPTION: "Ordonnances et soins",
    Kind.IMAGING: "Radio, écho, scanner, IRM",
    Kind.BIOLOGY: "Résultats de biologie",
    Kind.REPORT: "Comptes rendus",
    Kind.SCREENING: "Prévention et dépistages",
    Kind.CERTIFICATE: "Certificats médicaux",
    Kind.PAPERS: "Pièces administratives",
    Kind.OTHER: "Autres documents",
}

OWN_TYPES = {
    Kind.SUMMARY: "DOCPAT01",
    Kind.PRESCRIPTION: "DOCPAT02",
    Kind.REPORT: "DOCPAT03",
    Kind.IMAGING: "DOCPAT04",
    Kind.BIOLOGY: "DOCPAT05",
    Kind.SCREENING: "DOCPAT06",
    Kind.CERTIFICATE: "DOCPAT07",
    Kind.PAPERS: "DOCPAT09",
    Kind.OTHER: "EXPPAT_2",
}
"""JDV_J07: what a document of this category is called when its patient added it."""

_KINDS = {code: kind for kind, code in OWN_TYPES.items()} | {
    "11502-2": Kind.BIOLOGY,
    "96173-0": Kind.SCREENING,
    "18748-4": Kind.IMAGING,
}


def kind_of(type_code: str) -> Kind:
    """The category of a type of JDV_J07."""
    return _KINDS.get(type_code, Kind.OTHER)


def types_of(kind: Kind) -> frozenset[str]:
    """The types of a category: what a list is filtered by."""
    return frozenset(code for code, found in _KINDS.items() if found is kind)


class Filters(Struct, frozen=True):
    """Which documents of a record are asked for: all of them unless something is said."""

    kind: Kind | None = None
    own: bool = False
    masked: bool = False
    unread: bool = False
    laboratory: UUID | None = None
    folder: UUID | None = None
    words: str = ""
    """What was typed in the search; empty for no search."""


class Count(Struct, frozen=True):
    """How many results a report has, and how many of them the laboratory flagged out of range."""

    total: int = 0
    outside: int = 0

    @property
    def inside(self) -> int:
        return self.total - self.outside


class DocumentLine(Struct, frozen=True):
    """One document in a list: its current version."""

    id: UUID
    kind: Kind
    title: str
    """Plain words: « Bilan sanguin »."""
    laboratory: str
    """Empty for what the patient added."""
    on: datetime
    """Sampling if known, else creation."""
    deposited_at: datetime
    own: bool = False
    """Added by the patient."""
    prescriber: str = ""
    unread: bool = False
    masked: bool = False
    withheld: bool = False
    """Its patient does not see it yet: nobody but a professional reads this line."""
    partial: bool = False
    corrected: bool = False
    withdrawn: bool = False
    critical: bool = False
    count: Count = Count()


class Summary(Struct, frozen=True):
    """What a list shows of one version: made at the deposit, sealed with it."""

    title: str
    laboratory: str
    on: datetime
    prescriber: str = ""
    partial: bool = False
    critical: bool = False
    count: Count = Count()
    figures: int = 0
    has_pdf: bool = False
    level: int = 3


class FileFacts(Struct, frozen=True):
    """What is known of a stored file besides its bytes."""

    width: int = 0
    height: int = 0
    text: str = ""
    title: str = ""
