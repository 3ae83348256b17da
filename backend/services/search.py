"""Searching a record: its words are opened, compared and forgotten; nothing is kept of a search.

Only versions that the asker's scope gives are opened, whatever else the record holds: what is
hidden weighs nothing, in the answer as in the time that it takes.
"""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import page_facts, versions_to_read
from backend.domain.documents import FileFacts, Summary
from backend.domain.reports import Report
from backend.domain.searching import MOST_TYPED, asked_words, like, plain_words, words_of
from backend.services.words import open_words, seal_words
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Version
from backend.storage.records import Record, key_of
from backend.storage.vault import Tampered, Vault

ROBOT = Robot("calendar")
READ_AT_ONCE = 50


def hide_words(db: AsyncSession, actor: Patient, typed: str) -> str:
    """What was typed, for an address: only this session of this service can read it again."""
    words = typed.strip()[:MOST_TYPED]
    sealed = vault_of(db).seal("search", words.encode(), actor.session_id)
    return urlsafe_b64encode(sealed).decode().rstrip("=") if words else ""


def shown_words(db: AsyncSession, actor: Patient, hidden: str) -> str:
    """What was typed; nothing when it was in another session, or never."""
    try:
        sealed = urlsafe_b64decode(hidden + "=" * (-len(hidden) % 4))
        return vault_of(db).unseal("search", sealed, actor.session_id).decode()
    except (Error, ValueError, Tampered):
        return ""


async def matching(
    db: AsyncSession, query: Select[Document], typed: str
) -> list[tuple[date, UUID]]:
    """Day and id of each document of `query` that has every word of `typed`."""
    rows = (
        await db.execute(
            query.join(Version, Version.id == Document.version_id)
            .join(Record, Record.id == Document.record_id)
            .with_only_columns(
                Document.dated_on,
                Document.id,
                Version.id,
                Version.sealed_words,
                Version.sealed_summary,
                Record.id,
                Record.wrapped_key,
            )
        )
    ).all()
    return await asyncio.to_thread(_match, vault_of(db), rows, asked_words(typed))


def _match(vault: Vault, rows: Sequence[Any], asked: list[str]) -> list[tuple[date, UUID]]:
    """Slips are looked for once among all the words of the record, not in each document."""
    held: list[tuple[date, UUID, frozenset[str]]] = []
    for day, document_id, version_id, sealed, summary, record_id, wrapped in rows:
        key = vault.record_key(record_id, wrapped)
        if sealed is not None:
            words = open_words(key, version_id, sealed)
        else:  # not read by the worker yet: its names
            names = key.open_value(Summary, summary, version_id, "summary")
            words = frozenset(plain_words(f"{names.title} {names.laboratory} {names.prescriber}"))
        held.append((day, document_id, words))
    vocabulary = frozenset[str]().union(*(words for *_, words in held))
    meant = [like(word, vocabulary) for word in asked]
    return [
        (day, document_id)
        for day, document_id, words in held
        if meant and not any(words.isdisjoint(ones) for ones in meant)
    ]


async def read_words(db: AsyncSession) -> int:
    """Give their words to versions filed before there were any. How many."""
    rows = (await db.execute(versions_to_read(ROBOT).limit(READ_AT_ONCE))).all()
    for version, record in rows:
        authorise(db, ROBOT, Action.READ_WORDS, version)
        key = key_of(db, record)
        report = key.open_value(Report, version.sealed_report, version.id, "report")
        summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
        pages = [
            key.open_value(FileFacts, row.sealed_facts, row.id, version.id, row.part).text
            for row in await db.scalars(page_facts(ROBOT, version.id))
        ]
        version.sealed_words = seal_words(key, version.id, words_of(summary, report, pages))
    return len(rows)
