"""How results are shown: the laboratory's values, ranges and flags, in words and in order.

We draw what was sent. Nothing here computes a risk, combines results, ranks urgency or advises.
"""

from backend.domain.results.analytes import analyte_key, stored_keys
from backend.domain.results.sheet import (
    Card,
    Family,
    Isolate,
    Sheet,
    count,
    document_title,
    is_critical,
    make_sheet,
)
from backend.domain.results.trends import Past, Point, Trend

__all__ = [
    "Card",
    "Family",
    "Isolate",
    "Past",
    "Point",
    "Sheet",
    "Trend",
    "analyte_key",
    "count",
    "document_title",
    "is_critical",
    "make_sheet",
    "stored_keys",
]
