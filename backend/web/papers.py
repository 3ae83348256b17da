"""Papers that people keep or receive by post: A4, selectable text, in plain French."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from backend.domain.activation import in_fours
from backend.web.fonts import faces
from backend.web.french import day

FONT = "Source Sans"
MARGIN = 20
WIDTH = 210 - 2 * MARGIN
INK, QUIET, ACCENT = (19, 36, 43), (71, 89, 95), (6, 63, 71)
WINDOW_X, WINDOW_Y = 105, 45
"""Where the window of a French DL envelope shows the address, in millimetres (NF Z 11-001)."""
FOOT = "Une question ? Appelez le 3422, c’est gratuit. Personne ne vous demandera votre code."


ACTIVATING = (
    "Activez votre espace Repères",
    "Vos laboratoires y déposent vos comptes rendus de biologie. Vous décidez qui les voit.",
    "/activer",
    "Choisissez votre identifiant et votre mot de passe.",
    (
        "Vous pouvez refuser : {public_url}/refuser. Cela ne change rien à vos soins ni à vos "
        "remboursements."
    ),
)
COMING_BACK = (
    "Revenez dans votre espace Repères",
    "Vous avez demandé de l’aide au 3422, parce que vous ne pouviez plus entrer.",
    "/retrouver/courrier",
    "Donnez une adresse e-mail ou un mobile, puis un nouveau mot de passe.",
    "Vous n’avez rien demandé ? Appelez le 3422, c’est gratuit.",
)


def dress(paper: FPDF, title: str, at: datetime) -> None:
    """Our font, and what a reader of PDFs says of it."""
    for style, path in faces().items():
        paper.add_font(FONT, style, path)
    paper.set_creation_date(at.astimezone(UTC))
    paper.set_title(title)
    paper.set_author("Repères")
    paper.set_lang("fr-FR")


class Paper(FPDF):
    """One A4 sheet or more, under the name of the service."""

    foot = FOOT

    def __init__(self, title: str, at: datetime) -> None:
        super().__init__(format="A4")
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=True, margin=25)
        dress(self, title, at)
        self.add_page()
        self.line_of("Repères", 18, "B", ACCENT)

    def line_of(
        self, text: str, size: float = 11, style: str = "", ink: tuple[int, int, int] = INK
    ) -> None:
        """One paragraph, and a little room under it."""
        self.set_font(FONT, style, size)
        self.set_text_color(*ink)
        self.multi_cell(WIDTH, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(2.5)

    def footer(self) -> None:
        """Whom to call."""
        self.set_y(-18)
        self.set_font(FONT, "", 9)
        self.set_text_color(*QUIET)
        self.cell(WIDTH, 5, self.foot)


def proof_of_refusal(name: str, born: date | None, on: date, *, at: datetime) -> bytes:
    """« Justificatif d’opposition » (R.1111-28)."""
    paper = Paper("Justificatif d’opposition", at)
    paper.ln(12)
    paper.line_of("Justificatif d’opposition", 20, "B")
    paper.line_of(f"{name}{f', né(e) le {day(born)}' if born else ''}", 13, "B")
    for text in (
        f"Le {day(on)}, cette personne s’est opposée à l’ouverture de son espace Repères.",
        "Aucun document n’y est déposé et personne ne peut le consulter.",
        "Ce refus ne change rien à ses soins ni à ses remboursements.",
        "L’espace peut être ouvert plus tard, à tout moment, avec un nouveau code.",
    ):
        paper.line_of(text)
    paper.ln(6)
    paper.line_of("Article R.1111-28 du code de la santé publique.", 9, "", QUIET)
    return bytes(paper.output())


def attestation_of_aidant(
    aided: tuple[str, date | None],
    aidant: tuple[str, date | None],
    *,
    may_keep: bool,
    lasts: tuple[date, date],
    at: datetime,
) -> bytes:
    """« Attestation d’aidant »: who, for whom, what for, from when and until when (included)."""
    paper = Paper("Attestation d’aidant", at)
    paper.ln(12)
    paper.line_of("Attestation d’aidant", 20, "B")
    for words, (name, born) in (("Personne aidée :", aided), ("Aidant :", aidant)):
        paper.line_of(f"{words} {name}{f', né(e) le {day(born)}' if born else ''}", 13, "B")
    rights = "lire ses documents et en garder une copie" if may_keep else "lire ses documents"
    for text in (
        f"La personne aidée permet à son aidant de {rights} dans son espace Repères.",
        f"Cette aide a commencé le {day(lasts[0])}. Elle finit au plus tard le {day(lasts[1])}.",
        "Chacun des deux peut l’arrêter avant, à tout moment. Cette feuille ne vaut alors plus.",
    ):
        paper.line_of(text)
    paper.ln(6)
    paper.line_of(f"Feuille faite le {day(at)}.", 9, "", QUIET)
    return bytes(paper.output())


def code_letter(
    name: str,
    address: Sequence[str],
    code: str,
    expires: datetime,
    *,
    public_url: str,
    at: datetime,
    back: bool = False,
) -> bytes:
    """The letter that brings a « code provisoire », folded for a window envelope.

    With `back`, to somebody who has an account and no way in any more.
    """
    title, about, path, then, last = COMING_BACK if back else ACTIVATING
    paper = Paper("Votre code provisoire", at)
    paper.set_font(FONT, "", 11)
    paper.set_text_color(*INK)
    for number, line in enumerate((name, *address)):
        paper.set_xy(WINDOW_X, WINDOW_Y + 5.5 * number)
        paper.cell(85, 5.5, line)
    paper.set_y(95)
    paper.line_of(title, 18, "B")
    paper.line_of(about)
    paper.line_of("Votre code provisoire", 12, "B")
    paper.line_of(in_fours(code), 24, "B", ACCENT)
    for text in (
        f"Il sert une seule fois, jusqu’au {day(expires)}.",
        f"1. Allez sur {public_url}{path}",
        (
            "2. Écrivez ce code, votre numéro de sécurité sociale et le numéro de série de votre "
            "carte Vitale."
        ),
        f"3. {then}",
        last.format(public_url=public_url),
        "Ne donnez ce code à personne, même au 3422.",
    ):
        paper.line_of(text)
    return bytes(paper.output())
