"""The life of a space (record and account together): which events each state allows, as data.

`codes/space.csv` has one line an event and one column a state. A cell is the state after it, `=`
when nothing changes, and empty when it is refused: what is not written is not possible. Sources:
articles R.1111-28, R.1111-33 and R.1111-36 CSP.
"""

import csv
from enum import StrEnum
from functools import cache
from importlib.resources import files

from backend.domain.errors import Refused

SAME = "="


class State(StrEnum):
    """Where a space is in its life."""

    INFORMED = "informed"
    """The person was told; six weeks to oppose it."""
    OPEN = "open"
    """It receives documents; nobody came in yet."""
    ATTACHED = "attached"
    """A child’s, or that of a child who has just grown up: no account of its own."""
    ACTIVE = "active"
    LOCKED = "locked"
    """The account cannot be used before it is recovered; documents still arrive."""
    OPPOSED = "opposed"
    CLOSED = "closed"
    """Archived for ten years, readable by nobody."""
    ERASING = "erasing"
    """Closed, and its early deletion asked for."""
    SUSPENDED = "suspended"
    DECEASED = "deceased"
    ERASED = "erased"
    """Its key is destroyed."""
    TRANSIT = "transit"
    """No space: what one report lies in while it is sent."""


class Event(StrEnum):
    """What may happen to it; `codes/space.csv` says each in words."""

    WINDOW_OVER = "window-over"
    ISSUE_CODE = "issue-code"
    ISSUE_LETTER = "issue-letter"
    PROVE_IDENTITY = "prove-identity"
    ACTIVATE = "activate"
    ATTACH = "attach"
    REFUSE = "refuse"
    REOPEN = "reopen"
    SIGN_IN = "sign-in"
    READ = "read"
    STEP_UP = "step-up"
    CHANGE_CREDENTIAL = "change-credential"
    CANCEL_CHANGE = "cancel-change"
    RECOVER = "recover"
    ENROL_AGAIN = "enrol-again"
    LOCK = "lock"
    UNLOCK = "unlock"
    SHARE = "share"
    DEPOSIT = "deposit"
    CLOSE = "close"
    ASK_ERASURE = "ask-erasure"
    ERASE = "erase"
    SUSPEND = "suspend"
    RESUME = "resume"
    DIE = "die"


class Impossible(Refused):
    """This cannot happen to a space in this state."""

    message = "Votre espace ne permet pas cela en ce moment. Appelez le 3422, c’est gratuit."


def after(state: State, event: Event) -> State:
    """The state after `event`, or Impossible."""
    found = _table()[event][state]
    if found is None:
        raise Impossible
    return found


def allows(state: State, event: Event) -> bool:
    """Whether `event` may happen now."""
    return _table()[event][state] is not None


@cache
def _table() -> dict[Event, dict[State, State | None]]:
    text = (files("backend.domain.codes") / "space.csv").read_text("utf-8")
    return {
        Event(row["event"]): {state: _cell(row[state], state) for state in State}
        for row in csv.DictReader(text.splitlines())
    }


def _cell(written: str, state: State) -> State | None:
    if not written:
        return None
    return state if written == SAME else State(written)
