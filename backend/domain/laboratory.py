"""Who does what inside a laboratory: five roles, and one table of what each of them may do."""

import csv
import re
from collections.abc import Collection
from enum import StrEnum
from functools import cache
from importlib.resources import files

from backend.domain.errors import Refused
from backend.domain.habilitation import PHYSICIAN

NAME_AT_MOST = 80
RPPS_DIGITS = 11
ADELI = re.compile(r"0\d{9}")
OTHER = re.compile(r"ANS\d{8,20}")
FINESS = re.compile(r"\d[\dAB]\d{7}", re.ASCII)
WRONG = (
    "Écrivez le numéro RPPS (11 chiffres), ou l’identifiant que Pro Santé Connect donne "
    "à cette personne."
)


class Role(StrEnum):
    """What somebody is at one site; one person may be several things there."""

    BIOLOGIST = "biologiste"
    TECHNICIAN = "technicien"
    SECRETARY = "secretaire"
    REFERENT = "referent"
    ADMINISTRATOR = "administrateur"


class Ability(StrEnum):
    """What the table speaks of. Rules ask it; a page may, before it shows a link."""

    SEE_TEAM = "team:see"
    MANAGE_TEAM = "team:manage"
    CHECK_IDENTITY = "identity:check"
    CORRECT_IDENTITY = "identity:correct"
    DEPOSIT = "document:deposit"
    RELEASE = "document:release"
    SEE_ANNOUNCEMENTS = "announcement:see"
    MANAGE_POLICY = "policy:manage"
    SEND = "document:send"
    OPEN_THREAD = "thread:open"
    MANAGE_MODELS = "model:manage"
    MANAGE_CONTRACTS = "contract:manage"
    MANAGE_ANOMALIES = "anomaly:manage"
    OPEN_KIT = "kit:open"
    SEE_STATION = "station:see"
    OPEN_RECORDS = "record:open"
    REVIEW_ACCESSES = "access:review"


ROLE_NAMES = {
    Role.BIOLOGIST: "biologiste",
    Role.TECHNICIAN: "technicien ou technicienne",
    Role.SECRETARY: "secrétaire",
    Role.REFERENT: "référent ou référente identité",
    Role.ADMINISTRATOR: "administrateur ou administratrice du laboratoire",
}
BIOLOGISTS = frozenset({"10/SM03", "21/G"})
"""Professions of the matrice d’habilitation: physicians and pharmacists, in medical biology."""
SECRETARIES = "SECRETARIAT_MEDICAL"


def can(roles: Collection[Role], ability: Ability) -> bool:
    """Whether any of these roles may do it."""
    return any(role in _table()[ability] for role in roles)


def roles_held(attached: Collection[Role], profession: str) -> frozenset[Role]:
    """Those that a site gave, save a biologist’s to who is none: a profession is not given."""
    return frozenset(
        role for role in attached if role is not Role.BIOLOGIST or profession in BIOLOGISTS
    )


def profession_at(profession: str, roles: Collection[Role]) -> str:
    """The line of the matrice for who works there: their own, else that of the office; or none."""
    return profession or (SECRETARIES if Role.SECRETARY in roles else "")


def profession_of(code: str, know_how: str, section: str) -> str:
    """The line of the matrice that a profession of the Annuaire santé stands for.

    `10` with a savoir-faire of medical biology (SM03, its options SM63 to SM67), `21` in section G.
    """
    options = {"SM03", *(f"SM{number}" for number in range(63, 68))}
    if code == PHYSICIAN and know_how in options:
        return "10/SM03"
    return "21/G" if code == "21" and section == "G" else code


def read_role(text: str) -> Role:
    """What was chosen in the list."""
    if text not in set(Role):
        raise Refused("Choisissez un rôle dans la liste.")
    return Role(text)


def read_national_id(text: str) -> str:
    """An idNat_PS: `8` and an RPPS whose key is right, `0` and an ADELI, or `ANS` and digits."""
    bare = re.sub(r"[\s.]", "", text).upper()
    if len(bare) == RPPS_DIGITS and bare.isascii() and bare.isdigit():
        bare = f"8{bare}"
    rpps = re.fullmatch(r"8(\d{11})", bare, re.ASCII)
    if rpps and not _has_its_key(rpps[1]):
        raise Refused("Un chiffre de ce numéro RPPS est mal recopié.")
    if not (rpps or ADELI.fullmatch(bare) or OTHER.fullmatch(bare)):
        raise Refused(WRONG)
    return bare


def read_finess(text: str) -> str:
    """The nine characters of a FINESS, without the type digit `1`."""
    bare = "".join(text.split()).upper()
    if not FINESS.fullmatch(bare):
        raise Refused("Le numéro FINESS a neuf caractères.")
    return bare


def read_name(text: str) -> str:
    """A name as people write it."""
    name = " ".join(text.split())
    if not name:
        raise Refused("Écrivez ce nom.")
    if len(name) > NAME_AT_MOST or not name.isprintable():
        raise Refused(f"Ce nom a plus de {NAME_AT_MOST} caractères, ou des signes inconnus.")
    return name


def _has_its_key(digits: str) -> bool:
    """Luhn."""
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004


@cache
def _table() -> dict[Ability, frozenset[Role]]:
    text = (files("backend.domain.codes") / "laboratory_roles.csv").read_text(encoding="utf-8")
    return {
        Ability(line["ability"]): frozenset(
            role for role in Role if line[role.name.lower()] == "yes"
        )
        for line in csv.DictReader(text.splitlines())
    }
