"""« Synthèse du profil médical »: what a person told of their health, on A4."""

from collections.abc import Sequence
from datetime import datetime

from backend.domain.medical_profile import Entry, State
from backend.services.medical_profile import Shown
from backend.web.french import day
from backend.web.papers import ACCENT, QUIET, Paper

ROOM = 30
"""Millimetres under which a title goes to the next page with what it is about."""
SAID = {State.NOTHING: "Rien à signaler", State.UNKNOWN: "Ne sait pas"}


def synthesis(name: str, sections: Sequence[Shown], *, at: datetime) -> bytes:
    """Every section, also those without an answer: a silence is not a « rien à signaler »."""
    paper = Paper("Synthèse du profil médical", at)
    paper.ln(4)
    paper.line_of("Synthèse du profil médical", 18, "B")
    paper.line_of(name, 13, "B")
    paper.line_of(
        f"Faite le {day(at)}. Écrite par la personne ou par qui la représente. "
        "Aucun professionnel de santé ne l’a vérifiée.",
        10,
        "",
        QUIET,
    )
    for shown in sections:
        if paper.will_page_break(ROOM):
            paper.add_page()
        paper.line_of(shown.section.title, 12, "B", ACCENT)
        _write(paper, shown)
        paper.ln(2)
    return bytes(paper.output())


def _write(paper: Paper, shown: Shown) -> None:
    if not shown.answered:
        paper.line_of("Pas de réponse", 11, "", QUIET)
        return
    for entry in shown.answer.entries:
        _entry(paper, shown, entry)
    if not shown.answer.entries and shown.changed_at:
        paper.line_of(SAID[shown.answer.state])
        paper.line_of(f"{shown.name(shown.by)}, le {day(shown.changed_at)}", 9, "", QUIET)
    if shown.answer.entries and shown.section.warning:
        paper.line_of(shown.section.warning, 10)


def _entry(paper: Paper, shown: Shown, entry: Entry) -> None:
    paper.line_of(shown.section.title_of(entry), 11, "B")
    for label, words in shown.section.lines_of(entry):
        paper.line_of(f"{label} : {words}")
    for label, ties in shown.ties(entry):
        paper.line_of(f"{label} : {' ; '.join(tie.words for tie in ties)}")
    paper.line_of(f"{shown.name(entry.by)}, le {day(entry.at)}", 9, "", QUIET)
