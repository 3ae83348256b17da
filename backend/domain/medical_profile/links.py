"""What an entry of the medical profile goes with: other entries, said once and shown on both.

What is kept is an id. An entry that is gone, or a document that whoever reads may not know, is
not shown, not counted, and stays as it was when the entry is changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from backend.domain.calendar import civil_day
from backend.domain.documents import DocumentLine
from backend.domain.medical_profile.answers import Answer, Entry
from backend.domain.medical_profile.fields import Field, FieldKind, ids_in, said_date
from backend.domain.medical_profile.sections import SECTIONS, Section

BY_CODE = {section.code: section for section in SECTIONS}
Offered = Mapping[str, Mapping[str, str]]
"""By the code of a link: what may be ticked, by its id."""


class Around(Struct, frozen=True):
    """The whole profile, and the linked documents that whoever reads it may know."""

    answers: dict[str, Answer] = {}
    documents: dict[UUID, DocumentLine] = {}

    def entries(self, code: str) -> Sequence[Entry]:
        """Of a section; none when it was never answered."""
        answer = self.answers.get(code)
        return answer.entries if answer else ()


class Tie(Struct, frozen=True):
    """One thing that an entry goes with."""

    id: UUID
    words: str
    section: str = ""
    """Empty for a document."""


def ties_of(section: Section, entry: Entry, around: Around) -> list[tuple[str, tuple[Tie, ...]]]:
    """By label, whichever of both entries says so."""
    found = [
        (field.label, tuple(_ties(section, field, entry, around)))
        for field in section.fields
        if field.is_link
    ]
    return [(label, ties) for label, ties in found if ties]


def linked_documents(answers: Iterable[Answer]) -> set[UUID]:
    """Every document that an entry names, known or not."""
    return {
        id_
        for answer in answers
        for field in BY_CODE[answer.section].fields
        if field.kind is FieldKind.DOCUMENTS
        for entry in answer.entries
        for id_ in ids_in(entry.values.get(field.code, ""))
    }


def offer(
    section: Section, entry_id: UUID, around: Around, documents: Iterable[DocumentLine]
) -> dict[str, dict[str, str]]:
    """What each link may be ticked with; nothing for one that has nothing.

    Entries that say themselves that they go with this one are left out: they say it already.
    """
    found: dict[str, dict[str, str]] = {}
    for field in section.fields:
        if field.kind is FieldKind.DOCUMENTS:
            found[field.code] = {str(line.id): words_of_document(line) for line in documents}
        elif field.kind is FieldKind.ENTRIES:
            of = BY_CODE[field.of]
            found[field.code] = {
                str(one.id): of.title_of(one)
                for one in around.entries(field.of)
                if entry_id not in _said_by(of, one, section.code)
            }
    return {code: choices for code, choices in found.items() if choices}


def keep(
    section: Section, values: Mapping[str, str], before: Entry | None, offered: Offered
) -> dict[str, str]:
    """What was ticked among what was offered, and what was there and could not be seen."""
    kept = dict(values)
    for field in section.fields:
        if not field.is_link:
            continue
        choices = offered.get(field.code, {})
        told = (str(id_) for id_ in ids_in(values.get(field.code, "")))
        held = (str(id_) for id_ in ids_in(before.values.get(field.code, "") if before else ""))
        ids = [
            *(id_ for id_ in told if id_ in choices),
            *(id_ for id_ in held if id_ not in choices),
        ]
        kept.pop(field.code, None)
        if ids:
            kept[field.code] = " ".join(ids)
    return kept


def words_of_document(line: DocumentLine) -> str:
    """« Bilan sanguin, 12 novembre 2026 »."""
    return f"{line.title}, {said_date(f'{civil_day(line.on)}')}"


def _ties(section: Section, field: Field, entry: Entry, around: Around) -> Iterator[Tie]:
    told = ids_in(entry.values.get(field.code, ""))
    if field.kind is FieldKind.DOCUMENTS:
        for id_ in told:
            if line := around.documents.get(id_):
                yield Tie(id_, words_of_document(line))
        return
    of = BY_CODE[field.of]
    for one in around.entries(field.of):
        if one.id in told or entry.id in _said_by(of, one, section.code):
            yield Tie(one.id, of.title_of(one), of.code)


def _said_by(section: Section, entry: Entry, about: str) -> list[UUID]:
    """The entries of the section `about` that this one says it goes with."""
    return [
        id_
        for field in section.fields
        if field.of == about
        for id_ in ids_in(entry.values.get(field.code, ""))
    ]
