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
    "Declare",
    "Entry",
    "Field",
    "FieldKind",
    "Operation",
    "Put",
    "Remove",
    "Section",
    "State",
    "after",
    "alike",
    "check_together",
    "clash",
    "read_field",
    "section_of",
    "sections_for",
    "words_of",
]
