"""Contrats de confiance: when a partner’s identity may be taken as qualified. Pure.

Three things make one (product notes §8): a clause in the contract, two référents who know each
other, audits of each other. The word is not in a primary text: what follows is our reading.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from backend.domain.calendar import in_years
from backend.domain.errors import Refused

TOLD_BEFORE = timedelta(days=60)
"""Before its end and after it, whoever keeps the contracts is told of one."""
LONGEST = 200
MOST_YEARS = 5
FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}", re.ASCII)


class ContractState(StrEnum):
    """Only `actif` lets an identity be qualified."""

    COMING = "a-venir"
    ACTIVE = "actif"
    SUSPENDED = "suspendu"
    EXPIRED = "expire"
    STOPPED = "arrete"


class Terms(Struct, frozen=True):
    """What is written when one is signed."""

    partner: str
    clause: str
    our_referent: str
    their_referent: str
    signed_on: date
    until: date
    finess: str = ""


WHY_NOT = {
    ContractState.COMING: "ne commence que le {signed_on:%d/%m/%Y}",
    ContractState.SUSPENDED: "est suspendu par le dernier audit",
    ContractState.EXPIRED: "a pris fin le {until:%d/%m/%Y}",
    ContractState.STOPPED: "a été arrêté",
}

NO_LONGER = {
    ContractState.COMING: "Contrat à venir : les identités envoyées par {partner} ne sont pas "
    "encore qualifiées d’office.",
    ContractState.SUSPENDED: "Contrat suspendu : les identités envoyées par {partner} ne sont plus "
    "qualifiées d’office.",
    ContractState.EXPIRED: "Contrat expiré : les identités envoyées par {partner} ne sont plus "
    "qualifiées d’office.",
    ContractState.STOPPED: "Contrat arrêté : les identités envoyées par {partner} ne sont plus "
    "qualifiées d’office.",
}


class Ending(Struct, frozen=True):
    """How many contracts end soon, and how many just ended."""

    soon: int = 0
    over: int = 0


def check_terms(terms: Terms) -> Terms:
    """The same, tidied; or Refused, and what is missing."""
    words = {
        "partner": "le nom du partenaire",
        "clause": "la clause du contrat qui engage les deux parties",
        "our_referent": "le référent identitovigilance du laboratoire",
        "their_referent": "le référent identitovigilance du partenaire",
    }
    read = {name: " ".join(getattr(terms, name).split()) for name in words}
    for name, label in words.items():
        if not read[name]:
            raise Refused(f"Écrivez {label}.")
        if len(read[name]) > LONGEST:
            raise Refused(f"Écrivez {label} en {LONGEST} caractères au plus.")
    finess = terms.finess.replace(" ", "").upper()
    if finess and not FINESS.fullmatch(finess):
        raise Refused("Le numéro FINESS a neuf caractères.")
    if terms.until < terms.signed_on:
        raise Refused("La fin du contrat vient après sa signature.")
    if terms.until > in_years(terms.signed_on, MOST_YEARS):
        raise Refused(f"Un contrat dure {MOST_YEARS} ans au plus ; il se renouvelle ensuite.")
    return Terms(**read, signed_on=terms.signed_on, until=terms.until, finess=finess)


def state_of(
    *, signed_on: date, until: date, stopped_on: date | None, suspended: bool, today: date
) -> ContractState:
    """Where a contract stands on this day."""
    if stopped_on is not None and stopped_on <= today:
        return ContractState.STOPPED
    if until < today:
        return ContractState.EXPIRED
    if suspended:
        return ContractState.SUSPENDED
    return ContractState.COMING if signed_on > today else ContractState.ACTIVE


def instead(state: ContractState, partner: str) -> str:
    """What a page says where it would offer to qualify by a contract; nothing while it may."""
    return NO_LONGER[state].format(partner=partner) if state in NO_LONGER else ""


def ending(running: Iterable[tuple[str, date]], today: date) -> Ending:
    """Of contracts that nobody stopped, by partner and last day: those that ask for a renewal.

    Not those that another one with the same partner already goes on from.
    """
    last: dict[str, date] = {}
    for partner, until in running:
        name = partner.casefold()
        last[name] = max(until, last.get(name, until))
    left = [until - today for until in last.values()]
    soon = sum(timedelta(0) <= days <= TOLD_BEFORE for days in left)
    return Ending(soon, sum(-TOLD_BEFORE <= days < timedelta(0) for days in left))


def check_active(state: ContractState, terms: Terms) -> None:
    """Refused unless it is in force, with why."""
    if state is not ContractState.ACTIVE:
        why = WHY_NOT[state].format(signed_on=terms.signed_on, until=terms.until)
        raise Refused(
            f"Le contrat de confiance avec {terms.partner} {why} : cette identité ne peut pas être "
            "qualifiée par contrat. Contrôlez une pièce d’identité."
        )
