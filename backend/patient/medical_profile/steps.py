"""The pages of one entry of the medical profile: what was typed on each goes along to the last."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from litestar.datastructures import FormMultiDict
from msgspec import Struct

from backend.domain.medical_profile import (
    Entry,
    Field,
    FieldKind,
    Offered,
    Section,
    check_together,
    keep,
    read_field,
)
from backend.web.forms import Draft

STEP, WAY, VERSION, OVER = "etape", "aller", "version", "garder"
UNIT = "-unite"
Pages = tuple[tuple[Field, ...], ...]
SMALL = re.compile("[0-9]{1,9}")


class Walk(Struct, frozen=True):
    """Which page to show and with what; `values` once the last one is right."""

    draft: Draft
    offered: Offered
    """What may be ticked: a link without anything is not asked."""
    step: int = 0
    values: dict[str, str] | None = None


def names_of(field: Field) -> tuple[str, ...]:
    """The names of its inputs."""
    return (field.code, field.code + UNIT) if field.kind is FieldKind.AMOUNT else (field.code,)


def flat(form: FormMultiDict) -> dict[str, str]:
    """Each field once: boxes that were ticked together are one text."""
    return {
        name: " ".join(one for one in form.getall(name) if isinstance(one, str)) for name in form
    }


def begin(section: Section, entry: Entry | None, offered: Offered) -> Walk:
    """The first page: empty, or with what was told."""
    typed: dict[str, str] = {}
    for field in section.fields:
        value = entry.values.get(field.code, "") if entry else ""
        match field.kind:
            case FieldKind.AMOUNT:
                typed[field.code], _, typed[field.code + UNIT] = value.partition(" ")
            case FieldKind.DATE:
                typed[field.code] = "/".join(reversed(value.split("-")))
            case FieldKind.ENTRIES | FieldKind.DOCUMENTS:
                choices = offered.get(field.code, {})
                typed[field.code] = " ".join(one for one in value.split() if one in choices)
            case _:
                typed[field.code] = value
    return Walk(Draft(typed, fields=_names(section)), offered)


def walk(
    section: Section,
    sent: Mapping[str, Any],
    today: date,
    offered: Offered,
    before: Entry | None,
) -> Walk:
    """From the page that was sent: back, on, at what is wrong, or done."""
    pages = section.pages(offered)
    draft, last = Draft(sent, fields=_names(section)), len(pages) - 1
    step = min(number_in(sent, STEP), last)
    if sent.get(WAY) == "retour":
        return Walk(draft, offered, max(step - 1, 0))
    values = _read(pages[: step + 1], draft, today)
    if not draft.errors and step < last:
        return Walk(draft, offered, step + 1)
    if not draft.errors:
        draft.errors |= check_together(section, values)
    if draft.errors:
        return Walk(draft, offered, _page_of(pages, next(iter(draft.errors))))
    told = {code: value for code, value in values.items() if value}
    return Walk(draft, offered, step, keep(section, told, before, offered))


def number_in(sent: Mapping[str, Any], name: str) -> int:
    """A small number of the form; 0 for anything else."""
    text = str(sent.get(name, ""))
    return int(text) if SMALL.fullmatch(text) else 0


def _names(section: Section) -> tuple[str, ...]:
    return tuple(name for field in section.fields for name in names_of(field))


def _read(pages: Pages, draft: Draft, today: date) -> dict[str, str]:
    """Every field of these pages, up to the first where something is wrong."""
    values: dict[str, str] = {}
    for page in pages:
        for field in page:
            read = partial(_one, field, draft, today)
            values[field.code] = draft.take(field.code, read) or ""
        if draft.errors:
            break
    return values


def _one(field: Field, draft: Draft, today: date, _: str) -> str:
    """All its inputs together, whichever of them the draft is reading."""
    typed = [draft.typed[name] for name in names_of(field)]
    if field.kind is FieldKind.AMOUNT and not typed[0].strip():
        typed = []
    return read_field(field, " ".join(typed), today)


def _page_of(pages: Pages, code: str) -> int:
    return next(
        number for number, page in enumerate(pages) if any(field.code == code for field in page)
    )
