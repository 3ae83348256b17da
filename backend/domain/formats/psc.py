"""What Pro Santé Connect says of a professional (`userinfo`): who they are, where they work."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from backend.domain.laboratory import profession_of

CIVIL = "C"
"""codeCategorieProfessionnelle: neither a student nor a military physician."""
AT_MOST = 40
"""Activities: nobody has more, and each is looked up."""
LONGEST = 120
NATIONAL_ID = re.compile(r"[0-9A-Z][0-9A-Za-z./-]{4,59}")
FINESS = re.compile(r"\d[\dAB]\d{7}", re.ASCII)
SIRET = re.compile(r"\d{14}", re.ASCII)
TECHNICAL = re.compile(r"[0-9A-Za-z-]{1,40}")
EMPTY = re.compile("0+")


class BadUserinfo(Exception):
    """It is not what Pro Santé Connect says of a person. The reason is a word for our journal."""


class Activity(Struct, frozen=True):
    """One place where a professional works, under one profession."""

    profession: str
    """Line of the matrice d’habilitation."""
    structure: str
    """FINESS when there is one, else SIRET or the directory’s own number, each with its mark."""
    name: str
    city: str = ""


class Person(Struct, frozen=True):
    """Who signs in."""

    national_id: str
    """idNat_PS: what their account is known by, wherever they work."""
    family: str
    given: str
    profession: str = ""
    """The first that they practise; empty for who has none."""
    activities: tuple[Activity, ...] = ()


def read_person(said: Mapping[str, Any]) -> Person:
    """The person, and their activities that name a structure; BadUserinfo when it contradicts.

    `sub` ends with the national id: one that differs is somebody else’s.
    """
    national_id = said.get("SubjectNameID")
    if not isinstance(national_id, str) or not NATIONAL_ID.fullmatch(national_id):
        raise BadUserinfo("userinfo-identifier")
    if said.get("preferred_username", national_id) != national_id:
        raise BadUserinfo("userinfo-identifier")
    if not str(said.get("sub", "")).endswith(f":{national_id}"):
        raise BadUserinfo("userinfo-identifier")
    family, given = _name(said, "family_name"), _name(said, "given_name")
    found = tuple(_activities(said.get("SubjectRefPro")))
    if len(found) > AT_MOST:
        raise BadUserinfo("userinfo-activities")
    activities = tuple(dict.fromkeys(one for one in found if one.structure))
    profession = found[0].profession if found else ""
    return Person(national_id, family, given, profession, activities)


def _name(said: Mapping[str, Any], key: str) -> str:
    name = said.get(key)
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST:
        raise BadUserinfo("userinfo-name")
    if not name.isprintable():
        raise BadUserinfo("userinfo-name")
    return " ".join(name.split())


def _activities(professional: Any) -> Iterator[Activity]:
    """None for who has no `SubjectRefPro`: people without a health profession."""
    for practice in _dicts(professional, "exercices"):
        code = _text(practice, "codeProfession")
        if not code or _text(practice, "codeCategorieProfessionnelle") != CIVIL:
            continue
        for place in _dicts(practice, "activities"):
            section = _text(place, "codeSectionPharmacien")
            yield Activity(
                profession_of(code, _text(practice, "codeSavoirFaire"), section),
                _structure(place),
                _text(place, "raisonSocialeSite") or _text(place, "enseigneCommercialeSite"),
                re.sub(r"^\d{5} +", "", _text(place, "bureauCedex")).title(),
            )


def _structure(place: Mapping[str, Any]) -> str:
    """A FINESS as it is; other numbers start with a letter, so that none is taken for another."""
    for name in ("numeroFinessSite", "numeroFinessetablissementJuridique"):
        if FINESS.fullmatch(finess := _text(place, name)):
            return finess
    siret = _text(place, "numeroSiretSite")
    if SIRET.fullmatch(siret) and not EMPTY.fullmatch(siret):
        return f"S{siret}"
    technical = _text(place, "identifiantTechniqueDeLaStructure")
    return f"T{technical}" if TECHNICAL.fullmatch(technical) else ""


def _dicts(thing: Any, key: str) -> list[Mapping[str, Any]]:
    """The objects of a list that may be absent; BadUserinfo for anything else in its place."""
    if thing is None:
        return []
    found = thing.get(key, []) if isinstance(thing, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadUserinfo("userinfo-activities")
    return found


def _text(thing: Mapping[str, Any], key: str) -> str:
    value = thing.get(key) or ""
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise BadUserinfo("userinfo-activities")
    return value.strip()
