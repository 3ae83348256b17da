"""Announcing what happens in a record: a line on its pages and a promise for each account."""

import re

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.demo.people import LEA
from backend.domain.notices import ABOUT_THE_RECORD, MESSAGES, SAID, TITLES, Event
from backend.services.notices import announce
from backend.storage.accounts import Account
from backend.storage.db import utcnow
from backend.storage.documents import Notice
from backend.storage.outbox import OutboxRow
from backend.storage.records import Record
from tests.services.test_notifications import app, laboratory, run, send

__all__ = ["app", "laboratory"]

MEDICAL = {
    *(
        "analyse",
        "analyses",
        "résultat",
        "résultats",
        "laboratoire",
        "biologie",
        "médecin",
        "santé",
    ),
    *("maladie", "patient", "hôpital", "sang", "examen", "urgence", "urgences", "traitement"),
    *("ordonnance", "prescription", "soins", "docteur"),
}
AFTER = pytest.mark.parametrize("event", sorted(ABOUT_THE_RECORD))


async def happens(app: Litestar, event: Event, whose: str) -> None:
    """Something is done in the record of a person, and its people are told."""
    async with app.state.sessions.begin() as db:
        query = select(Record).join(Account, Account.record_id == Record.id, isouter=True)
        record = (await db.scalars(query.where(Record.minor_until == LEA.minor_until))).one()
        if whose == "laura":
            record = (await db.scalars(query.where(Account.id.is_not(None)))).first()
        authorise(db, Robot("tell"), Action.NOTIFY_RECORD, record)
        await announce(db, record_id=record.id, event=event, at=utcnow())


@AFTER
async def test_what_happens_to_a_record_is_told_to_its_holder(app: Litestar, event: Event) -> None:
    await happens(app, event, "laura")
    (letter,) = await send(app)
    assert MESSAGES[event] in letter.text
    async with app.state.sessions() as db:
        (notice,) = await db.scalars(select(Notice))
        (row,) = await db.scalars(select(OutboxRow).where(OutboxRow.dedupe_key.startswith("tell/")))
    assert (notice.kind, notice.document_id) == (event.value, None)
    assert row.dedupe_key.split("/")[1] == str(notice.id)


async def test_and_of_a_child_to_the_parents_while_they_are(app: Litestar) -> None:
    await run(app, "UPDATE record SET state = 'actif' WHERE minor_until IS NOT NULL")
    await happens(app, Event.FIRST_ACCESS, "lea")
    assert len(await send(app)) == 1
    await happens(app, Event.EMERGENCY_ACCESS, "lea")
    await run(app, "UPDATE guardianship SET revoked_at = now()")
    assert len(await send(app)) == 1


def test_no_message_says_anything_medical() -> None:
    words = set(re.findall(r"\w+", " ".join(SAID.values()).casefold()))
    assert not words & MEDICAL, "what leaves our hands may be read by anybody"


def test_every_event_has_its_words() -> None:
    assert set(MESSAGES) == set(TITLES) == set(Event)
