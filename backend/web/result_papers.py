"""« Tableau pour mon médecin »: the last values of some analyses, on A4."""

from collections.abc import Sequence
from datetime import date, datetime

from fpdf.fonts import FontFace

from backend.domain.results import Entry
from backend.services.analyses import Table
from backend.web.french import day, short_day
from backend.web.papers import ACCENT, FONT, INK, QUIET, WIDTH, Paper

COLUMNS = ("Date", "Laboratoire", "Valeur", "Repères du laboratoire")
WIDTHS = (13, 29, 34, 24)
"""Hundredths of the page’s width."""
ROOM = 40
"""Millimetres under which a title goes to the next page with its table."""


def results_for_the_doctor(
    name: str, born: date | None, tables: Sequence[Table], *, at: datetime
) -> bytes:
    """One table an analysis: date, laboratory and method, value, range, where it is placed."""
    paper = Paper("Tableau de résultats", at)
    paper.ln(4)
    paper.line_of("Tableau de résultats", 18, "B")
    paper.line_of(f"{name}{f', né(e) le {day(born)}' if born else ''}", 13, "B")
    paper.line_of(
        f"Fait le {day(at)}. Valeurs, unités et repères tels que les laboratoires les ont envoyés. "
        "Deux laboratoires ou deux méthodes ne se comparent pas toujours.",
        10,
        "",
        QUIET,
    )
    for table in tables:
        if paper.will_page_break(ROOM):
            paper.add_page()
        title = f"{table.name} – {table.technical}" if table.technical else table.name
        paper.line_of(title, 12, "B", ACCENT)
        _draw(paper, table)
        paper.ln(5)
    return bytes(paper.output())


def _draw(paper: Paper, table: Table) -> None:
    paper.set_font(FONT, "", 10)
    paper.set_text_color(*INK)
    paper.set_draw_color(*QUIET)
    with paper.table(
        width=WIDTH,
        col_widths=WIDTHS,
        text_align="LEFT",
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", color=INK),
        line_height=5.5,
    ) as drawn:
        for cells in (COLUMNS, *map(_cells, table.entries)):
            drawn.row(cells)


def _cells(entry: Entry) -> tuple[str, str, str, str]:
    value = f"{entry.value} {entry.unit}".strip()
    said = entry.place.words if entry.place.outside else ""
    return (
        short_day(entry.on),
        " · ".join(filter(None, (entry.laboratory, entry.method))),
        " · ".join(filter(None, (value, said, "provisoire" if entry.provisional else ""))),
        entry.limits or "—",
    )
