"""Mes documents: the list, its filters, a search. What is searched for is in no address."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from backend.domain.documents import LABELS, DocumentLine, Filters, Kind
from backend.services import folders, listing, search
from backend.services.listing import Facets, read_place
from backend.web import At, Db, Person, patient_page, url
from backend.web.french import month_year

OWN, MASKED, UNREAD = "ajoutes", "masques", "non-lus"
FOLDERS = 8
"""Shown as filters, at most: more would push the documents off a phone."""


class Month(Struct, frozen=True):
    """One heading of the list."""

    label: str
    lines: tuple[DocumentLine, ...]


class Chip(Struct, frozen=True):
    """One filter, as a link that keeps the others."""

    label: str
    to: str
    on: bool


class Asked(Struct, frozen=True):
    """What the address says; `s` are the words of a search, which only this session reads."""

    voir: str = ""
    labo: str = ""
    dossier: str = ""
    s: str = ""

    def to(self, **changes: str) -> str:
        """The address of the list with these filters."""
        said = {"voir": self.voir, "labo": self.labo, "dossier": self.dossier, "s": self.s}
        said |= changes
        query = urlencode({name: value for name, value in said.items() if value})
        return url("patient.documents.index") + (f"?{query}" if query else "")


@get("/", name="patient.documents.index")
async def index(
    db: Db,
    actor: Person,
    at: At,
    voir: FromQuery[str] = "",
    labo: FromQuery[str] = "",
    dossier: FromQuery[str] = "",
    s: FromQuery[str] = "",
    apres: FromQuery[str] = "",
) -> Template:
    named = {str(id_): name for id_, name in (await folders.names(db, actor, at)).items()}
    asked = Asked(voir, labo, dossier if dossier in named else "", s)
    words = search.shown_words(db, actor, s)
    filters = _read(asked, words)
    lines, more = await listing.list_documents(db, actor, at, filters, after=read_place(apres))
    known = await listing.facets(db, actor, at)
    return await patient_page(
        db,
        actor,
        at,
        "patient/documents/index.html",
        months=_by_month(lines),
        total=len(lines),
        first_page=not apres,
        more=more and asked.to(apres=f"{more[0]}.{more[1]}"),
        words=words,
        asked=asked,
        narrowed=filters != listing.EVERYTHING,
        chips=_chips(asked, known),
        laboratories=_laboratories(asked, known),
        folders=_folders(asked, named),
        own=known.own,
    )


@post("/recherche", name="patient.documents.search")
async def find(request: Request[Any, Any, Any], db: Db, actor: Person) -> Redirect:
    """The words go in the body of a form, and come back sealed: neither a log nor the history of
    a browser says what somebody looks for.
    """
    form = await request.form()
    names = ("voir", "labo", "dossier", "mots")
    voir, labo, dossier, typed = (str(form.get(name, "")) for name in names)
    asked = Asked(voir, labo, dossier, search.hide_words(db, actor, typed))
    return Redirect(asked.to(), status_code=303)


def _read(asked: Asked, words: str) -> Filters:
    """What is not known filters nothing."""
    try:
        laboratory = UUID(asked.labo)
    except ValueError:
        laboratory = None
    return Filters(
        kind=Kind(asked.voir) if asked.voir in set(Kind) else None,
        own=asked.voir == OWN,
        masked=asked.voir == MASKED,
        unread=asked.voir == UNREAD,
        laboratory=laboratory,
        folder=UUID(asked.dossier) if asked.dossier else None,
        words=words,
    )


def _chips(asked: Asked, known: Facets) -> list[Chip]:
    """None when there is nothing to choose between."""
    others = ((UNREAD, "Non lus", known.unread), (OWN, "Ajoutés par moi", known.own))
    named = [
        ("", "Tous"),
        *((name, label) for name, label, there in others if there or asked.voir == name),
        *((kind.value, LABELS[kind]) for kind in known.kinds),
        *([(MASKED, "Masqués")] if known.masked or asked.voir == MASKED else []),
    ]
    chips = [Chip(label, asked.to(voir=name), asked.voir == name) for name, label in named]
    return chips if len(chips) > len(("Tous", "one")) or asked.voir else []


def _laboratories(asked: Asked, known: Facets) -> list[Chip]:
    """None when they are all of one laboratory."""
    named = [("", "Tous"), *((str(id_), name) for id_, name in known.laboratories)]
    chips = [Chip(label, asked.to(labo=name), asked.labo == name) for name, label in named]
    return chips if len(known.laboratories) > 1 else []


def _folders(asked: Asked, named: Mapping[str, str]) -> list[Chip]:
    """None without a folder; of many, the one that is looked at: « Mes dossiers » lists them."""
    few = len(named) <= FOLDERS
    shown = [(id_, name) for id_, name in named.items() if few or id_ == asked.dossier]
    chips = [("", "Tous"), *shown] if shown else []
    return [Chip(label, asked.to(dossier=id_), asked.dossier == id_) for id_, label in chips]


def _by_month(lines: Iterable[DocumentLine]) -> list[Month]:
    months = groupby(lines, key=lambda line: month_year(line.on))
    return [Month(label, tuple(found)) for label, found in months]
