"""A result that waits for its announcement: who presses whom, and when. Pure."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from backend.domain.dates import read_date
from backend.domain.errors import Refused
from backend.domain.withholding import shows_on

WORDS_AT_MOST, NAME_AT_MOST = 500, 80
DAY = "Écrivez une date comme 21/09/2026."


class Call(StrEnum):
    """Why the people of a laboratory are called about a result that waits: each once."""

    REMINDER = "reminder"
    """The day that its owner chose."""
    WEEK = "day-7"
    URGENT = "day-12"
    EVERYBODY = "everybody"
    """Nobody did anything: every biologist of the site."""


CALLS = {
    Call.REMINDER: "rappel choisi",
    Call.WEEK: "7ᵉ jour",
    Call.URGENT: "12ᵉ jour",
    Call.EVERYBODY: "sans suite : tous les biologistes",
}
STAGES = ((Call.EVERYBODY, 13), (Call.URGENT, 12), (Call.WEEK, 7))
"""Days of waiting, the last one first: before the law mentions it, on the fourteenth."""


class Announced(Struct, frozen=True):
    """« Annonce faite »: which day, and by whom, as who released it wrote it."""

    on: date
    by: str


def due_calls(
    withheld_on: date, remind_on: date | None, today: date, made: Collection[tuple[Call, date]]
) -> list[tuple[Call, date]]:
    """The calls of today that were not made: the reminder, and the last stage reached.

    Who has a reminder still to come is at it: every biologist is not called.
    """
    due = [(Call.REMINDER, remind_on)] if remind_on and remind_on <= today else []
    stages = [(kind, withheld_on + timedelta(days)) for kind, days in STAGES]
    reached = next(((kind, on) for kind, on in stages if on <= today), None)
    at_it = remind_on is not None and remind_on > today
    if reached and not (reached[0] is Call.EVERYBODY and at_it):
        due.append(reached)
    return [one for one in due if one not in made]


def read_reason(text: str) -> str:
    """Why it waits, in the words of who deposited it; nothing is a reason too."""
    words = " ".join(text.split())
    if len(words) > WORDS_AT_MOST:
        raise Refused(f"Ce motif a plus de {WORDS_AT_MOST} caractères : raccourcissez-le.")
    return words


def read_reminder(text: str) -> date:
    """A day to be reminded on."""
    return read_date(text, DAY)


def check_reminder(day: date, withheld_on: date, today: date) -> None:
    """A reminder is to come, and before the month that the law gives is over."""
    if day <= today:
        raise Refused("Choisissez un jour à venir.")
    if day >= shows_on(withheld_on):
        raise Refused("Choisissez un jour à moins d’un mois du dépôt.")


def read_announcer(text: str) -> str:
    """Who announced it, by name."""
    name = " ".join(text.split())
    if not name:
        raise Refused("Écrivez le nom de la personne qui a fait l’annonce.")
    if len(name) > NAME_AT_MOST or not name.isprintable():
        raise Refused(f"Ce nom a plus de {NAME_AT_MOST} caractères, ou des signes inconnus.")
    return name


def check_announced(on: date, withheld_on: date, today: date) -> None:
    """An announcement was made since the result waits, and not tomorrow."""
    if not withheld_on <= on <= today:
        raise Refused("L’annonce a lieu entre le dépôt du résultat et aujourd’hui.")


def in_days(day: date, today: date) -> str:
    """« dans 5 jours », « demain », « aujourd’hui », « il y a 2 jours »."""
    days = (day - today).days
    near = {-1: "hier", 0: "aujourd’hui", 1: "demain"}
    if days in near:
        return near[days]
    return f"dans {days} jours" if days > 0 else f"il y a {-days} jours"
