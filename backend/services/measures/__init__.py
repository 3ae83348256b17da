"""« Mesures »: what people measure themselves, added, read, deleted, put back, taken away.

Values are sealed with the record’s key, and what was measured is only a fingerprint. With their
consent the values of reports are shown beside them: read when the page is, never copied.
"""

from backend.services.measures.changing import (
    add,
    forget_deleted,
    put_back,
    remove,
    set_extraction,
    set_goal,
)
from backend.services.measures.looking import (
    Known,
    Overview,
    Page,
    every_measure,
    last_day,
    look,
    overview,
    reads_reports,
    show,
)

__all__ = [
    "Known",
    "Overview",
    "Page",
    "add",
    "every_measure",
    "forget_deleted",
    "last_day",
    "look",
    "overview",
    "put_back",
    "reads_reports",
    "remove",
    "set_extraction",
    "set_goal",
    "show",
]
