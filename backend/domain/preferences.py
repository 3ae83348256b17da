"""What a person chose about how Repères speaks to them. Security alerts are not a choice."""

from datetime import datetime, time, timedelta

import msgspec

from backend.domain.calendar import PARIS

CHANNELS = ("email", "sms")
NIGHT_FROM, NIGHT_UNTIL = time(21), time(8)


class Preferences(msgspec.Struct, frozen=True):
    """Stored as JSON; fields of a later version are ignored, missing ones have their default."""

    new_document: tuple[str, ...] = ("email",)
    """Channels that tell of a new document; empty: only the page says it."""
    quiet_night: bool = False
    """Nothing between 21 h and 8 h in Paris: it waits for the morning. Codes always leave."""
    discreet: bool = False
    """The subject of an e-mail and the text of an SMS do not even name Repères."""
    simple: bool = False
    """« Lecture simple »."""


AS_EVERYBODY = Preferences()


def read_preferences(stored: bytes | None) -> Preferences:
    """What is stored, or the defaults when nothing (readable) is."""
    if stored is None:
        return AS_EVERYBODY
    try:
        found = msgspec.json.decode(stored, type=Preferences)
    except msgspec.MsgspecError:
        return AS_EVERYBODY
    kept = tuple(channel for channel in CHANNELS if channel in found.new_document)
    return msgspec.structs.replace(found, new_document=kept)


def write_preferences(preferences: Preferences) -> bytes:
    """For storing."""
    return msgspec.json.encode(preferences)


def morning_after(preferences: Preferences, now: datetime) -> datetime | None:
    """When a notice may leave instead of `now`; None when it may leave at once."""
    here = now.astimezone(PARIS)
    if not preferences.quiet_night or NIGHT_UNTIL <= here.time() < NIGHT_FROM:
        return None
    day = here.date() + timedelta(days=1) if here.time() >= NIGHT_FROM else here.date()
    return datetime.combine(day, NIGHT_UNTIL, PARIS).astimezone(now.tzinfo)
