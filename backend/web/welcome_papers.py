"""« Kit d’accueil » as PDF: an A4 poster, an A4 sheet to fold in two, and what to say at the desk.

Black on white, for any printer.
"""

from collections.abc import Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from backend.services.kit import Laboratory
from backend.web.papers import FONT, MARGIN, dress
from backend.web.squares import modules
from backend.web.welcome_kit import ACTIVATE, address_of
from backend.web.welcome_sheets import Part, Sheet

BLACK = (0, 0, 0)
HIGH, PANEL, EDGE = 297, 148.5, 13
"""Millimetres: the height of a poster; the width of half a leaflet, and its margins."""
BOTTOM = 90
"""What the square and its steps take at the foot of a poster."""


class Board(FPDF):
    """Columns of text, and squares, where they are asked for."""

    def __init__(self, title: str, at: datetime, *, landscape: bool) -> None:
        super().__init__(orientation="L" if landscape else "P", format="A4")
        self.set_auto_page_break(auto=False)
        dress(self, title, at)
        self.set_text_color(*BLACK)
        self.add_page()

    def go(self, x: float, y: float, width: float) -> None:
        """The next lines are in this column."""
        self.set_margins(x, 0, self.w - x - width)
        self.set_xy(x, y)

    def say(self, text: str, size: float, style: str = "", *, room: float = 2.5) -> None:
        """One paragraph, and room under it."""
        self.set_font(FONT, style, size)
        self.multi_cell(0, size * 0.46, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(room)

    def tell(self, part: Part, size: float, *, numbered: bool = False) -> None:
        """A title, then its sentences behind a dot or a number."""
        self.say(part.title, size * 1.3, "B")
        left, right = self.l_margin, self.r_margin
        for number, line in enumerate(part.lines, 1):
            self.set_font(FONT, "B", size)
            self.cell(size * 0.4, size * 0.46, f"{number}." if numbered else "•")
            self.set_left_margin(left + size * 0.4)
            self.say(line, size)
            self.set_left_margin(left)
            self.set_x(left)
        self.set_right_margin(right)
        self.ln(size * 0.2)

    def draw(self, text: str, x: float, y: float, side: float) -> None:
        """A QR code, as rectangles: sharp at any size. Black neighbours are one rectangle."""
        rows = modules(text)
        step = side / len(rows)
        self.set_fill_color(*BLACK)
        for down, row in enumerate(rows):
            start = None
            for along, black in enumerate((*row, False)):
                if black and start is None:
                    start = along
                elif not black and start is not None:
                    width = (along - start) * step
                    self.rect(x + start * step, y + down * step, width, step, style="F")
                    start = None


def sheet_paper(laboratory: Laboratory, sheet: Sheet, *, public_url: str, at: datetime) -> bytes:
    """The poster, or the leaflet."""
    board = Board(f"{sheet.label}, {laboratory.name}", at, landscape=sheet.folded)
    (_leaflet if sheet.folded else _poster)(board, laboratory, sheet, public_url)
    return bytes(board.output())


def script_paper(laboratory: Laboratory, parts: Sequence[Part], *, at: datetime) -> bytes:
    """For the people of the desk."""
    board = Board("Que dire à l’accueil", at, landscape=False)
    board.go(MARGIN, 15, 210 - 2 * MARGIN)
    board.say(_place(laboratory), 11, "B", room=3)
    board.say("Que dire à l’accueil", 22, "B", room=5)
    for part in parts:
        board.say(part.title, 14, "B", room=1.5)
        for line in part.lines:
            board.say(line, 12, room=1.2)
        board.say(f"→ {part.then}", 11, "B", room=5)
    return bytes(board.output())


def _poster(board: Board, laboratory: Laboratory, sheet: Sheet, public_url: str) -> None:
    size = 19 if sheet.easy else 17
    board.go(MARGIN, 15, 210 - 2 * MARGIN)
    board.say(_place(laboratory), 15, "B", room=8)
    board.say(sheet.title, 38, "B", room=5)
    board.say(sheet.lead, size * 1.15, room=7)
    for part in sheet.parts:
        board.tell(part, size)
    top = max(HIGH - BOTTOM - 27, board.get_y())
    board.line(MARGIN, top, 210 - MARGIN, top)
    board.draw(f"{public_url}{ACTIVATE}", MARGIN - 6, top + 3, 76)
    board.go(MARGIN + 74, top + 8, 210 - 2 * MARGIN - 74)
    board.tell(sheet.steps, size * 0.95, numbered=True)
    board.go(MARGIN, max(top + 79, board.get_y()), 210 - 2 * MARGIN)
    board.say(address_of(public_url, ACTIVATE), 20, "B", room=4)
    board.say(sheet.foot, 14)


def _leaflet(board: Board, laboratory: Laboratory, sheet: Sheet, public_url: str) -> None:
    size, wide = (18 if sheet.easy else 15.5), PANEL - 2 * EDGE
    found, readers, refusing, children = sheet.parts
    board.go(EDGE, 18, wide)
    for part in (refusing, children):
        board.tell(part, size)
    board.say(sheet.foot, size, "B", room=6)
    board.say(_place(laboratory), size)
    board.go(PANEL + EDGE, 18, wide)
    board.say(_place(laboratory), 14, "B", room=44)
    board.say(sheet.title, 34, "B", room=8)
    board.say(sheet.lead, 20)
    board.add_page()
    board.go(EDGE, 18, wide)
    for part in (found, readers):
        board.tell(part, size)
    board.go(PANEL + EDGE, 18, wide)
    board.tell(sheet.steps, size, numbered=True)
    board.draw(f"{public_url}{ACTIVATE}", PANEL + EDGE - 5, board.get_y(), 68)
    board.go(PANEL + EDGE, board.get_y() + 70, wide)
    board.say(address_of(public_url, ACTIVATE), 16, "B")


def _place(laboratory: Laboratory) -> str:
    return ", ".join(filter(None, (laboratory.name, laboratory.city)))
