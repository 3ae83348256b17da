"""Who comes to a desk today, and what is left to do before a deposit. Pure."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from enum import StrEnum

from msgspec import Struct

from backend.domain.calendar import PARIS
from backend.domain.errors import Refused
from backend.domain.reception import Choices
from backend.domain.reports import Traits
from backend.domain.rniv import Mark, Standing, Status
from backend.domain.rniv.children import holds_somebody_elses_number, is_minor

HOUR = re.compile(r"(\d{1,2}) ?[:hH]? ?(\d{2})?", re.ASCII)
NO_HOUR = "Écrivez l’heure comme 10:30."


class Light(StrEnum):
    """From the one that stops to the one that lets through."""

    STOP = "attention"
    UNFINISHED = "a-completer"
    READY = "pret"


class Space(StrEnum):
    """What a laboratory may know of somebody’s space: whether a deposit would be taken.

    That it was refused, closed, or never was is the person’s own business: it is one word here.
    """

    OPEN = "ouvert"
    NONE = "aucun"
    UNKNOWN = "non-su"
    """Only a qualified identity lets anybody ask."""


class Sign(Struct, frozen=True):
    """One thing that somebody at the desk sees in a row."""

    light: Light
    words: str


class Known(Struct, frozen=True):
    """What the signs of a row are made from."""

    traits: Traits
    standing: Standing
    space: Space
    waits_for_insi: bool = False
    choices: Choices | None = None
    anomaly: bool = False
    parents_number: bool = False
    """An anomaly says that the number is a parent’s."""


class Signs(Struct, frozen=True):
    """The three of a row."""

    identity: Sign
    space: Sign
    visit: Sign

    @property
    def light(self) -> Light:
        """The worst of them."""
        found = {self.identity.light, self.space.light, self.visit.light}
        return next(light for light in Light if light in found)


STEPS = {
    Status.PROV: Sign(Light.UNFINISHED, "Provisoire : INSi à interroger"),
    Status.RECUP: Sign(Light.UNFINISHED, "Récupérée : pièce à contrôler"),
    Status.VALI: Sign(Light.UNFINISHED, "Validée : INSi à interroger"),
    Status.QUAL: Sign(Light.READY, "Qualifiée"),
}
SPACES = {
    Space.OPEN: Sign(Light.READY, "Espace ouvert"),
    Space.NONE: Sign(Light.STOP, "Pas d’espace ouvert"),
    Space.UNKNOWN: Sign(Light.UNFINISHED, "Pas encore connu"),
}


def signs_of(known: Known, today: date) -> Signs:
    """What is left to do about somebody who comes today."""
    return Signs(next(_identity(known, today)), SPACES[known.space], _visit(known.choices))


def hour_of(text: str, day: date) -> datetime:
    """« 10:30 », « 10 h 30 » or « 10h », on that day in France; or Refused."""
    found = HOUR.fullmatch(" ".join(text[:20].split()))
    try:
        hour = time(int(found[1]), int(found[2] or 0)) if found else None
    except ValueError:
        hour = None
    if hour is None:
        raise Refused(NO_HOUR)
    return datetime.combine(day, hour, PARIS)


def day_of(day: date) -> datetime:
    """The first moment of a day in France: what is before it belongs to another list."""
    return datetime.combine(day, time(), PARIS)


def _identity(known: Known, today: date) -> Iterator[Sign]:
    """The gravest first."""
    marks, traits = known.standing.marks, known.traits
    if known.parents_number or holds_somebody_elses_number(traits, today):
        yield Sign(Light.STOP, "Numéro d’un parent : anomalie à traiter")
    if Mark.DOUBTFUL in marks:
        yield Sign(Light.STOP, "Identité douteuse")
    if Mark.FICTITIOUS in marks:
        yield Sign(Light.STOP, "Identité fictive")
    if known.anomaly:
        yield Sign(Light.STOP, "Anomalie à traiter")
    if known.waits_for_insi:
        yield Sign(Light.UNFINISHED, "INSi n’a pas répondu")
    if is_minor(traits, today) and not traits.matricule:
        yield Sign(Light.UNFINISHED, "Enfant sans INS : jamais le numéro du parent")
    step = STEPS[known.standing.status]
    homonym = " · homonyme" if Mark.HOMONYM in marks else ""
    yield Sign(step.light, step.words + homonym)


def _visit(choices: Choices | None) -> Sign:
    if choices and choices.opposed:
        return Sign(Light.STOP, "Ne pas déposer : opposition")
    if choices and choices.informed:
        return Sign(Light.READY, "Information donnée")
    return Sign(Light.UNFINISHED, "À informer du dépôt")
