"""The cases as rows, in temporary tables that stand before the real ones."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.storage.accounts import Account, Channel
from backend.storage.care import CareLink, EmergencyAccess
from backend.storage.db import Base
from backend.storage.records import Guardianship, Record
from backend.storage.sharing import Delegation
from backend.storage.showings import Showing, Visit
from tests.access.domain import (
    ACCOUNTS,
    CHOSEN,
    CURRENT,
    DAYS,
    DECISIONS,
    DOCTOR,
    ELSEWHERE,
    NOW,
    OWN_RECORDS,
    SHOWINGS,
    SOMEBODY,
    STRUCTURE,
    SWITCHES,
    VISITS,
    Case,
    case_of,
)
from tests.access.oracle import Facts

NOWHERE = (ELSEWHERE, None)
"""Deposited by another structure, or added by the patient: to a professional it is the same."""
SINCE = {"no": None, "yes": date(2026, 10, 24), "a-month": date(2026, 10, 23)}
"""Today is the 23rd of November."""
TYPES = {
    ("in", "plain"): "11502-2",
    ("in", "masked"): "PRESC-BIO",
    ("out", "plain"): "not-in-the-grid",
}
MASKED_CATEGORIES = ["ordonnance", "certificat"]
"""Of every record."""
Row = dict[str, Any]


async def build(db: AsyncConnection, records: Sequence[Facts], kinds: Sequence[Facts]) -> None:
    """The rows of these cases: they last as long as the transaction."""
    for table in TABLES:
        await db.execute(text(f"CREATE TEMP TABLE {table} AS TABLE public.{table} WITH NO DATA"))
    rows = [(model, list(make(records))) for model, make in MAKERS.items()]
    for model, found in rows:
        if found:
            await db.execute(insert(model), found)
    for k, facts in enumerate(kinds):
        await db.execute(ONE_KIND, _document(k, facts))
    for table, column in INDEXES:
        await db.execute(text(f"CREATE INDEX ON {table} ({column})"))
    await db.execute(text(f"ANALYZE {', '.join(TABLES)}"))


async def build_contents(db: AsyncConnection, *, every: int = 1) -> set[Case]:
    """Two versions of some documents, each with a result and a file; two notices about each.

    The first version has the document’s own id. Returns the documents concerned.
    """
    for statement in CONTENTS:
        await db.execute(text(statement), {"every": every} if ":every" in statement else {})
    await db.execute(text("ANALYZE version, result, stored_file, notice"))
    return {case_of(id_) for id_ in await db.scalars(text("SELECT document_id FROM version"))}


TABLES = (
    *("account", "record", "guardianship", "delegation", "care_link", "emergency_access"),
    *("showing", "visit"),
    *("document", "version", "result", "stored_file", "notice"),
)
INDEXES = (
    ("record", "id"),
    ("care_link", "record_id"),
    ("emergency_access", "record_id"),
    ("document", "record_id"),
    ("document", "id"),
    ("document", "version_id"),
    ("version", "id"),
    ("guardianship", "account_id"),
    ("delegation", "account_id"),
    ("account", "id"),
)
ONE_KIND = text("""
    INSERT INTO document (id, version_id, record_id, structure_id, author_id, type_code, status,
                          masked, withheld, withheld_on, hidden_from_guardians)
    SELECT CAST(overlay(CAST(id AS text) PLACING :k FROM 1 FOR 8) AS uuid),
           CAST(overlay(CAST(id AS text) PLACING :v FROM 1 FOR 8) AS uuid),
           id, :structure, :author, :type_code, :status, :masked, :withheld, :since, :hidden
    FROM record
""")
CONTENTS = (
    """INSERT INTO version (id, document_id, record_id)
       SELECT unnest(ARRAY[id, version_id]), id, record_id FROM document
       WHERE abs(hashtext(CAST(record_id AS text))) % :every = 0""",
    """INSERT INTO result (id, record_id, document_id, version_id)
       SELECT id, record_id, document_id, id FROM version""",
    """INSERT INTO stored_file (id, record_id, version_id) SELECT id, record_id, id FROM version""",
    """INSERT INTO notice (id, document_id, record_id, kind)
       SELECT id, document_id, record_id, CASE WHEN id = document_id THEN 'new' ELSE 'withdrawn' END
       FROM version""",
)


def _document(k: int, facts: Facts) -> dict[str, object]:
    author = facts.get("author")
    return {
        "k": f"{k:08x}",
        "v": f"{k | CURRENT:08x}",
        "structure": STRUCTURE if author == "structure" else NOWHERE[k % 2],
        "author": DOCTOR if author == "person" else SOMEBODY,
        "type_code": TYPES[facts.get("matrix", "in"), facts.get("category", "plain")],
        "status": facts["status"],
        "masked": facts["masked"] == "yes",
        "withheld": facts["withheld"] != "no",
        "since": SINCE[facts["withheld"]],
        "hidden": facts["hidden"] == "yes",
    }


def _records(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        yield {
            "id": UUID(int=n),
            "state": facts["record"],
            "minor_until": DAYS[facts.get("eighteen", "never")],
            "mask_all": facts["mask_all"] == "yes",
            "masked_categories": MASKED_CATEGORIES,
            **{name: facts.get(name) == "yes" for name in SWITCHES},
        }


def _accounts(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        own = n if "holder" in (facts["subject"], facts.get("shower")) else OWN_RECORDS + n
        if facts["subject"] != "professional":
            yield {
                "id": UUID(int=ACCOUNTS + n),
                "record_id": UUID(int=own),
                "state": facts["account"],
                "preferred": Channel.EMAIL,
            }


def _guardianships(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        if facts.get("guardianship") == "there":
            yield {
                "record_id": UUID(int=n),
                "account_id": UUID(int=ACCOUNTS + n),
                "valid_from": DAYS[facts["from"]],
                "valid_until": DAYS[facts["until"]],
                "revoked_at": NOW if facts["revoked"] == "yes" else None,
            }


def _delegations(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        if facts.get("delegation") == "there":
            yield {
                "record_id": UUID(int=n),
                "account_id": UUID(int=ACCOUNTS + n),
                "accepted_at": NOW if facts["accepted"] == "yes" else None,
                "until": DAYS[facts["last"]],
                "ended_at": NOW if facts["ended"] == "yes" else None,
            }


def _links(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        if facts.get("link") == "there":
            yield {
                "record_id": UUID(int=n),
                "professional_id": DOCTOR,
                "consent_until": DAYS[facts["consent"]],
                **{decision: facts[decision] == "yes" for decision in DECISIONS},
            }


def _emergencies(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        if facts.get("emergency", "none") != "none":
            running = facts["emergency"] != "ended"
            yield {
                "record_id": UUID(int=n),
                "professional_id": DOCTOR,
                "structure_id": ELSEWHERE if facts["emergency"] == "elsewhere" else STRUCTURE,
                "purpose": facts["purpose"],
                "declared_at": NOW if running else NOW - timedelta(hours=4),
                "until": NOW + timedelta(hours=4) if running else NOW,
            }


def _showings(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        if "showing" in facts:
            over, revoked = facts["showing"] == "over", facts["showing"] == "revoked"
            yield {
                "id": UUID(int=SHOWINGS + n),
                "record_id": UUID(int=n),
                "account_id": UUID(int=ACCOUNTS + n),
                "document_ids": [UUID(int=k << 96 | n) for k in CHOSEN],
                "created_at": NOW - timedelta(hours=1),
                "until": NOW if over else NOW + timedelta(hours=1),
                "revoked_at": NOW if revoked else None,
            }


def _visits(records: Sequence[Facts]) -> Iterator[Row]:
    for n, facts in enumerate(records):
        if "visit" in facts:
            showing = ELSEWHERE.int if facts["visit"] == "another" else SHOWINGS + n
            yield {
                "id": UUID(int=VISITS + n),
                "record_id": UUID(int=n),
                "showing_id": UUID(int=showing),
                "ends_at": NOW if facts["visit"] == "over" else NOW + timedelta(minutes=1),
            }


MAKERS: dict[type[Base], Callable[[Sequence[Facts]], Iterator[Row]]] = {
    Record: _records,
    Account: _accounts,
    Guardianship: _guardianships,
    Delegation: _delegations,
    Showing: _showings,
    Visit: _visits,
    CareLink: _links,
    EmergencyAccess: _emergencies,
}
