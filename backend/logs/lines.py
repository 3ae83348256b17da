"""What a line may say: a catalogue of fields, and contents that are codes and numbers."""

import re
import sys
from pathlib import Path
from traceback import extract_tb

from structlog.typing import EventDict, Processor, WrappedLogger

FIELDS = frozenset(
    {
        "action",
        "at",
        "attempts",
        "count",
        "door",
        "error",
        "event",
        "folder",
        "job",
        "kind",
        "level",
        "link",
        "logger",
        "message",
        "method",
        "mode",
        "ms",
        "neighbour",
        "port",
        "request_id",
        "route",
        "seconds",
        "status",
        "step",
        "text",
        "tries",
        "where",
        "worker",
    }
)
"""The catalogue. A new field is added here, by somebody who asked what it may hold."""

OURS = frozenset({"at", "folder", "link", "message", "request_id", "text", "where"})
"""Fields whose content is made here or belongs to the operator: not looked into."""

WORD = re.compile(r"[a-z][a-z0-9_]{0,60}")
PLAIN = re.compile(r"(?!.*\d{8})[A-Za-z0-9_./:{}<>,+-]{0,120}")
"""No blank, no @, no long number: a name, an address, a NIR do not pass."""

HIDDEN = "(hidden)"

SERVER = "uvicorn.error"
"""The only library whose words are kept: they speak of the process."""


class UnknownField(AssertionError):
    """A bug: an event with a field outside the catalogue, or with a content that is no code."""


def explain(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception becomes its class, its text, and the last places it came through."""
    error = _error(event.pop("exc_info", None))
    if error is not None:
        frames = extract_tb(error.__traceback__)[-8:]
        event["error"], event["text"] = type(error).__name__, str(error)
        event["where"] = [f"{Path(f.filename).name}:{f.lineno}:{f.name}" for f in frames]
    return event


def keep_known(*, candid: bool, strict: bool) -> Processor:
    """Drop unknown fields and hide contents that are no code; or raise UnknownField.

    Texts that we did not write are kept by a `candid` log only.
    """

    def kept(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        if not candid:
            event.pop("text", None)
            if event.get("logger") != SERVER:
                event.pop("message", None)
        unknown = sorted(event.keys() - FIELDS)
        unplain = [name for name in event.keys() & FIELDS if not _may_say(name, event[name])]
        if strict and (unknown or unplain):
            raise UnknownField(f"{event['event']}: {unknown + unplain}")
        known = {name: event[name] for name in event if name not in unknown}
        known |= dict.fromkeys(unplain, HIDDEN)
        return known | ({"dropped": len(unknown)} if unknown else {})

    return kept


def _may_say(name: str, value: object) -> bool:
    if name == "event":
        return bool(WORD.fullmatch(str(value)))
    return (
        name in OURS
        or value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and bool(PLAIN.fullmatch(value)))
    )


def _error(info: object) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None
