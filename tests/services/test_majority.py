"""Before and on the 18th birthday: who is told, once, and who gets a code."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from sqlalchemy import text
from structlog.testing import capture_logs

from backend.demo.people import KARIM, LEA, NOE, RENNES, Someone
from backend.domain.activation import Contacts
from backend.domain.calendar import civil_day, in_months, in_years
from backend.jobs import calendar
from backend.services import majority
from backend.services.enrolment.issuing import best_way
from backend.storage.db import utcnow
from backend.storage.records import Record, key_of
from tests.days import TODAY
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


@pytest.mark.parametrize(("days", "told"), [(1, 0), (0, 1), (-8, 1), (-60, 1)])
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


@pytest.mark.parametrize(("days", "told"), [(1, 1), (0, 0), (-1, 0)])
async def test_a_profile_opened_shortly_before_is_told_too(
    app: Litestar, days: int, told: int
) -> None:
    """However late, until the day itself; each parent once."""
    await birthday(app, civil_day(utcnow()) + timedelta(days=days))
    await run(app, f"UPDATE guardianship SET valid_from = {TODAY}")
    for _ in range(2):
        await calendar.go_round(app.state.sessions)
    assert await promised(app, "tell-majority") == told


async def test_a_parent_who_has_only_a_mobile_is_told_by_text(app: Litestar) -> None:
    await run(app, "UPDATE account SET sealed_email = NULL, email_verified_at = NULL")
    await birthday(app, in_months(civil_day(utcnow()), 3))
    await calendar.go_round(app.state.sessions)
    found = await letter(app, KARIM.phone)
    assert "18 ans" in found.text
    assert "No" + "é" not in found.text


@pytest.mark.parametrize(("days", "sent"), [(1, 0), (0, 1), (-8, 1), (-300, 1), (-366, 0)])
async def test_the_new_adult_gets_one_code(app: Litestar, days: int, sent: int) -> None:
    await run(app, "UPDATE record SET state = 'oppose' WHERE state IN ('informe', 'ouvert')")
    await birthday(app, civil_day(utcnow()) + timedelta(days=days))
    before = await promised(app, "provisional-code")
    for _ in range(2):
        await calendar.go_round(app.state.sessions)
    assert await promised(app, "provisional-code") - before == sent


async def test_a_code_that_served_nobody_is_not_sent_again_and_again(app: Litestar) -> None:
    await run(app, "UPDATE record SET state = 'oppose' WHERE state IN ('informe', 'ouvert')")
    await birthday(app, civil_day(utcnow()))
    await calendar.go_round(app.state.sessions)
    before = await promised(app, "provisional-code")
    await run(app, "UPDATE provisional_code SET expires_at = now()")
    await calendar.go_round(app.state.sessions)
    assert await promised(app, "provisional-code") == before


async def reached_by(app: Litestar, child: Someone, contacts: Contacts) -> None:
    """What the Assurance maladie has on file for this child."""
    async with app.state.sessions.begin() as db:
        record = await db.get_one(Record, (await record_of(app, child)).id)
        sealed = key_of(db, record).seal_value(contacts, record.id, "contacts")
    await run(
        app,
        "UPDATE identity SET sealed_contacts = :sealed WHERE record_id = :id",
        sealed=sealed,
        id=record.id,
    )


MOBILE = Contacts(phone="+33639980177")


@pytest.mark.parametrize(
    ("contacts", "by", "way"),
    [
        (Contacts("a@courriel.example", MOBILE.phone, RENNES), "best", "email"),
        (Contacts("", MOBILE.phone, RENNES), "best", "letter"),
        (MOBILE, "best", "sms"),
        (Contacts(), "best", None),
        (MOBILE, "letter", None),
        (Contacts(address=RENNES), "letter", "letter"),
    ],
)
def test_the_way_is_one_that_is_on_file(contacts: Contacts, by: str, way: str | None) -> None:
    assert best_way(contacts, by) == way


async def test_a_new_adult_with_only_a_mobile_gets_a_text(app: Litestar) -> None:
    await reached_by(app, NOE, MOBILE)
    await birthday(app, civil_day(utcnow()))
    await calendar.go_round(app.state.sessions)
    assert "votre code provisoire est" in (await letter(app, MOBILE.phone)).text


@pytest.mark.parametrize(("unreached", "other"), [(NOE, LEA), (LEA, NOE)], ids=["noe", "lea"])
async def test_a_new_adult_whom_nothing_reaches_is_told_to_the_operator_and_stops_no_other(
    app: Litestar, monkeypatch: pytest.MonkeyPatch, unreached: Someone, other: Someone
) -> None:
    monkeypatch.setattr(majority, "AT_ONCE", 1)
    await birthday(app, civil_day(utcnow()))
    await change(app, await record_of(app, LEA), minor_until=civil_day(utcnow()))
    await reached_by(app, unreached, Contacts())
    await reached_by(app, other, MOBILE)
    before = await promised(app, "provisional-code")
    with capture_logs() as lines:
        await calendar.go_round(app.state.sessions)
    assert await promised(app, "provisional-code") == before + 1
    assert "votre code provisoire est" in (await letter(app, MOBILE.phone)).text
    told = [line for line in lines if line["event"] == "no_way_to_reach"]
    assert [(line["kind"], line["count"]) for line in told] == [("majority_codes", 1)]


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
