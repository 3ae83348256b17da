"""What the form of a deposit by hand says: about a PDF, who may see it, to whom it goes."""

from collections.abc import Iterable
from datetime import date

from backend.domain.announcements import read_reason
from backend.domain.handing import (
    Plan,
    Sort,
    Told,
    read_checked,
    read_day,
    read_owner,
    read_person,
    read_reminder,
    read_type,
    read_validator,
)
from backend.domain.visibility import Visibility, read_visibility
from backend.services import handing
from backend.services.handing import Examined
from backend.web.forms import Draft

TYPE, DAY, PRESCRIBER, VALIDATOR = ABOUT_A_PDF = ("type", "jour", "prescripteur", "validateur")
VISIBILITY, SECRET, ADDRESS = "visibilite", "secret", "adresse"
CHECKED = "relu"
OWNER, REMINDER, REASON = PLAN = ("annonceur", "rappel", "motif")
WHO, TOWN = SEARCH = ("qui", "ville")
FIELDS = (*ABOUT_A_PDF, CHECKED, VISIBILITY, SECRET, ADDRESS, *PLAN, *SEARCH)
YES = "oui"


def ticked(values: Iterable[object]) -> frozenset[str]:
    """Parts of those that the document names, numbers of those found in the directory."""
    return frozenset(one for one in values if isinstance(one, str))


def read_asked(
    draft: Draft, shown: Examined, to: frozenset[str], today: date
) -> handing.Asked | None:
    """All that was decided; None when something is wrong, said beside it."""
    told = _told(draft, shown, today) if shown.sort is Sort.PDF else None
    visibility = draft.take(VISIBILITY, read_visibility)
    waits = visibility is Visibility.LATER and shown.site.owners
    plan = _plan(draft, shown, today) if waits else None
    if visibility is None or draft.errors:
        return None
    secret = draft.typed[SECRET] == YES
    return handing.Asked(shown.sort, told, visibility, secret, to, draft.typed[ADDRESS], plan)


def _plan(draft: Draft, shown: Examined, today: date) -> Plan | None:
    """Who announces it, a reminder, why."""
    owner = draft.take(OWNER, lambda text: read_owner(text, shown.site.owners))
    since = shown.foreseen.waiting_since or today
    day = draft.take(REMINDER, lambda text: read_reminder(text, since, today))
    reason = draft.take(REASON, read_reason)
    return None if owner is None or reason is None else Plan(owner, day, reason)


def _told(draft: Draft, shown: Examined, today: date) -> Told | None:
    """The four answers about a PDF."""
    kind, person = draft.take(TYPE, read_type), draft.take(PRESCRIBER, read_person)
    day = draft.take(DAY, lambda text: read_day(text, today))
    validator = draft.take(VALIDATOR, lambda text: read_validator(text, shown.site.biologists))
    draft.take(CHECKED, read_checked)
    if kind is None or person is None or day is None or validator is None:
        return None
    return Told(kind, day, person, validator)
