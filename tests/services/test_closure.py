"""Closing a space, erasing it, and what is left."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.access.actors import Newcomer, Patient
from backend.access.doors import SignInFirst
from backend.access.scopes import Moment
from backend.demo.people import JULIE, KARIM, LAURA, LEA, Someone
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.calendar import civil_day
from backend.domain.jobs import EraseSpace
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import Cancelled
from backend.services import closure, refusing, soundness
from backend.services.space import hold
from backend.storage.db import utcnow
from tests.fixtures.application import client_of
from tests.fixtures.twins import settled
from tests.laboratory import Laboratory
from tests.newcomers import PASSWORD, give_email, prove
from tests.pages import Browser
from tests.patient.changing import change, record_of, run
from tests.twins import World

YESTERDAY = timedelta(days=1)


async def actor_of(app: Litestar, someone: Someone, of: Someone | None = None) -> Patient:
    """This person signed in, their own record on the screen or a child's."""
    own, shown = await record_of(app, someone), await record_of(app, of or someone)
    query = text("SELECT id FROM account WHERE record_id = :id")
    async with app.state.engine.connect() as connection:
        account = await connection.scalar(query, {"id": own.id})
    session, now = uuid4(), utcnow()
    await run(
        app,
        "INSERT INTO browser_session (id, token_hash, account_id, created_at, seen_at, ends_at,"
        " complete, browser, means) VALUES (:id, :token, :account, :now, :now, :end, true, '', '')",
        id=session,
        token=session.bytes,
        account=account,
        now=now,
        end=now + timedelta(hours=1),
    )
    return Patient(account, own.id, shown.id, session)


async def close(
    app: Litestar, someone: Someone, of: Someone | None = None, *, erase: bool = False
) -> None:
    actor = await actor_of(app, someone, of)
    async with app.state.sessions.begin() as db:
        await closure.close(db, actor, Moment.at(utcnow()), erase=erase)


async def erase(app: Litestar, someone: Someone) -> bool:
    """As the worker does it."""
    record = await record_of(app, someone)
    async with app.state.sessions.begin() as db:
        erased, _ = await closure.erase(db, record.id)
    return erased


async def test_closing_keeps_everything_for_ten_years_and_shows_nothing(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    await close(app, LAURA)
    record = await record_of(app, LAURA)
    today = civil_day(utcnow())
    assert (record.state, record.erase_on.year - today.year) == ("ferme", 10)
    assert record.wrapped_key
    answer = await reader.get("/")
    assert answer.headers["location"].startswith("/connexion")


async def test_closing_twice_is_refused(app: Litestar) -> None:
    await close(app, LAURA)
    with pytest.raises(SignInFirst):
        await close(app, LAURA)


async def test_who_closes_is_told_by_a_letter_without_content(app: Litestar) -> None:
    await close(app, LAURA, erase=True)
    found = await letter(app, LAURA.email)
    assert "sera effacé" in found.subject
    assert "3422" in found.text


async def letter(app: Litestar, to: str) -> Any:
    for _ in range(100):
        for message in app.state.outside.inbox.messages():
            if message.to == to:
                return message
        await asyncio.sleep(0.05)
    raise AssertionError("no letter came")


async def test_a_parent_closes_the_profile_of_a_child_and_keeps_their_own(app: Litestar) -> None:
    await close(app, KARIM, LEA)
    assert (await record_of(app, LEA)).state == "ferme"
    assert (await record_of(app, KARIM)).state == "actif"


async def test_a_deposit_is_refused_in_words_that_say_no_more_than_it_may(
    app: Litestar, laboratory: Laboratory, reports: Mapping[str, DemoDeposit]
) -> None:
    answers = set()
    for state in ("ferme", "oppose", "efface"):
        await change(app, await record_of(app, LAURA), state=state)
        ack = await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
        assert "|AE|" in ack
        answers.add(ack.split("ERR|", 1)[1])
    assert len(answers) == 1, "closed, refused or erased: the laboratory cannot tell"


# --- erasing


async def due(app: Litestar, someone: Someone) -> None:
    await change(app, await record_of(app, someone), erase_on=civil_day(utcnow()) - YESTERDAY)


async def test_nothing_is_erased_before_its_day(app: Litestar) -> None:
    await close(app, LAURA, erase=True)
    async with app.state.sessions.begin() as db:
        assert await closure.promise_erasures(db) == 0
    assert not await erase(app, LAURA)
    assert (await record_of(app, LAURA)).wrapped_key


async def test_on_its_day_the_key_is_destroyed_and_nobody_is_found(
    app: Litestar, laboratory: Laboratory, reports: Mapping[str, DemoDeposit]
) -> None:
    await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    record = await record_of(app, LAURA)
    await close(app, LAURA, erase=True)
    await due(app, LAURA)
    assert await erase(app, LAURA)
    async with app.state.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT state, wrapped_key FROM record WHERE id = :id"), {"id": record.id}
        )
        state, key = found.one()
    assert (state, key) == ("efface", b"")
    with pytest.raises(Exception, match="No row was found"):
        await record_of(app, LAURA)
    for path in ("/connexion",):
        browser = Browser(app, client_of(app))
        await browser.get(path)
        answer = await browser.post(path, identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
        assert answer.status_code == 422
    found = await soundness.check(app.state.sessions, app.state.outside.files, now=utcnow())
    assert found.faults == 0, found


async def refused(app: Litestar, someone: Someone, *, erase: bool) -> None:
    """As somebody without an account refuses a space in which there are documents."""
    record = await record_of(app, someone)
    async with app.state.sessions.begin() as db:
        space = await hold(db, record.id)
        refusing.oppose(db, Newcomer(uuid4(), record.id), space, erase=erase)


@pytest.mark.parametrize("erasing", [True, False], ids=["asked", "ten years"])
async def test_a_refused_space_ends_too_and_its_person_is_told(
    app: Litestar, *, erasing: bool
) -> None:
    await refused(app, JULIE, erase=erasing)
    assert not await erase_or_not(app, JULIE), "not before its day"
    await due(app, JULIE)
    async with app.state.sessions.begin() as db:
        assert await closure.promise_erasures(db) == 1
    assert JULIE.contacts
    assert (await letter(app, JULIE.contacts.email)).subject == "Vos documents sont effacés"
    await settled(World(app))
    with pytest.raises(Exception, match="No row was found"):
        await record_of(app, JULIE)
    found = await soundness.check(app.state.sessions, app.state.outside.files, now=utcnow())
    assert found.faults == 0, found


async def test_who_refused_comes_back_with_everything(app: Litestar, reader: Browser) -> None:
    before = await record_of(app, JULIE)
    await refused(app, JULIE, erase=True)
    answer = await activate_again(app, reader, JULIE)
    assert answer == "/bienvenue"
    after = await record_of(app, JULIE)
    assert (after.state, after.erase_on, after.erasure_asked) == ("actif", None, False)
    assert after.wrapped_key == before.wrapped_key


async def activate_again(app: Litestar, browser: Browser, someone: Someone) -> str:
    await prove(browser, someone)
    await give_email(browser, "julie@courriel.example")
    done = await browser.post(
        "/activer/identifiants", identifiant="julie.moreau", mot_de_passe=PASSWORD
    )
    return str(done.headers["location"])


async def test_a_refused_record_restored_without_its_key_is_finished(app: Litestar) -> None:
    await refused(app, JULIE, erase=True)
    await due(app, JULIE)
    await change(app, await record_of(app, JULIE), wrapped_key=b"")
    found = await soundness.check(app.state.sessions, app.state.outside.files, now=utcnow())
    assert found.faults == 0
    assert await erase(app, JULIE)


async def test_the_calendar_promises_each_end_once(app: Litestar) -> None:
    for someone in (LAURA, KARIM):
        await close(app, someone, erase=True)
        await due(app, someone)
    async with app.state.sessions.begin() as db:
        assert await closure.promise_erasures(db) == 2
    async with app.state.sessions.begin() as db:
        await closure.promise_erasures(db)
    query = text("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'erase-space/%'")
    async with app.state.engine.connect() as connection:
        assert await connection.scalar(query) == 2


async def test_who_comes_back_in_time_loses_nothing(app: Litestar) -> None:
    await close(app, LAURA, erase=True)
    await due(app, LAURA)
    await change(app, await record_of(app, LAURA), state="actif")
    assert not await erase_or_not(app, LAURA)
    assert (await record_of(app, LAURA)).wrapped_key


async def erase_or_not(app: Litestar, someone: Someone) -> bool:
    """The promise was made already; the worker asks again."""
    record = await record_of(app, someone)
    desk = make_handlers(app.state.outside, app.state.letters, app.state.policy)
    try:
        async with app.state.sessions.begin() as db:
            await desk[EraseSpace](db, EraseSpace(record_id=record.id), "key")
    except Cancelled:
        return False
    return True


async def test_a_record_restored_without_its_key_is_finished(app: Litestar) -> None:
    await close(app, LAURA, erase=True)
    await due(app, LAURA)
    await change(app, await record_of(app, LAURA), wrapped_key=b"")
    found = await soundness.check(app.state.sessions, app.state.outside.files, now=utcnow())
    assert found.faults == 0
    assert await erase(app, LAURA)
