"""The categories of documents that people know, and the types (JDV_J07) that each one holds.

A type that the table does not know is in « Autres documents ».
"""

import csv
from functools import cache
from importlib.resources import files

from msgspec import Struct

from backend.domain.documents import Kind
from backend.domain.errors import Refused

Category = Kind
"""The same, as access speaks of them."""


class DocumentType(Struct, frozen=True):
    """One type, as people read it."""

    code: str
    category: Category
    name: str


@cache
def document_types() -> tuple[DocumentType, ...]:
    """Every type that the table knows."""
    text = (files("backend.domain.codes") / "document_types.csv").read_text(encoding="utf-8")
    return tuple(
        DocumentType(line["type_code"], Category(line["category"]), line["name"])
        for line in csv.DictReader(text.splitlines())
    )


def category_of(type_code: str) -> Category:
    """Where people find a document of this type."""
    return _by_code().get(type_code, Category.OTHER)


def read_categories(codes: list[str]) -> frozenset[Category]:
    """Those that a form names; Refused for any other word."""
    try:
        return frozenset(map(Category, codes))
    except ValueError as error:
        raise Refused("Choisissez dans la liste des catégories.") from error


@cache
def _by_code() -> dict[str, Category]:
    return {one.code: one.category for one in document_types()}
