"""« Preuve de dépôt » as a PDF: one sheet for a laboratory to keep, without any result."""

from collections.abc import Iterable
from datetime import datetime
from textwrap import shorten

from fpdf.enums import XPos, YPos

from backend.domain.calendar import PARIS
from backend.domain.dispatches.words import ROLES, STATES
from backend.services.dispatches.overseeing import Followed
from backend.services.proofs import Deposited
from backend.web.french import day_and_hour
from backend.web.papers import FONT, INK, QUIET, WIDTH, Paper

LABEL, SIZE, HIGH = 44, 10, 4.9
"""Millimetres of the first column; points and millimetres of a line."""
LONGEST, LATEST = 120, 5
"""Letters of a name that others gave, events of a dispatch: what one sheet holds."""
SAYS = (
    "Cette preuve dit qui a remis quel document, et quand. L’empreinte SHA-256 est celle du "
    "fichier CDA reçu et conservé : un fichier qui a la même empreinte est le même, octet pour "
    "octet. Aucun résultat n’est écrit ici. Les heures sont celles de Paris."
)

Rows = Iterable[tuple[str, str]]


class Proof(Paper):
    """A sheet of facts, two columns."""

    foot = "Ce document nomme un patient : il est couvert par le secret professionnel."

    def facts(self, title: str, rows: Rows) -> None:
        """What is known, under a title; what is not has no line."""
        self.ln(2)
        self.line_of(title, 13, "B")
        for label, value in rows:
            if not value:
                continue
            self.set_font(FONT, "", SIZE)
            self.set_text_color(*QUIET)
            self.cell(LABEL, HIGH, label)
            self.set_text_color(*INK)
            self.multi_cell(
                WIDTH - LABEL, HIGH, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
            )
            self.ln(0.8)


def proof_of_deposit(deposited: Deposited, sent: Followed | None, *, at: datetime) -> bytes:
    """Who deposited what and when; with `sent`, to whom it left and what became of it."""
    alone = "Preuve de dépôt" if deposited.filed else "Preuve de remise, sans dépôt"
    title = "Preuve d’envoi par MSSanté" if sent else alone
    paper = Proof(f"{title}, {deposited.receipt}", at)
    paper.line_of(title, 20, "B")
    paper.line_of(f"{deposited.laboratory}, FINESS\u00a0{deposited.finess}", 12, "B")
    paper.facts("Le dépôt" if deposited.filed else "Le compte rendu", _deposit(deposited))
    if sent:
        paper.facts("L’envoi", _dispatch(sent))
        paper.facts("Ce qui s’est passé", _story(sent))
    paper.ln(2)
    paper.line_of(f"{SAYS} Feuille faite le {precise(at)}.", 9.5, "", QUIET)
    return bytes(paper.output())


def precise(moment: datetime) -> str:
    """« 27 novembre 2026 à 21 h 05 (2026-11-27T21:05:03+01:00) », in Paris."""
    return f"{day_and_hour(moment)} ({moment.astimezone(PARIS).isoformat(timespec='seconds')})"


def cut(words: str) -> str:
    """As much of a name as a sheet holds; codes and addresses are whole."""
    return shorten(words, LONGEST, placeholder="…")


def _deposit(one: Deposited) -> Rows:
    return (
        ("Numéro de reçu", one.receipt),
        ("Accusé de réception", precise(one.at)),
        ("Déposé par" if one.filed else "Confié par", cut(one.by)),
        ("Dans l’espace de" if one.filed else "Envoyé, sans être déposé, pour", cut(one.patient)),
        ("Document", cut(one.title)),
        ("Identifiant", one.identifier),
        ("Version", str(one.version)),
        ("Empreinte (SHA-256)", one.sha256),
    )


def _dispatch(one: Followed) -> Rows:
    return (
        ("Destinataire", f"{cut(one.line.to)}, {ROLES[one.line.role]}"),
        ("Adresse", one.address),
        ("État", f"{STATES[one.line.state]}, le {precise(one.line.changed_at)}"),
        ("Message-ID (avant @)", one.message_id),
    )


def _story(one: Followed) -> Rows:
    """The latest events: all of them, but for a dispatch that was sent again and again."""
    older, several = len(one.story) - LATEST, any(event.round > 1 for event in one.story)
    if older > 0:
        yield "Avant", f"{older} événements plus anciens"
    for event in one.story[-LATEST:]:
        code = f" ({event.code})" if event.code else ""
        to = f" — {event.to}" if several and event.to else ""
        yield stamped(event.at), f"{cut(event.words)}{code}{to}"


def stamped(moment: datetime) -> str:
    """« 2026-11-27 21:05:03+01:00 », in Paris."""
    return moment.astimezone(PARIS).isoformat(" ", "seconds")
