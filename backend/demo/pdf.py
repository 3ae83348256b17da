"""The paper report of a demonstration laboratory: A4, selectable text, same input, same bytes."""

from datetime import UTC, datetime
from io import BytesIO

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from fpdf.table import Table

from backend.domain.formats.cda_writer.values import say_bounds, say_value
from backend.domain.reports import Header, Organisation, Person, Report, ReportStatus, Result
from backend.web.fonts import faces

MARGIN = 18
WIDTH = 210 - 2 * MARGIN
FONT = "Source Sans"
INK, QUIET, ACCENT, PALE = (29, 37, 44), (92, 103, 112), (11, 84, 101), (234, 242, 244)
COLUMNS = (66, 36, 38, 34)
HEADINGS = ("Examen", "Résultat", "Valeurs de référence", "Antériorité")
ARROWS = {"H": "▲", "HH": "▲▲", "L": "▼", "LL": "▼▼", "A": "●", "AA": "●●"}
NOTHING = "Pas de résultat : l’échantillon n’a pas pu être analysé."
BOLD = FontFace(emphasis="BOLD")
SMALL = FontFace(size_pt=8.5, color=QUIET)
CHAPTER = FontFace(emphasis="BOLD", color=ACCENT, fill_color=PALE)


class Sheet(FPDF):
    """A4 pages that all end with the laboratory and the page number."""

    def __init__(self, laboratory: Organisation) -> None:
        super().__init__(format="A4")
        self.laboratory = laboratory
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=True, margin=22)
        for style, path in faces().items():
            self.add_font(FONT, style, path)

    def footer(self) -> None:
        """Structure and « page 1 / 2 »."""
        self.set_y(-16)
        self.set_font(FONT, "", 8)
        self.set_text_color(*QUIET)
        where = f"{self.laboratory.name} · FINESS {self.laboratory.finess}"
        self.cell(WIDTH / 2, 4, where)
        self.cell(WIDTH / 2, 4, f"Page {self.page_no()} / {{nb}}", align="R")


def report_pdf(report: Report) -> bytes:
    """The report as its laboratory prints it."""
    header = report.header
    sheet = Sheet(header.performer)
    sheet.set_creation_date(header.created.astimezone(UTC))
    sheet.set_title(header.title)
    sheet.set_author(header.performer.name)
    sheet.set_lang("fr-FR")
    sheet.add_page()
    _letterhead(sheet, header.performer)
    _facts(sheet, header)
    _banner(sheet, header)
    if report.results:
        _results(sheet, report.results)
    _figures(sheet, report)
    _words(sheet, report.comments)
    _signature(sheet, header)
    return bytes(sheet.output())


def _line(sheet: Sheet, text: str, size: float = 10, style: str = "", height: float = 5) -> None:
    sheet.set_font(FONT, style, size)
    sheet.multi_cell(WIDTH, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _letterhead(sheet: Sheet, laboratory: Organisation) -> None:
    sheet.set_text_color(*ACCENT)
    _line(sheet, laboratory.name, 17, "B", 8)
    sheet.set_text_color(*QUIET)
    contact = [laboratory.city, f"Tél. {laboratory.phone}" if laboratory.phone else ""]
    _line(sheet, " · ".join(part for part in contact if part), 9)
    sheet.set_draw_color(*ACCENT)
    sheet.set_line_width(0.5)
    sheet.line(MARGIN, sheet.get_y() + 2, MARGIN + WIDTH, sheet.get_y() + 2)
    sheet.ln(6)


def _facts(sheet: Sheet, header: Header) -> None:
    sheet.set_text_color(*INK)
    _line(sheet, header.title, 13, "B", 7)
    sheet.ln(1)
    top = sheet.get_y()
    sheet.set_font(FONT, "", 9.5)
    sheet.multi_cell(WIDTH / 2, 4.8, "\n".join(_identity(header)), align="L")
    left = sheet.get_y()
    sheet.set_xy(MARGIN + WIDTH / 2, top)
    sheet.multi_cell(WIDTH / 2, 4.8, "\n".join(_circumstances(header)), align="L")
    sheet.set_xy(MARGIN, max(left, sheet.get_y()) + 3)


def _identity(header: Header) -> list[str]:
    who = header.patient
    born = f"{who.birth_date:%d/%m/%Y}" if who.birth_date else "date inconnue"
    sex = {"F": "Sexe féminin", "M": "Sexe masculin"}.get(who.sex, "Sexe non précisé")
    return [
        f"Patient : {who.used_given or who.first_given} {who.used_name or who.birth_name}",
        f"Nom de naissance : {who.birth_name}",
        f"Prénoms : {who.given_names}",
        f"Naissance : {born} · {sex}",
        f"INS : {who.matricule}",
    ]


def _circumstances(header: Header) -> list[str]:
    facts = [
        f"Prélèvement : {_moment(header.sampled_at)}" if header.sampled_at else "",
        f"Prescripteur : {_name(header.prescriber)}" if header.prescriber.family else "",
        f"Édition : {_moment(header.created)}",
        f"Version : {header.version}" if header.version else "",
    ]
    return [fact for fact in facts if fact]


def _moment(value: datetime) -> str:
    return f"{value:%d/%m/%Y à %H h %M}"


def _name(person: Person) -> str:
    return " ".join(part for part in (person.prefix, person.given, person.family) if part)


def _banner(sheet: Sheet, header: Header) -> None:
    texts = []
    if header.status is ReportStatus.PARTIAL:
        texts.append("Résultats provisoires : un compte rendu complet suivra.")
    if header.replaces:
        texts.append("Ce compte rendu annule et remplace le précédent.")
    sheet.set_text_color(*INK)
    sheet.set_fill_color(*PALE)
    for text in texts:
        sheet.set_font(FONT, "B", 10)
        sheet.cell(WIDTH, 7, text, fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        sheet.ln(2)
    sheet.set_fill_color(255)


def _results(sheet: Sheet, results: tuple[Result, ...]) -> None:
    sheet.set_font(FONT, "", 9.5)
    sheet.set_text_color(*INK)
    sheet.set_draw_color(205, 213, 218)
    sheet.set_line_width(0.2)
    with sheet.table(
        col_widths=COLUMNS,
        text_align="LEFT",
        borders_layout="HORIZONTAL_LINES",
        line_height=4.5,
        padding=(0.65, 1),
        headings_style=FontFace(emphasis="BOLD", size_pt=8.5, color=QUIET),
    ) as table:
        table.row(HEADINGS)
        chapter = group = method = ""
        for result in results:
            chapter = _title(table, result.chapter_title, chapter, CHAPTER)
            title = result.isolate or result.battery_title or result.subchapter_title
            group = _title(table, title, group, BOLD)
            _result(table, result, method)
            method = result.method


def _title(table: Table, text: str, current: str, style: FontFace) -> str:
    """A row over all columns, when the title changes."""
    if text and text != current:
        table.row().cell(text, colspan=len(COLUMNS), style=style)
    return text


def _result(table: Table, result: Result, last_method: str) -> None:
    arrows = [ARROWS[flag] for flag in result.flags if flag in ARROWS]
    row = table.row()
    row.cell(result.label)
    row.cell(_outcome(result, arrows), style=BOLD if arrows else None)
    row.cell(_range(result))
    row.cell(_previous(result), style=SMALL)
    said = result.method in ("", last_method)
    notes = result.comments if said else (f"Méthode : {result.method}", *result.comments)
    for note in notes:
        table.row().cell(note, colspan=len(COLUMNS), style=SMALL)


def _outcome(result: Result, arrows: list[str]) -> str:
    if result.status == "aborted":
        return NOTHING
    values = "\n".join(say_value(value) for value in (result.value, *result.also))
    sensitivity = [flag for flag in result.flags if flag in {"R", "S", "I"}]
    return " ".join([values, *arrows, *sensitivity])


def _range(result: Result) -> str:
    if result.bounds is None:
        return ""
    return "\n".join(part for part in (say_bounds(result.bounds), result.bounds.text) if part)


def _previous(result: Result) -> str:
    return "\n".join(
        f"{say_value(past.value)} ({past.on:%d/%m/%y})" if past.on else say_value(past.value)
        for past in result.previous
    )


def _figures(sheet: Sheet, report: Report) -> None:
    for media in report.media:
        if media.media_type.startswith("image/"):
            sheet.ln(3)
            sheet.image(BytesIO(media.content), w=120, alt_text=media.title or None)


def _words(sheet: Sheet, comments: tuple[str, ...]) -> None:
    if not comments:
        return
    sheet.ln(4)
    sheet.set_text_color(*ACCENT)
    _line(sheet, "Commentaire du biologiste", 11, "B", 6)
    sheet.set_text_color(*INK)
    for comment in comments:
        _line(sheet, comment, 10, "", 5)


def _signature(sheet: Sheet, header: Header) -> None:
    signer = header.authenticator
    sheet.ln(5)
    sheet.set_text_color(*INK)
    when = f" le {_moment(header.validated_at)}" if header.validated_at else ""
    _line(sheet, f"Validé{when} par {_name(signer)}, biologiste.", 9.5, "B")
    sheet.set_text_color(*QUIET)
    _line(sheet, "Document fictif, produit pour une démonstration.", 8)
