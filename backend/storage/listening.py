"""What a commit wakes elsewhere: one connection that listens, and the pages that change."""

import asyncio
from collections.abc import Callable

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

PAGES = "reperes_pages"
"""Says at which structure something changed, and nothing more."""
AGAIN = 5.0
"""Seconds before the server is looked for again."""


async def listen(
    engine: AsyncEngine, channel: str, heard: Callable[[str], None], began: Callable[[], None]
) -> None:
    """Call `heard` with what each commit says there, until cancelled.

    `began` each time that it listens: what was said before is for whoever asks the tables.
    """
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {channel}".encode())
                began()
                async for said in connection.notifies():
                    heard(said.payload)
        except (psycopg.Error, OSError):
            await asyncio.sleep(AGAIN)


PAGES_WAKE_DDL = f"""
DO $do$
BEGIN
    CREATE OR REPLACE FUNCTION wake_pages() RETURNS trigger LANGUAGE plpgsql AS $wake$
    DECLARE place uuid := coalesce(OLD.structure_id, NEW.structure_id);
    BEGIN
        IF place IS NOT NULL THEN
            PERFORM pg_notify('{PAGES}', place::text);
        END IF;
        RETURN NULL;
    END $wake$;

    CREATE OR REPLACE TRIGGER wake_pages AFTER INSERT OR UPDATE OF changed_at ON dispatch
        FOR EACH ROW EXECUTE FUNCTION wake_pages();
    CREATE OR REPLACE TRIGGER wake_pages AFTER DELETE OR UPDATE OF structure_id ON pro_session
        FOR EACH ROW EXECUTE FUNCTION wake_pages();
    CREATE OR REPLACE TRIGGER wake_pages AFTER UPDATE OF ended_at ON membership
        FOR EACH ROW EXECUTE FUNCTION wake_pages();
END $do$
"""
"""What is followed changes, or who may follow it: whoever writes has nothing to think of. The same
words of one transaction are said once."""
