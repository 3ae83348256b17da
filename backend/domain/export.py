"""The file that a person takes away: a page, a table, FHIR, and each document as received."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec
from msgspec import Struct

from backend.domain.calendar import PARIS
from backend.domain.export_readme import read_me
from backend.domain.formats.fhir_measures import write_measures
from backend.domain.formats.fhir_writer import write_bundle
from backend.domain.measures import Reading
from backend.domain.reports import Report, Result, Traits

COLUMNS = (
    *("date", "laboratoire", "document", "analyse", "code LOINC", "valeur", "unité"),
    *("repère bas", "repère haut", "repère", "code d’interprétation"),
)
ENCODER = msgspec.json.Encoder(decimal_format="number")
MEASURE_COLUMNS = (
    "date",
    "heure",
    "mesure",
    "code",
    "valeur",
    "unité",
    "contexte",
    "commentaire",
    "source",
)
RISKY = ("=", "+", "-", "@", "\t", "\r")


class Piece(Struct, frozen=True):
    """One document; its bytes are None when there was no more room for them."""

    on: date
    report: Report
    original: bytes | None
    pdf: bytes | None
    own: bool = False
    """Added by the patient: a PDF, and no report."""
    left_out: bool = False
    """There was no more room for its files."""


def write_zip(
    patient: Traits,
    pieces: Sequence[Piece],
    at: datetime,
    measures: Sequence[Reading] = (),
    more: Sequence[tuple[str, str | bytes]] = (),
) -> bytes:
    """The same pieces at the same moment give the same bytes; `more` goes in as it is, by name."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in (*_members(patient, pieces, at, measures, more), *more):
            member = ZipInfo(name, at.timetuple()[:6])
            member.compress_type = ZIP_STORED if name.endswith(".pdf") else ZIP_DEFLATED
            archive.writestr(member, content)
    return out.getvalue()


def _members(
    patient: Traits,
    pieces: Sequence[Piece],
    at: datetime,
    measures: Sequence[Reading],
    more: Sequence[tuple[str, str | bytes]],
) -> Iterator[tuple[str, str | bytes]]:
    names = [f"documents/{number:04}-{piece.on}" for number, piece in enumerate(pieces, 1)]
    reports = [piece.report for piece in pieces if not piece.own]
    own = [
        (piece.report, f"{name}.pdf")
        for name, piece in zip(names, pieces, strict=True)
        if piece.own
    ]
    bundle = write_bundle(patient, reports, at, own=own)
    bundle["entry"] += write_measures(patient, measures)
    left_out = [(piece.on, piece.report.header.title) for piece in pieces if piece.left_out]
    yield "LISEZ-MOI.txt", read_me(at, left_out)
    tables = ["mesures.csv"] if measures else []
    tables += [name for name, _ in more if name.endswith(".csv")]
    yield "index.html", _page(names, pieces, at, tables)
    yield "resultats.csv", _table(pieces)
    if measures:
        yield "mesures.csv", _measures(measures)
    yield "fhir.json", _json(bundle)
    for name, piece in zip(names, pieces, strict=True):
        if piece.pdf:
            yield f"{name}.pdf", piece.pdf
        if piece.original:
            yield f"{name}.xml", piece.original


def _page(
    names: Sequence[str], pieces: Sequence[Piece], at: datetime, tables: Sequence[str]
) -> str:
    mine = ", ".join(f'<a href="{table}">{table}</a>' for table in tables)
    rows = "".join(_row(name, piece) for name, piece in zip(names, pieces, strict=True))
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Mes données</title>'
        '<meta name="viewport" content="width=device-width"></head><body><h1>Mes données</h1>'
        f"<p>Le {at:%d/%m/%Y}. Tous les résultats : "
        '<a href="resultats.csv">resultats.csv</a>.'
        f"{' Et aussi : ' + mine + '.' if mine else ''}</p>"
        f"<ul>{rows}</ul></body></html>"
    )


def _row(name: str, piece: Piece) -> str:
    header = piece.report.header
    words = escape(
        f"{piece.on:%d/%m/%Y}, {header.title}, "
        f"{'ajouté par la personne' if piece.own else header.custodian.name}"
    )
    links = [
        f'<a href="{name}.{ending}">{label}</a>'
        for ending, label, there in (
            ("pdf", "PDF", piece.pdf),
            ("xml", "fichier du laboratoire", piece.original),
        )
        if there
    ]
    return f"<li>{words} : {', '.join(links) or 'à télécharger depuis sa page'}</li>"


def _table(pieces: Sequence[Piece]) -> str:
    rows = (_cells(piece, result) for piece in pieces for result in piece.report.results)
    return write_table(COLUMNS, rows)


def _measures(measures: Sequence[Reading]) -> str:
    return write_table(MEASURE_COLUMNS, map(_measure_cells, measures))


def write_table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """For a French spreadsheet: UTF-8 with its mark, semicolons, and no formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _measure_cells(reading: Reading) -> Iterator[str]:
    at, measure = reading.at.astimezone(PARIS), reading.measure
    yield from (f"{at:%Y-%m-%d}", f"{at:%H:%M}", measure.name, measure.code)
    yield "/".join(reading.value.numbers).replace(".", ",")
    yield from (measure.unit, reading.context, reading.value.comment, reading.origin)


def _cells(piece: Piece, result: Result) -> Iterator[str]:
    header, value, bounds = piece.report.header, result.value, result.bounds
    yield from (f"{piece.on}", header.custodian.name, header.title, result.label, result.loinc)
    yield f"{value.comparator}{value.number}".replace(".", ",") if value.number else value.text
    yield value.unit
    yield bounds.low.replace(".", ",") if bounds else ""
    yield bounds.high.replace(".", ",") if bounds else ""
    yield bounds.text if bounds else ""
    yield " ".join(result.flags)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a negative number stays one."""
    if cell.startswith(RISKY) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _json(bundle: dict[str, Any]) -> bytes:
    """Decimals keep the digits that the laboratory wrote: FHIR numbers have a precision."""
    return msgspec.json.format(ENCODER.encode(bundle), indent=1)
