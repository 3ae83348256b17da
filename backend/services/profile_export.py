"""The medical profile in the file that a person takes away: a table, and the same for machines."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from backend.domain.calendar import civil_day
from backend.domain.export import write_table
from backend.domain.medical_profile import Entry, State, words_of
from backend.services.medical_profile import Shown

COLUMNS = ("rubrique", "réponse", "question", "valeur", "par", "le")
SAID = {
    State.UNANSWERED: "pas de réponse",
    State.TOLD: "oui",
    State.NOTHING: "rien à signaler",
    State.UNKNOWN: "ne sait pas",
}


def write_profile(sections: Sequence[Shown]) -> list[tuple[str, str | bytes]]:
    """Two files, by name. A section without an answer is there too, and says so."""
    told = [_section(shown) for shown in sections]
    return [
        ("profil-medical.csv", write_table(COLUMNS, _rows(sections))),
        ("profil-medical.json", msgspec.json.format(msgspec.json.encode(told), indent=1)),
    ]


def _rows(sections: Sequence[Shown]) -> Iterator[tuple[str, ...]]:
    for shown in sections:
        title, said = shown.section.title, SAID[shown.answer.state]
        if not shown.answer.entries:
            day = f"{civil_day(shown.changed_at)}" if shown.answered and shown.changed_at else ""
            yield title, said, "", "", shown.name(shown.by) if day else "", day
        for entry in shown.answer.entries:
            for label, words in (_fields(shown, entry) | _links(shown, entry)).items():
                by, day = shown.name(entry.by), f"{civil_day(entry.at)}"
                yield title, shown.section.title_of(entry), label, words, by, day


def _section(shown: Shown) -> dict[str, Any]:
    changed = {"par": shown.name(shown.by), "le": shown.changed_at} if shown.answered else {}
    return {
        "rubrique": shown.section.code,
        "titre": shown.section.title,
        "réponse": SAID[shown.answer.state],
        **changed,
        "détails": [
            {
                "par": shown.name(entry.by),
                "le": entry.at,
                "valeurs": {
                    field.code: entry.values[field.code]
                    for field in shown.section.fields
                    if field.code in entry.values and not field.is_link
                },
                "en clair": _fields(shown, entry),
                "liens": _links(shown, entry),
            }
            for entry in shown.answer.entries
        ],
    }


def _fields(shown: Shown, entry: Entry) -> dict[str, str]:
    return {
        field.label: words_of(field, entry.values[field.code])
        for field in shown.section.fields
        if entry.values.get(field.code) and not field.is_link
    }


def _links(shown: Shown, entry: Entry) -> dict[str, str]:
    """In words: an id that its reader may not know is never there."""
    return {label: " ; ".join(tie.words for tie in ties) for label, ties in shown.ties(entry)}
