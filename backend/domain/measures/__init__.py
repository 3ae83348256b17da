"""What people measure themselves: fourteen measures, read as they are typed, shown as they are.

Nothing here says whether a value is good. Growth curves are not drawn: their reference tables
are not ours to publish.
"""

from backend.domain.measures.reading import (
    doubt_about,
    read_comment,
    read_context,
    read_day,
    read_goal,
    read_hour,
    read_moment,
    read_numbers,
    read_origin,
)
from backend.domain.measures.series import (
    Measured,
    Reading,
    Source,
    compute_bmi,
    curves_of,
    names_in_reports,
    reading_of,
)
from backend.domain.measures.table import (
    BMI,
    CONTEXTS,
    GOAL,
    MYSELF,
    ORIGINS,
    Measure,
    all_measures,
    measure_of,
)

__all__ = [
    "BMI",
    "CONTEXTS",
    "GOAL",
    "MYSELF",
    "ORIGINS",
    "Measure",
    "Measured",
    "Reading",
    "Source",
    "all_measures",
    "compute_bmi",
    "curves_of",
    "doubt_about",
    "measure_of",
    "names_in_reports",
    "read_comment",
    "read_context",
    "read_day",
    "read_goal",
    "read_hour",
    "read_moment",
    "read_numbers",
    "read_origin",
    "reading_of",
]
