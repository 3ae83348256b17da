"""Whether the database has the schema that this code needs, asked without what migrates it."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import text

from backend.storage.db import AsyncSession

VERSIONS = Path(__file__).parent / "migrations/versions"
BEFORE = re.compile(r'^down_revision = "(\w+)"', re.MULTILINE)


async def is_behind(db: AsyncSession) -> bool:
    """A migration is missing. One too many is not: newer code may have begun its service."""
    return await db.scalar(text("SELECT version_num FROM alembic_version")) in _older()


@cache
def _older() -> frozenset[str | None]:
    """Every revision that another comes after; and none at all."""
    files = VERSIONS.glob("*.py")
    return frozenset({None, *(one for file in files for one in BEFORE.findall(file.read_text()))})
