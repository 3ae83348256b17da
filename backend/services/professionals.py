"""Professionals as people read them: name, profession, where they work."""

from collections.abc import Collection, Iterable
from uuid import UUID

from msgspec import Struct

from backend.access.scopes.care import directory, practices, practitioners
from backend.domain.directory import Wanted
from backend.domain.habilitation import profession_name
from backend.storage.db import AsyncSession
from backend.storage.structures import Professional, Structure

FOUND_AT_MOST = 20


class Practitioner(Struct, frozen=True):
    """One professional of the directory."""

    id: UUID
    name: str
    """« Dr Paul Martin »."""
    job: str
    """« médecin »."""
    profession: str
    """Code of the matrice d’habilitation."""
    places: tuple[str, ...] = ()
    """« Cabinet de la Fontaine, Nantes »."""


async def named(db: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Practitioner]:
    """Who these are."""
    return await _described(db, (await db.scalars(practitioners(ids))).all()) if ids else {}


async def search(db: AsyncSession, wanted: Wanted) -> tuple[list[Practitioner], bool]:
    """The first professionals of that name or number, and whether there are more."""
    query = directory(wanted.words, wanted.number).limit(FOUND_AT_MOST + 1)
    found = list((await db.scalars(query)).all())
    known = await _described(db, found[:FOUND_AT_MOST])
    return list(known.values()), len(found) > FOUND_AT_MOST


async def works_at(db: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[Structure]]:
    """The structures where each of these works."""
    found: dict[UUID, list[Structure]] = {}
    for id_, structure in await db.execute(practices(ids)):
        found.setdefault(id_, []).append(structure)
    return found


def place_of(structure: Structure) -> str:
    """« Cabinet de la Fontaine, Nantes »."""
    return f"{structure.name}, {structure.city}" if structure.city else structure.name


async def _described(db: AsyncSession, people: Iterable[Professional]) -> dict[UUID, Practitioner]:
    known = list(people)
    places = await works_at(db, [one.id for one in known])
    return {
        one.id: Practitioner(
            one.id,
            name_of(one),
            profession_name(one.profession),
            one.profession,
            tuple(map(place_of, places.get(one.id, ()))),
        )
        for one in known
    }


def name_of(one: Professional) -> str:
    """« Dr Paul Martin »."""
    title = "Dr " if one.profession.partition("/")[0] in {"10", "21", "40"} else ""
    return f"{title}{one.given.title()} {one.family.title()}"
