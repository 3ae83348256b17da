"""Reads how many records one professional may open."""

from backend.settings.reading import Reader
from backend.settings.values import Reading

USUAL = Reading()


def read_records(read: Reader) -> Reading:
    """Told first, stopped later."""
    found = Reading(
        hour=read.number("RECORDS_PER_HOUR", USUAL.hour, least=1),
        day=read.number("RECORDS_PER_DAY", USUAL.day, least=1),
        told_hour=read.number("RECORDS_ALERT_PER_HOUR", USUAL.told_hour, least=1),
        told_day=read.number("RECORDS_ALERT_PER_DAY", USUAL.told_day, least=1),
    )
    for name, told, most in (
        ("HOUR", found.told_hour, found.hour),
        ("DAY", found.told_day, found.day),
    ):
        if told > most:
            read.refuse(f"RECORDS_ALERT_PER_{name}", f"is above REPERES_RECORDS_PER_{name}.")
    return found
