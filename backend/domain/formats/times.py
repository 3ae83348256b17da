"""HL7 timestamps: YYYY[MM[DD[HH[MM[SS[.S…]]]]]][±ZZZZ]; no offset means Paris."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from backend.domain.calendar import PARIS

STAMP = re.compile(
    r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,6}))?([+-]\d{4}|Z)?", re.ASCII
)
DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
YEARS = range(1800, 2200)
"""No report is older or younger; years at the calendar's ends cannot be carried to UTC."""


def read_time(text: str) -> datetime | None:
    """An aware moment; what is not said is the earliest. None when it is not a timestamp."""
    found = STAMP.fullmatch(text.strip())
    if not found or int(found[1]) not in YEARS:
        return None
    year, *rest, fraction, offset = found.groups()
    month, day, hour, minute, second = (int(part) if part else None for part in rest)
    try:
        return datetime(
            int(year),
            month or 1,
            day or 1,
            hour or 0,
            minute or 0,
            min(second or 0, 59),
            int((fraction or "").ljust(6, "0")),
            tzinfo=_zone(offset),
        )
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """The civil day of a timestamp that gives at least one."""
    found = DAY.match(text.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _zone(offset: str | None) -> tzinfo:
    if not offset:
        return PARIS
    if offset == "Z":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5])))
