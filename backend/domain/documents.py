"""Documents as the screens show them, and the rules about them. Pure."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Kind(StrEnum):
    """The patient's categories (domain/product.md §2.1); a laboratory deposits the first two."""

    BIOLOGY = "biologie"
    SCREENING = "depistage"
    IMAGING = "imagerie"
    REPORT = "compte-rendu"
    PRESCRIPTION = "ordonnance"
    OTHER = "autre"


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
    on: datetime
    """Sampling if known, else creation."""
    deposited_at: datetime
    prescriber: str = ""
    unread: bool = False
    masked: bool = False
    partial: bool = False
    corrected: bool = False
    withdrawn: bool = False
    critical: bool = False
    count: Count = Count()


class Summary(Struct, frozen=True):
    """What a list shows of one version: made at the deposit, sealed with it."""

    kind: Kind
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
