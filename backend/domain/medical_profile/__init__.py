"""« Profil médical »: what is asked, what is answered, and how an answer changes."""

from backend.domain.medical_profile.answers import Answer, Entry, State
from backend.domain.medical_profile.changes import (
    Declare,
    Operation,
    Put,
    Remove,
    after,
    alike,
    clash,
)
from backend.domain.medical_profile.fields import Field, FieldKind, read_field, words_of
from backend.domain.medical_profile.links import (
    Around,
    Offered,
    Tie,
    keep,
    linked_documents,
    offer,
    ties_of,
)
from backend.domain.medical_profile.sections import (
    SECTIONS,
    Section,
    check_together,
    section_of,
    sections_for,
)

__all__ = [
    "SECTIONS",
    "Answer",
    "Around",
    "Declare",
    "Entry",
    "Field",
    "FieldKind",
    "Offered",
    "Operation",
    "Put",
    "Remove",
    "Section",
    "State",
    "Tie",
    "after",
    "alike",
    "check_together",
    "clash",
    "keep",
    "linked_documents",
    "offer",
    "read_field",
    "section_of",
    "sections_for",
    "ties_of",
    "words_of",
]
