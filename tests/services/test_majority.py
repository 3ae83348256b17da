"""Before and on the 18th birthday: who is told, once, and who gets a code."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from sqlalchemy import text

from backend.demo.people import KARIM, NOE
from backend.domain.calendar import civil_day, in_months, in_years
from backend.jobs import calendar
from backend.storage.db import utcnow
from tests.fixtures.application import client_of
from tests.newcomers import prove
from tests.pages import Browser
from tests.patient.changing import change, record_of, run
from tests.services.test_closure import letter


async def birthday(app: Litestar, day: date) -> None:
    await change(app, await record_of(app, NOE), minor_until=day)
    await run(app, "UPDATE guardianship SET valid_until = NULL")


async def promised(app: Litestar, kind: str) -> int:
    query = text("SELECT count(*) FROM outbox WHERE dedupe_key LIKE :kind")
    async with app.state.engine.connect() as connection:
        return int(await connection.scalar(query, {"kind": f"{kind}/%"}) or 0)


@pytest.mark.parametrize(("days", "told"), [(1, 0), (0, 1), (-7, 1), (-8, 0)])
async def test_parents_are_told_three_months_before_once(
    app: Litestar, days: int, told: int
) -> None:
    await birthday(app, in_months(civil_day(utcnow()), 3) + timedelta(days=days))
    for _ in range(2):
        await calendar.go_round(app.state.sessions)
    assert await promised(app, "tell-majority") == told
    if told:
        found = await letter(app, KARIM.email)
        assert "18 ans" in found.text
        assert "No" + "é" not in found.text


@pytest.mark.parametrize(("days", "sent"), [(1, 0), (0, 1), (-7, 1), (-8, 0)])
async def test_the_new_adult_gets_one_code(app: Litestar, days: int, sent: int) -> None:
    await run(app, "UPDATE record SET state = 'oppose' WHERE state IN ('informe', 'ouvert')")
    await birthday(app, civil_day(utcnow()) + timedelta(days=days))
    before = await promised(app, "provisional-code")
    for _ in range(2):
        await calendar.go_round(app.state.sessions)
    assert await promised(app, "provisional-code") - before == sent


async def test_with_that_code_they_come_in(app: Litestar) -> None:
    today = civil_day(utcnow())
    await birthday(app, today)
    record = await record_of(app, NOE)
    await run(
        app,
        "UPDATE provisional_code SET record_id = :id WHERE id = "
        "(SELECT id FROM provisional_code ORDER BY id LIMIT 1)",
        id=record.id,
    )
    for code in ("7KXM4PQR9TWB", "H3ZV8DNA6CYE", "T4WQ8RXN5HCD"):
        await run(app, "UPDATE provisional_code SET tries = 0")
        await run(app, "DELETE FROM rate_limit")
        await run(
            app,
            "INSERT INTO vitale_card (id, record_id, serial_index) SELECT gen_random_uuid(), :id, "
            "serial_index FROM vitale_card WHERE record_id <> :id ON CONFLICT DO NOTHING",
            id=record.id,
        )
        someone = type(NOE)(
            key="noe", traits=NOE.traits, state=NOE.state, code=code, vitale="40218835217"
        )
        answer = await prove(Browser(app, client_of(app)), someone)
        if answer.headers.get("location") == "/activer/contact":
            return
    raise AssertionError("none of the letters was theirs")


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_months_and_years_agree(day: date, years: int) -> None:
    if not re.fullmatch(r".*-02-29", f"{day}"):
        assert in_months(day, 12 * years) == in_years(day, years)
    assert in_months(day, 1) > day
    assert in_months(day, 3).day in {day.day, 28, 29, 30}
