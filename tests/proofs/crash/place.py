"""Where victims live: a database and a folder, copied from another; and what must be true there."""

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psycopg
from msgspec import Struct
from sqlalchemy.engine import make_url

from backend.cli.fsck import check
from backend.domain.notices import SAID
from backend.settings import Settings
from backend.storage.db import utcnow
from backend.storage.vault import Vault
from tests.fixtures.alarm import hear_database, hear_files
from tests.fixtures.application import settings_for
from tests.fixtures.database import Databases
from tests.proofs.crash.letters import Letter, PostOffice
from tests.proofs.crash.nursery import Nursery, Victim


class Wrong(AssertionError):
    """A promise of the service is broken: what the proof looks for, and finds in its controls."""


def hold(promise: bool, *sentence: object) -> None:  # noqa: FBT001 - as `assert`
    """Wrong, in words, unless it holds."""
    if not promise:
        raise Wrong(*sentence)


KEPT = "state = 'done'"
TRIED = "state = 'cancelled' AND attempts > 1"
"""Its worker may have died after the letter; then there was something newer to tell."""


class Place(Struct):
    """One database, one folder, one post office."""

    settings: Settings
    nursery: Nursery
    office: PostOffice
    sender: str = ""
    """Its letters are known by it."""
    told_before: frozenset[str] = frozenset()
    """Promises kept before it began."""

    @classmethod
    def make(cls, url: str, folder: Path, nursery: Nursery, office: PostOffice) -> Self:
        place = cls(settings_for(url, folder), nursery, office)
        place.begin()
        return place

    def begin(self) -> None:
        """From here on its letters and its promises are looked at; its token is fresh."""
        self.sender = f"{uuid4().hex}@reperes.example"
        self.told_before = frozenset(self.told(KEPT))
        self.run("UPDATE machine_token SET expires_at = now() + interval '5 minutes'")

    @property
    def url(self) -> str:
        return self.settings.database_url or ""

    def copy(self, databases: Databases, folder: Path) -> "Place":
        """The same in another place, nobody being there; people signed in stay so."""
        place = Place.make(databases.copy(self.url), folder, self.nursery, self.office)
        if (blobs := self.settings.var_dir / "blobs").exists():
            shutil.copytree(blobs, folder / "var/blobs")
        return place

    # --- its victims

    def env(self, **crash: object) -> dict[str, str]:
        settings = self.settings
        return {
            "REPERES_DATABASE_URL": self.url,
            "REPERES_VAR_DIR": str(settings.var_dir),
            "REPERES_PUBLIC_URL": "http://127.0.0.1:8000",
            "REPERES_HOST": "127.0.0.1",
            "REPERES_SMTP_HOST": "127.0.0.1",
            "REPERES_SMTP_PORT": str(self.office.port),
            "REPERES_SMTP_SECURITY": "none",
            "REPERES_SMTP_FROM": f"Repères <{self.sender}>",
            "REPERES_WORKER": "external",
            "REPERES_LOG_LEVEL": "warning",
            "REPERES_SESSION_IDLE_MINUTES": "60",
            "PATH": "/usr/bin:/bin",
            **{f"CRASH_{name.upper()}": str(value) for name, value in crash.items()},
        }

    async def serve(self, **crash: object) -> Victim:
        return await self.nursery.bear("serve", self.env(**crash))

    async def drain(self, **crash: object) -> int:
        """The exit status of a worker that does all that is promised; leases have run out."""
        self.run("UPDATE outbox SET due_at = now() WHERE state = 'due'")
        return await (await self.nursery.bear("drain", self.env(**crash))).end()

    # --- what is there

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Straight in the database."""
        url = make_url(self.url)
        with psycopg.connect(
            host=str(url.query["host"]), user=url.username, dbname=url.database
        ) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    async def hold_sound(self) -> int:
        """`reperes fsck` and the alarm find nothing; the number of leftovers."""
        hear_database(self.url)
        hear_files("blob", self.settings.var_dir / "blobs")
        found = await check(self.settings, now=utcnow())
        hold(found.ok, "fsck", [(broken.fault.value, str(broken.id)) for broken in found.broken])
        return found.leftovers

    async def hold_told(self) -> int:
        """Each promise is kept, each letter was promised; how many letters came twice."""
        async with asyncio.timeout(60):
            while status := await self.drain():
                hold(status == -9, "a worker fails", status)
        states = dict(self.run("SELECT state, count(*) FROM outbox GROUP BY state"))
        hold(not states.get("due") and not states.get("failed"), "promises wait", states)
        kept, tried = (
            {self._message_id(key) for key in self.told(state) - self.told_before}
            for state in (KEPT, TRIED)
        )
        letters = self.letters()
        sent = Counter(letter.message_id for letter in letters)
        hold(kept <= set(sent), "a promised letter never left", len(kept - set(sent)))
        hold(set(sent) <= kept | tried, "a letter about nothing", len(set(sent) - kept - tried))
        different = {(letter.message_id, letter.text) for letter in letters}
        hold(len(different) == len(sent), "letters differ")
        known = all(any(words in text for words in SAID.values()) for _, text in different)
        hold(known, "a letter says something else")
        return sum(sent.values()) - len(sent)

    def told(self, state: str) -> set[str]:
        """Promised letters in this state, by their keys."""
        promised = "SELECT dedupe_key FROM outbox WHERE dedupe_key LIKE 'tell%' AND "
        return {key for (key,) in self.run(promised + state)}

    def _message_id(self, key: str) -> str:
        return Vault(self.settings.root_key).mac("message-id", key.encode()).hex()[:40]

    def letters(self) -> list[Letter]:
        return [letter for letter in self.office.letters if letter.sender == self.sender]
