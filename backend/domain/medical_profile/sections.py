"""The sections of the medical profile, read from `codes/medical_profile.toml`."""

from collections.abc import Container, Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct, field

from backend.domain.errors import NotFound
from backend.domain.medical_profile.answers import Entry
from backend.domain.medical_profile.fields import Field, words_of

BOTH_DATES = "Cette date est avant la date de début. Corrigez l’une des deux."
STILL = "Vous avez dit que c’est en cours. Effacez cette date, ou changez la réponse."
NOTHING_SAID = "Remplissez au moins une case, ou revenez en arrière."


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """One card of the profile."""

    code: str
    title: str
    question: str
    about: str
    """The same question about somebody else: `{name}`."""
    one: str
    """What an entry is."""
    fields: tuple[Field, ...] = field(name="field")
    note: str = ""
    warning: str = ""
    """Said with the answer, on paper too."""
    several: bool = True
    one_each: str = ""
    """The field of which no two entries have the same value."""
    adults: bool = False
    """Not asked of a child."""
    answers: tuple[str, ...] = ("oui", "rien", "inconnu")

    def pages(self, offered: Container[str] = ()) -> tuple[tuple[Field, ...], ...]:
        """One question a page for what is required, then the rest together, then each link.

        `offered` are the links for which there is something to tick: the others are not asked.
        """
        alone = tuple((one,) for one in self.fields if one.required)
        rest = tuple(one for one in self.fields if not one.required and not one.is_link)
        links = tuple((one,) for one in self.fields if one.is_link and one.code in offered)
        return (*alone, rest, *links) if rest else (*alone, *links)

    def title_of(self, entry: Entry) -> str:
        """What an entry is called: its required fields, or what it is."""
        named = [words_of(one, entry.values.get(one.code, "")) for one in self._named]
        return " : ".join(filter(None, named)) or self.one

    def lines_of(self, entry: Entry) -> list[tuple[str, str]]:
        """The rest of an entry: labels and words."""
        return [
            (one.label, words_of(one, entry.values[one.code]))
            for one in self.fields
            if one not in self._named and not one.is_link and entry.values.get(one.code)
        ]

    @property
    def _named(self) -> list[Field]:
        required = [one for one in self.fields if one.required]
        return required[: 2 if required and required[0].kind == "choice" else 1]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    section: tuple[Section, ...]


@cache
def _read() -> tuple[Section, ...]:
    text = (files("backend.domain.codes") / "medical_profile.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_File).section


SECTIONS = _read()


def section_of(code: str, *, adult: bool) -> Section:
    """The section, or NotFound: also when it is not asked of a child."""
    for section in sections_for(adult=adult):
        if section.code == code:
            return section
    raise NotFound


def sections_for(*, adult: bool) -> Sequence[Section]:
    """What is asked of an adult, or of a child."""
    return [section for section in SECTIONS if adult or not section.adults]


def check_together(section: Section, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong between fields that are each right, by field."""
    errors = {}
    for one in section.fields:
        value = values.get(one.code, "")
        start = values.get(one.after, "")
        shared = min(len(value), len(start))
        if value and value[:shared] < start[:shared]:
            errors[one.code] = BOTH_DATES
        if value and values.get(one.unless) == "oui":
            errors[one.code] = STILL
    if not any(values.values()):
        errors[section.fields[0].code] = NOTHING_SAID
    return errors
