"""A laboratory report as values, whatever the format it came in.

Every type is a frozen msgspec Struct: it is compared by value and stored as JSON, sealed.
Numbers stay the text that the laboratory wrote (`"1.950"`): nothing is rounded or converted.
"""

import re
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

FINESS = 9
RPPS = re.compile(r"\d{11}", re.ASCII)
"""Bare: its holder is known by `8` and these digits (idNat_PS)."""


class Identifier(Struct, frozen=True):
    """An HL7 instance identifier: `root` is an OID, `extension` may be empty."""

    root: str
    extension: str = ""

    def __str__(self) -> str:
        return f"{self.root}^{self.extension}" if self.extension else self.root


class Traits(Struct, frozen=True):
    """INS identity as sent: matricule + OID + strict traits (référentiel INS, RNIV)."""

    matricule: str = ""
    """15 characters, `2A`/`2B` kept; empty when the sender gave no INS."""
    oid: str = ""
    birth_name: str = ""
    first_given: str = ""
    """First given name of the birth certificate."""
    given_names: str = ""
    """All given names of the birth certificate, separated by spaces."""
    birth_date: date | None = None
    sex: str = ""
    """`M`, `F` or `U`."""
    birthplace: str = ""
    """COG INSEE code, five characters."""
    used_name: str = ""
    used_given: str = ""


def id_nat_ps(number: str) -> str:
    """The number of a professional with its type, which is left out of an RPPS now and then."""
    return f"8{number}" if RPPS.fullmatch(number) else number


class Person(Struct, frozen=True):
    """A professional as the document names them."""

    national_id: str = ""
    """idNat_PS: type digit + id (`8` + RPPS), root 1.2.250.1.71.4.2.1."""
    family: str = ""
    given: str = ""
    prefix: str = ""
    """`Dr`, `Pr`… as written, or empty."""
    profession: str = ""
    """Profession / specialty label as written."""

    @property
    def name(self) -> str:
        """« Dr Claire Morel », in everyday capitals; empty when nobody is named."""
        family = self.family.title() if self.family.isupper() else self.family
        given = self.given.title() if self.given.isupper() else self.given
        return " ".join(filter(None, (self.prefix, given, family)))


class Organisation(Struct, frozen=True):
    """A structure as the document names it; `id` is the idNat_Struct as written (`1` + FINESS)."""

    id: str = ""
    name: str = ""
    city: str = ""
    phone: str = ""

    @property
    def finess(self) -> str:
        """The nine FINESS characters, with or without the type digit `1` in front, else ''."""
        bare = self.id.strip()
        if len(bare) == FINESS + 1 and bare.startswith("1"):
            return bare[1:]
        return bare if len(bare) == FINESS else ""


class ValueKind(StrEnum):
    """How a result is expressed."""

    QUANTITY = "quantity"  # number (+ unit, comparator)
    CODED = "coded"  # a code and/or its label: "Négatif"
    TEXT = "text"  # free text
    NONE = "none"  # no value: not done, sample problem


class Value(Struct, frozen=True):
    """A result's value. For a quantity: decimal text, UCUM unit (maybe empty), comparator."""

    kind: ValueKind
    number: str = ""
    unit: str = ""
    comparator: str = ""
    """`""`, `<`, `<=`, `>` or `>=`."""
    text: str = ""
    """Label of a coded value, or the text itself."""
    code: str = ""
    system: str = ""


class Bounds(Struct, frozen=True):
    """The laboratory's reference range (repères): decimal texts, either may be empty; or words."""

    low: str = ""
    high: str = ""
    unit: str = ""
    low_inclusive: bool = True
    high_inclusive: bool = True
    text: str = ""
    """What the laboratory wrote: range in words, or the group it is for."""


class Previous(Struct, frozen=True):
    """An earlier value quoted by the laboratory (antériorité)."""

    value: Value
    on: datetime | None = None
    loinc: str = ""


class Result(Struct, frozen=True):
    """One analysis result."""

    label: str
    """The laboratory's own words for the test."""
    value: Value
    loinc: str = ""
    """Empty when the laboratory used a local code only."""
    local_code: str = ""
    local_system: str = ""
    display: str = ""
    """Official (LOINC) display name when sent."""
    also: tuple[Value, ...] = ()
    """The same result in a second unit (2021 `translation`)."""
    bounds: Bounds | None = None
    flags: tuple[str, ...] = ()
    """Interpretation codes as sent (N, H, L, HH, LL, A, AA, R, S, I…). Empty is not normal."""
    status: str = "completed"
    """`completed`, `active` (provisional) or `aborted` (no result could be given)."""
    on: datetime | None = None
    """When it was produced; falls back to the sampling, then to the act."""
    method: str = ""
    comments: tuple[str, ...] = ()
    previous: tuple[Previous, ...] = ()
    chapter: str = ""
    """Section LOINC (18719-5 biochimie…)."""
    chapter_title: str = ""
    subchapter: str = ""
    subchapter_title: str = ""
    battery: str = ""
    """Code of the nearest battery, `""` when uncoded or alone."""
    battery_title: str = ""
    isolate: str = ""
    """Germ label when the result belongs to a micro-biology isolate (CLUSTER)."""
    antibiogram: bool = False
    validated_by: str = ""


class Media(Struct, frozen=True):
    """A file carried inside the report."""

    media_type: str
    """`application/pdf`, `image/png`…"""
    content: bytes
    id: str = ""
    title: str = ""


class ReportStatus(StrEnum):
    """`documentationOf/serviceEvent/lab:statusCode`."""

    FINAL = "final"
    PARTIAL = "partial"


class Header(Struct, frozen=True):
    """What the CDA header says."""

    id: Identifier
    type_code: str
    """JDV_J07 typeCode: `11502-2` CR d’examens biologiques, `96173-0` TROD…"""
    type_system: str
    title: str
    created: datetime
    """effectiveTime."""
    patient: Traits
    patient_ids: tuple[Identifier, ...] = ()
    author: Person = Person()
    author_organisation: Organisation = Organisation()
    authenticator: Person = Person()
    """Legal authenticator: who answers for the document."""
    validated_at: datetime | None = None
    custodian: Organisation = Organisation()
    performer: Organisation = Organisation()
    """The laboratory that did the work (documentationOf)."""
    prescriber: Person = Person()
    general_practitioner: Person = Person()
    confidentiality: str = "N"
    set_id: Identifier | None = None
    version: int | None = None
    replaces: tuple[Identifier, ...] = ()
    status: ReportStatus = ReportStatus.FINAL
    sampled_at: datetime | None = None
    """First specimen collection, else documentationOf low."""
    templates: tuple[str, ...] = ()


class Report(Struct, frozen=True):
    """A whole report: header, flat list of results, comments, files."""

    header: Header
    level: int
    """1: a PDF (or text) only; 3: structured."""
    results: tuple[Result, ...] = ()
    comments: tuple[str, ...] = ()
    """The biologist's words about the report as a whole."""
    media: tuple[Media, ...] = ()

    @property
    def pdf(self) -> bytes | None:
        """The original document that the biologist signed, when the report carries it."""
        pdfs = [m.content for m in self.media if m.media_type == "application/pdf"]
        return pdfs[-1] if pdfs else None
