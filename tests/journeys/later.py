"""`reperes` at another moment: its clock is ahead by the seconds that the file `$AHEAD` holds."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from backend.storage import db

AHEAD = Path(os.environ["AHEAD"])
real = db.utcnow


def ahead() -> datetime:
    """The one clock of services and jobs, which they have not imported yet."""
    return real() + timedelta(seconds=float(AHEAD.read_text()))


db.utcnow = ahead

from backend.cli import main  # noqa: E402
from backend.jobs import calendar  # noqa: E402

calendar.FIRST = calendar.EVERY = 0.5

if __name__ == "__main__":
    main()
