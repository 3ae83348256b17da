"""The kinds of fields of the medical profile: how each is read from what was typed, and said."""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import date
from enum import StrEnum
from unicodedata import normalize
from uuid import UUID

from msgspec import Struct

from backend.domain.contact import NATIONAL, SEPARATORS
from backend.domain.errors import Refused


class FieldKind(StrEnum):
    """What may be typed in a field."""

    LINE = "line"
    TEXT = "text"
    """Several lines."""
    DATE = "date"
    """A year, with or without its month, with or without its day."""
    CHOICE = "choice"
    YES_NO = "yes-no"
    AMOUNT = "amount"
    """A whole number and one of the units."""
    PHONE = "phone"
    ENTRIES = "entries"
    """Entries of another section, ticked; what is kept is their ids."""
    DOCUMENTS = "documents"
    """Documents of the record, ticked; what is kept is their ids."""


LINKS = frozenset({FieldKind.ENTRIES, FieldKind.DOCUMENTS})
"""What is kept says nothing by itself: what may be shown of it is asked for each time."""


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a section; `options` are choices, or the units of an amount."""

    code: str
    label: str
    kind: FieldKind
    question: str = ""
    """The title of its page, when it has one of its own."""
    hint: str = ""
    most: int = 100
    required: bool = False
    options: dict[str, str] = {}
    past: bool = False
    """A date that cannot be to come."""
    after: str = ""
    """The date before which this one cannot be."""
    unless: str = ""
    """A « oui » that leaves no place for this field."""
    of: str = ""
    """The section whose entries are ticked."""

    @property
    def is_link(self) -> bool:
        return self.kind in LINKS

    @property
    def choices(self) -> dict[str, str]:
        """What is proposed, by its code."""
        return YES_NO if self.kind is FieldKind.YES_NO else self.options


YES_NO = {"oui": "Oui", "non": "Non"}
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
OLDEST = 1900
YEARS_TO_COME = 20
LARGEST = 999
MOST_LINKS = 200
WRITTEN = re.compile(r"(?:(?:(\d{1,2})[\s./-]+)?(\d{1,2})[\s./-]+)?(\d{4})", re.ASCII)
ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
AMOUNT = re.compile(r"(\d{1,4})\s*(\S*)", re.ASCII)
ABROAD = re.compile(r"(?:\+|00)([1-9]\d{7,14})", re.ASCII)
BAD_DATE = "Écrivez une date comme 2019, 03/2019 ou 17/03/2019."
BAD_PHONE = "Ce numéro n’est pas valide. Écrivez un numéro comme 06 39 98 12 34."


def read_field(field: Field, typed: str, today: date) -> str:
    """What is kept of it, empty when an optional field is; Refused with how to mend it."""
    text = _several(typed) if field.kind is FieldKind.TEXT else " ".join(typed.split())
    if not text:
        if not field.required:
            return ""
        raise Refused(_missing(field))
    match field.kind:
        case FieldKind.LINE | FieldKind.TEXT:
            return _text(field, text)
        case FieldKind.DATE:
            return _date(field, text, today)
        case FieldKind.AMOUNT:
            return _amount(field, text)
        case FieldKind.PHONE:
            return _phone(text)
        case FieldKind.ENTRIES | FieldKind.DOCUMENTS:
            return " ".join(map(str, ids_in(text)))
        case FieldKind.CHOICE | FieldKind.YES_NO:
            if text not in field.choices:
                raise Refused(f"{field.label} : choisissez une réponse.")
            return text


def words_of(field: Field, value: str) -> str:
    """What was kept, as people say it."""
    match field.kind:
        case FieldKind.CHOICE | FieldKind.YES_NO:
            return field.choices.get(value, value)
        case FieldKind.DATE:
            return said_date(value)
        case FieldKind.ENTRIES | FieldKind.DOCUMENTS:
            return ""
        case FieldKind.AMOUNT:
            number, _, unit = value.partition(" ")
            return f"{number} {field.options.get(unit, unit) if number not in {'0', '1'} else unit}"
        case FieldKind.PHONE if value.startswith("+33"):
            digits = f"0{value[3:]}"
            return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))
        case _:
            return value


def ids_in(text: str) -> list[UUID]:
    """Each id once; what is none is not there."""
    found: dict[UUID, None] = {}
    for word in text.split()[:MOST_LINKS]:
        with suppress(ValueError):
            found[UUID(word)] = None
    return list(found)


def _missing(field: Field) -> str:
    if field.kind is FieldKind.CHOICE:
        return "Choisissez une réponse."
    return BAD_DATE if field.kind is FieldKind.DATE else f"{field.label} : écrivez une réponse."


def _several(typed: str) -> str:
    lines = (" ".join(line.split()) for line in typed.strip().splitlines())
    return "\n".join(lines)


def _text(field: Field, text: str) -> str:
    text = normalize("NFC", text)
    if not text.replace("\n", "").isprintable():
        raise Refused(f"{field.label} : enlevez les caractères qui ne s’écrivent pas.")
    if len(text) > field.most:
        raise Refused(f"{field.label} : {field.most} caractères au plus. Raccourcissez.")
    return text


def _date(field: Field, text: str, today: date) -> str:
    """`2019`, `2019-03` or `2019-03-17`: as precise as what was typed."""
    text = normalize("NFKC", text)
    if found := ISO.fullmatch(text):
        year, month, day = (int(part) if part else None for part in found.groups())
    elif found := WRITTEN.fullmatch(text):
        day, month, year = (int(part) if part else None for part in found.groups())
    else:
        raise Refused(BAD_DATE)
    if not year or not OLDEST <= year <= today.year + YEARS_TO_COME:
        raise Refused(f"{field.label} : cette année n’est pas possible. {BAD_DATE}")
    if month is not None and not 1 <= month <= len(MONTHS):
        raise Refused(BAD_DATE)
    if day is not None and not 1 <= day <= monthrange(year, month or 1)[1]:
        raise Refused(BAD_DATE)
    kept = "-".join([f"{year}", *(f"{part:02}" for part in (month, day) if part is not None)])
    if field.past and kept > f"{today}"[: len(kept)]:
        raise Refused(f"{field.label} : cette date est à venir. Écrivez une date passée.")
    return kept


def _amount(field: Field, text: str) -> str:
    found = AMOUNT.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= LARGEST:
        raise Refused(f"{field.label} : écrivez un nombre entre 1 et {LARGEST}.")
    if found[2] not in field.options:
        raise Refused(f"{field.label} : choisissez une unité.")
    return f"{int(found[1])} {found[2]}"


def _phone(text: str) -> str:
    """Any telephone, in its international form."""
    digits = SEPARATORS.sub("", text)
    if found := ABROAD.fullmatch(digits):
        return f"+{found[1]}" if not found[1].startswith("330") else f"+33{found[1][3:]}"
    if found := NATIONAL.fullmatch(digits):
        return f"+33{found[1]}"
    raise Refused(BAD_PHONE)


def said_date(value: str) -> str:
    """« mars 2019 », as precise as what is known."""
    year, month, day = (*value.split("-"), "", "")[:3]
    words = [str(int(day)) if day != "01" else "1er"] if day else []
    words += [MONTHS[int(month) - 1]] if month else []
    return " ".join([*words, year])
