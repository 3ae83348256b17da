"""What a person chose about how Repères speaks to them. Security alerts are not a choice."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta

import msgspec

from backend.domain.calendar import PARIS, civil_day
from backend.domain.errors import Refused
from backend.domain.notices import ABOUT_THE_RECORD, URGENT, Event

PUSH, EMAIL, SMS = CHANNELS = ("push", "email", "sms")
USUAL = (PUSH, EMAIL)
CHOICES = (
    Event.NEW,
    Event.REPLACED,
    Event.WITHDRAWN,
    Event.MESSAGE,
    Event.FIRST_ACCESS,
    Event.EMERGENCY_ACCESS,
)
"""What there is to choose about."""
LIKE = {
    Event.UPDATED: Event.NEW,
    Event.SHOWING_ENTERED: Event.FIRST_ACCESS,
    Event.CHECKED: Event.REPLACED,
}
"""Told where the other is."""
ALWAYS = frozenset({Event.EMERGENCY_ACCESS, Event.UPDATED})
"""Told by some means, whatever was chosen."""
CAN_WAIT = frozenset({Event.UPDATED, Event.MESSAGE})
"""Of the record as a whole, and told in the day’s one message all the same."""
NIGHT = (21, 8)


class Preferences(msgspec.Struct, frozen=True):
    """Stored as JSON; fields of a later version are ignored, missing ones have their default."""

    channels: Mapping[str, tuple[str, ...]] = {}
    """By event; an event that is not there is told in the usual ways."""
    quiet: tuple[int, int] | None = None
    """Nothing between these two hours in Paris: it waits for the second. Codes always leave."""
    digest: int | None = None
    """The hour of the one message of a day about documents; None: as they come."""
    discreet: bool = False
    """What a lock screen may show does not even name Repères."""
    simple: bool = False
    """« Lecture simple »."""

    def by(self, event: Event) -> tuple[str, ...]:
        """The channels that tell of it."""
        return self.channels.get(LIKE.get(event, event).value, USUAL)


class _Stored(Preferences, frozen=True):
    """With what versions of before wrote."""

    new_document: tuple[str, ...] | None = None
    quiet_night: bool = False


AS_EVERYBODY = Preferences()


def read_preferences(stored: bytes | None) -> Preferences:
    """What is stored, or the defaults when nothing (readable) is."""
    if stored is None:
        return AS_EVERYBODY
    try:
        found = msgspec.json.decode(stored, type=_Stored)
    except msgspec.MsgspecError:
        return AS_EVERYBODY
    channels = found.channels
    if found.new_document is not None:  # one choice for all that happened to a document
        chosen = (*found.new_document, *([PUSH] if found.new_document else ()))
        channels = {
            **dict.fromkeys((Event.NEW.value, Event.REPLACED.value, Event.WITHDRAWN.value), chosen),
            **channels,
        }
    return Preferences(
        channels={event: known(by) for event, by in channels.items()},
        quiet=found.quiet or (NIGHT if found.quiet_night else None),
        digest=found.digest,
        discreet=found.discreet,
        simple=found.simple,
    )


def write_preferences(preferences: Preferences) -> bytes:
    """For storing."""
    return msgspec.json.encode(preferences)


def known(channels: Collection[str]) -> tuple[str, ...]:
    """Those that exist, each once, in their order."""
    return tuple(channel for channel in CHANNELS if channel in channels)


def check_preferences(chosen: Preferences, reachable: Collection[str]) -> None:
    """Refused for a channel that the person has not, hours that are none, an emergency untold."""
    asked = {channel for event in CHOICES for channel in chosen.by(event)}
    for channel, message in MISSING.items():
        if channel in asked and channel not in reachable:
            raise Refused(message)
    if not set(chosen.by(Event.EMERGENCY_ACCESS)) & set(reachable):
        raise Refused("Un accès en urgence vous est toujours signalé : cochez au moins un moyen.")
    hours = [hour for hour in (*(chosen.quiet or ()), chosen.digest) if hour is not None]
    if any(not 0 <= hour < 24 for hour in hours):  # noqa: PLR2004 - a day
        raise Refused("Choisissez des heures de la liste.")
    if chosen.quiet and chosen.quiet[0] == chosen.quiet[1]:
        raise Refused("Choisissez deux heures différentes pour la nuit.")
    if chosen.digest is not None and _is_quiet(chosen, time(chosen.digest)):
        raise Refused("Choisissez pour le résumé une heure en dehors de la nuit.")


MISSING = {
    SMS: "Ajoutez d’abord un numéro de mobile, dans « Sécurité ».",
    EMAIL: "Ajoutez d’abord une adresse e-mail, dans « Sécurité ».",
}


def is_deaf(chosen: Preferences, reachable: Collection[str]) -> bool:
    """Neither a new document nor a first access would be told: worth a warning."""
    told = {*chosen.by(Event.NEW), *chosen.by(Event.FIRST_ACCESS)}
    return not told & set(reachable)


def ways(chosen: Preferences, event: Event, reachable: Collection[str]) -> tuple[str, ...]:
    """The channels on which to tell this person of it."""
    found = tuple(channel for channel in chosen.by(event) if channel in reachable)
    if not found and (event in ALWAYS or LIKE.get(event, event).value not in chosen.channels):
        return tuple(channel for channel in (EMAIL, SMS, PUSH) if channel in reachable)[:1]
    return found


def digest_at(chosen: Preferences, event: Event, now: datetime) -> datetime | None:
    """The hour of the day’s one message, when this may wait for it."""
    if chosen.digest is None or event in URGENT | (ABOUT_THE_RECORD - CAN_WAIT):
        return None
    return _next(chosen.digest, now)


def quiet_until(chosen: Preferences, event: Event | None, now: datetime) -> datetime | None:
    """When a notice may leave instead of `now`; None when it may leave at once."""
    if event in URGENT or not chosen.quiet or not _is_quiet(chosen, now.astimezone(PARIS).time()):
        return None
    return _next(chosen.quiet[1], now)


def _is_quiet(chosen: Preferences, at: time) -> bool:
    if not chosen.quiet:
        return False
    begins, ends = (time(hour) for hour in chosen.quiet)
    return begins <= at < ends if begins < ends else at >= begins or at < ends


def _next(hour: int, now: datetime) -> datetime:
    """The next time that a clock in Paris shows this hour."""
    here = now.astimezone(PARIS)
    day = civil_day(now) + timedelta(days=here.time() >= time(hour))
    return datetime.combine(day, time(hour), PARIS).astimezone(now.tzinfo)
