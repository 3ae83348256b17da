"""How results are shown: the laboratory's values, ranges and flags, in words and in order.

We draw what was sent. Nothing here computes a risk, combines results, ranks urgency or advises.
"""

from backend.domain.results.analytes import analysis_key, analyte_key, analyte_of, stored_keys
from backend.domain.results.explanations import Explanation, explanation_of
from backend.domain.results.histories import (
    PERIODS,
    Entry,
    History,
    entry_of,
    first_day,
    make_history,
)
from backend.domain.results.sheet import (
    Card,
    Family,
    Isolate,
    Sheet,
    card_of,
    count,
    document_title,
    is_critical,
    make_sheet,
)
from backend.domain.results.trends import Past, Point, Trend

__all__ = [
    "PERIODS",
    "Card",
    "Entry",
    "Explanation",
    "Family",
    "History",
    "Isolate",
    "Past",
    "Point",
    "Sheet",
    "Trend",
    "analysis_key",
    "analyte_key",
    "analyte_of",
    "card_of",
    "count",
    "document_title",
    "entry_of",
    "explanation_of",
    "first_day",
    "is_critical",
    "make_history",
    "make_sheet",
    "stored_keys",
]
