"""How a demonstration report is put together: results first, then who, when and the paper copy."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import NAMESPACE_OID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from backend.demo.pdf import report_pdf
from backend.demo.people import MARTIN, Laboratory, Someone
from backend.demo.reports.analytes import Analyte, split_limits
from backend.domain.calendar import PARIS
from backend.domain.formats.cda_writer.header import TROD_TYPE, template_roots
from backend.domain.reports import (
    Bounds,
    Header,
    Identifier,
    Media,
    Person,
    Previous,
    Report,
    ReportStatus,
    Result,
    Value,
    ValueKind,
)

LOINC = "2.16.840.1.113883.6.1"
SNOMED = "2.16.840.1.113883.6.96"
NEGATIVE = ("260385009", "Négatif")
POSITIVE = ("10828004", "Positif")
NOT_DETECTED = ("260415000", "Non détecté")
DETECTED = ("260373001", "Détecté")
SIGNS = ("<=", ">=", "<", ">")


class Sitting(Struct, frozen=True, kw_only=True):
    """One sampling: whose, where, when, for which doctor."""

    name: str
    """Stable within the demonstration; document ids are made from it."""
    today: date
    days_ago: int
    laboratory: Laboratory
    patient: Someone
    at: time = time(7, 42)
    validated: time = time(14, 32)
    days_of_work: int = 0
    """Days between the sampling and the validation."""
    biologist: int = 0
    prescriber: Person = MARTIN.person
    title: str = "Compte rendu d'examens biologiques"
    type_code: str = "11502-2"

    @property
    def sampled_at(self) -> datetime:
        return datetime.combine(self.today - timedelta(self.days_ago), self.at, PARIS)

    def validated_at(self, version: int) -> datetime:
        """Each version comes a day after the one before."""
        late = timedelta(self.days_of_work + version - 1 - self.days_ago)
        return datetime.combine(self.today + late, self.validated, PARIS)

    def document_id(self, version: int) -> Identifier:
        """An OID of its own for each version (2.25 + UUID); version 0 names the whole set."""
        name = f"reperes-demo/{self.name}/{self.today:%Y%m%d}/{version}"
        return Identifier(f"2.25.{uuid5(NAMESPACE_OID, name).int}")

    def ago(self, days: int) -> datetime:
        """An earlier morning, for values quoted from the past."""
        return datetime.combine(self.today - timedelta(days), self.at, PARIS)


def quantity(text: str, unit: str = "") -> Value:
    """`"1.18"`, `"<5"`, `">=200"`."""
    for sign in SIGNS:
        if text.startswith(sign):
            return Value(ValueKind.QUANTITY, text[len(sign) :], unit, sign)
    return Value(ValueKind.QUANTITY, text, unit)


def measure(
    analyte: Analyte,
    text: str,
    *,
    limits: str = "",
    flags: tuple[str, ...] | None = None,
    also: tuple[Value, ...] = (),
    before: tuple[tuple[str, datetime], ...] = (),
    comment: str = "",
    group: str = "",
) -> Result:
    """A number with the laboratory's range; the flag follows from it unless given.

    `limits` (`"0.70..1.10"`) stands for the usual range of that day.
    """
    value = quantity(text, analyte.unit)
    bounds = _bounds(analyte, limits, group)
    known = bounds if bounds.low or bounds.high or bounds.text else None
    return Result(
        label=analyte.label,
        value=value,
        loinc=analyte.loinc,
        display=analyte.display,
        also=also,
        bounds=known,
        flags=_flags(value, bounds) if flags is None else flags,
        method=analyte.method,
        comments=(comment,) if comment else (),
        previous=tuple(
            Previous(quantity(past, analyte.unit), on, analyte.loinc) for past, on in before
        ),
        chapter=analyte.chapter[0],
        chapter_title=analyte.chapter[1],
        subchapter=analyte.subchapter[0],
        subchapter_title=analyte.subchapter[1],
        battery=analyte.battery[0],
        battery_title=analyte.battery[1],
    )


def _bounds(analyte: Analyte, limits: str, group: str) -> Bounds:
    low, high = split_limits(limits) if limits else (analyte.low, analyte.high)
    return Bounds(
        low=low,
        high=high,
        unit=analyte.unit,
        high_inclusive=not analyte.strict_high,
        text=group or analyte.group,
    )


def _flags(value: Value, bounds: Bounds) -> tuple[str, ...]:
    if not (bounds.low or bounds.high):
        return ()
    number = Decimal(value.number)
    if bounds.low and number < Decimal(bounds.low):
        return ("L",)
    if bounds.high and (
        number > Decimal(bounds.high)
        or (number == Decimal(bounds.high) and not bounds.high_inclusive)
    ):
        return ("H",)
    return ("N",)


def unavailable(analyte: Analyte, why: str) -> Result:
    """No result: the sample could not be analysed."""
    result = measure(analyte, "0", flags=(), comment=why)
    return replace(result, value=Value(ValueKind.NONE), status="aborted", bounds=None)


def finding(
    label: str,
    words: str | tuple[str, str],
    chapter: tuple[str, str],
    *,
    loinc: str = "",
    display: str = "",
    flags: tuple[str, ...] = (),
    battery: tuple[str, str] = ("", ""),
    done: bool = True,
) -> Result:
    """A result in words: a SNOMED code (maybe empty) and its label, or a sentence."""
    if isinstance(words, tuple):
        system = SNOMED if words[0] else ""
        value = Value(ValueKind.CODED, text=words[1], code=words[0], system=system)
    else:
        value = Value(ValueKind.TEXT, text=words)
    return Result(
        label=label,
        value=value,
        loinc=loinc,
        display=display,
        flags=flags,
        status="completed" if done else "active",
        chapter=chapter[0],
        chapter_title=chapter[1],
        battery=battery[0],
        battery_title=battery[1],
    )


def compose(
    sitting: Sitting,
    results: tuple[Result, ...],
    *,
    comments: tuple[str, ...] = (),
    version: int = 1,
    partial: bool = False,
    figures: tuple[Media, ...] = (),
    level: int = 3,
) -> Report:
    """The whole report, with the PDF that its biologist signed.

    A level 1 report is that PDF and nothing else; a rapid test has none.
    """
    header = _header(sitting, version, partial=partial)
    drawn = Report(header, 3, _dated(results, header), comments, figures)
    if header.type_code == TROD_TYPE:
        return replace(drawn, header=replace(header, templates=template_roots(drawn)))
    paper = Media("application/pdf", report_pdf(drawn), "copie", "Compte rendu signé")
    if level == 1:
        bare = replace(paper, id="", title="")
        report = Report(header, 1, media=(bare,))
    else:
        report = replace(drawn, media=(*figures, paper))
    return replace(report, header=replace(header, templates=template_roots(report)))


def _header(sitting: Sitting, version: int, *, partial: bool) -> Header:
    laboratory, validated_at = sitting.laboratory, sitting.validated_at(version)
    biologist = laboratory.biologists[sitting.biologist]
    ins = Identifier(sitting.patient.traits.oid, sitting.patient.traits.matricule)
    return Header(
        id=sitting.document_id(version),
        type_code=sitting.type_code,
        type_system=LOINC,
        title=sitting.title,
        created=validated_at + timedelta(minutes=2),
        patient=sitting.patient.on_paper,
        patient_ids=(ins,),
        author=biologist,
        author_organisation=laboratory.structure,
        authenticator=biologist,
        validated_at=validated_at,
        custodian=laboratory.structure,
        performer=laboratory.structure,
        prescriber=sitting.prescriber,
        general_practitioner=MARTIN.person,
        set_id=sitting.document_id(0),
        version=version,
        replaces=(sitting.document_id(version - 1),) if version > 1 else (),
        status=ReportStatus.PARTIAL if partial else ReportStatus.FINAL,
        sampled_at=sitting.sampled_at,
    )


def _dated(results: tuple[Result, ...], header: Header) -> tuple[Result, ...]:
    """Every result says when it was produced, and who validated it."""
    signer = f"{header.authenticator.given} {header.authenticator.family}"
    on = (header.validated_at or header.created) - timedelta(hours=2)
    return tuple(replace(result, on=on, validated_by=signer) for result in results)
