"""Bringing the database to the schema of this version of the code. Forward only."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 4_022_026
"""Advisory lock: several processes may start at once, one migrates."""


def upgrade(url: str, *, to: str = "head") -> None:
    """Apply what is missing, `to` a revision. Safe to call from several processes at once."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        try:
            command.upgrade(_config(connection), to)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.commit()
    engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database has every migration."""
    return revision_of(url) == ScriptDirectory(str(SCRIPTS)).get_current_head()


def revision_of(url: str) -> str | None:
    """The last migration that the database has."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def knows(revision: str) -> bool:
    """Whether this version of the code has that migration."""
    scripts = ScriptDirectory(str(SCRIPTS))
    return revision in {script.revision for script in scripts.walk_revisions()}


def differences(url: str) -> list[object]:
    """What the models say and the migrated database does not: empty when they agree."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), tables())
    engine.dispose()
    return list(found)


def new_revision(url: str, message: str) -> None:
    """Write the next migration from the differences (`make migration`)."""
    engine = create_engine(url)
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
    engine.dispose()


def tables() -> MetaData:
    """Every table, whichever module declares it."""
    from backend.storage import (  # noqa: F401 - they register themselves
        accounts,
        announcements,
        browsers,
        care,
        conversations,
        desk,
        dispatches,
        documents,
        drafts,
        exports,
        folders,
        measures,
        medical_profile,
        outbox,
        pins,
        policies,
        records,
        sharing,
        showings,
        structures,
        teams,
        traces,
    )
    from backend.storage.db import Base

    return Base.metadata


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
