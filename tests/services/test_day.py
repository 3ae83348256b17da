"""The list of the day on a real PostgreSQL: those of this site, of today."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import text, update

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.demo.people import LAURA, Someone
from backend.domain.anomalies import AnomalyKind
from backend.domain.calendar import PARIS
from backend.domain.day_list import Light
from backend.domain.errors import Forbidden, NotFound, Refused
from backend.domain.laboratory import Role
from backend.domain.reception import Choices
from backend.services.identification import anomalies, day, files, receiving
from backend.storage.db import utcnow
from backend.storage.records import Record, RecordState
from tests.services.test_reception import biologist, file_of

NOW = utcnow().astimezone(PARIS).replace(hour=11, minute=0)
AT = Moment.at(NOW)


async def laboratory(app: Litestar, someone: Someone = LAURA) -> tuple[Professional, UUID]:
    """Who works there, and the file of somebody; nobody comes yet."""
    async with app.state.sessions.begin() as db:
        await db.execute(text("UPDATE patient_file SET expected_at = NULL, received_at = NULL"))
        actor = await biologist(db)
        return actor, await file_of(db, actor, someone, NOW)


async def listed(app: Litestar, actor: Professional, at: Moment = AT) -> list[day.Line]:
    async with app.state.sessions.begin() as db:
        return await day.list_day(db, actor, at)


async def test_who_is_opened_is_received_until_the_day_ends(app: Litestar) -> None:
    actor, laura = await laboratory(app)
    assert await listed(app, actor) == []
    for minutes in (0, 30):
        async with app.state.sessions.begin() as db:
            await files.open_file(db, actor, Moment.at(NOW + timedelta(minutes=minutes)), laura)
    (line,) = await listed(app, actor)
    assert (line.id, line.received, line.at) == (laura, True, NOW), "when they came"
    assert line.traits.birth_name == "BERNARD"
    midnight = datetime.combine(AT.today + timedelta(days=1), datetime.min.time(), PARIS)
    assert await listed(app, actor, Moment.at(midnight - timedelta(seconds=1)))
    assert await listed(app, actor, Moment.at(midnight)) == []
    assert await listed(app, actor, Moment.at(NOW - timedelta(days=1))) == []


async def test_who_is_expected_is_not_here_yet_and_may_leave_the_list(app: Litestar) -> None:
    actor, laura = await laboratory(app)
    async with app.state.sessions.begin() as db:
        await files.open_file(db, actor, AT, laura)
        await day.expect(db, actor, AT, laura, "16 h 15")
    (line,) = await listed(app, actor)
    assert (line.received, line.at.astimezone(PARIS).hour) == (False, 16)
    async with app.state.sessions.begin() as db:
        with pytest.raises(Refused, match="10:30"):
            await day.expect(db, actor, AT, laura, "bientôt")
        await files.open_file(db, actor, AT, laura)
    (line,) = await listed(app, actor)
    assert (line.received, line.at) == (True, NOW)
    async with app.state.sessions.begin() as db:
        await day.leave(db, actor, laura)
    assert await listed(app, actor) == []
    async with app.state.sessions.begin() as db:
        said = await db.scalars(
            text("SELECT action FROM trace WHERE lane = :file ORDER BY number"), {"file": laura}
        )
        assert {"file:expect", "file:open", "file:leave-day"} <= set(said)


async def test_what_is_said_at_the_desk_is_seen_that_day_only(app: Litestar) -> None:
    actor, laura = await laboratory(app)
    async with app.state.sessions.begin() as db:
        await receiving.receive(
            db, actor, Moment.at(NOW - timedelta(days=1)), laura, Choices(opposed=True)
        )
        await files.open_file(db, actor, AT, laura)
    (line,) = await listed(app, actor)
    assert (line.signs.visit.words, line.signs.light) == ("À informer du dépôt", Light.UNFINISHED)
    for choices, light in (
        (Choices(opposed=True), Light.STOP),
        (Choices(informed=True), Light.READY),
    ):
        async with app.state.sessions.begin() as db:
            await receiving.receive(db, actor, Moment.at(utcnow()), laura, choices)
        (line,) = await listed(app, actor, Moment.at(utcnow()))
        assert line.signs.light is light


async def test_why_a_space_is_not_open_is_nobodys_business_at_a_desk(app: Litestar) -> None:
    actor, laura = await laboratory(app)
    async with app.state.sessions.begin() as db:
        await files.open_file(db, actor, AT, laura)
    words: dict[RecordState, str] = {}
    for state in RecordState:
        async with app.state.engine.begin() as connection:
            await connection.execute(update(Record).values(state=state))
        (line,) = await listed(app, actor)
        words[state] = line.signs.space.words
    open_ones = {RecordState.OPEN, RecordState.ACTIVE}
    assert {words[state] for state in open_ones} == {"Espace ouvert"}
    assert {words[state] for state in RecordState if state not in open_ones} == {
        "Pas d’espace ouvert"
    }
    async with app.state.sessions.begin() as db:
        await db.execute(text("UPDATE patient_file SET status = 'RECUP'"))
    (line,) = await listed(app, actor)
    assert line.signs.space.words == "Pas encore connu", "an INS that is not qualified asks nothing"


async def test_an_anomaly_is_a_stop_until_it_is_settled(app: Litestar) -> None:
    actor, laura = await laboratory(app)
    async with app.state.sessions.begin() as db:
        await files.open_file(db, actor, AT, laura)
        kind = AnomalyKind.PARENT_NUMBER
        opened = await anomalies.open_anomaly(db, actor, AT, laura, kind=kind, detail="Vu")
    (line,) = await listed(app, actor)
    assert line.signs.identity.words.startswith("Numéro d’un parent")
    async with app.state.sessions.begin() as db:
        await anomalies.treat(db, actor, AT, opened.id)
        await anomalies.settle(db, actor, AT, opened.id, "Le numéro était le bon")
    (line,) = await listed(app, actor)
    assert line.signs.identity.words == "Qualifiée"


async def test_another_site_and_another_role_see_nothing_of_it(app: Litestar) -> None:
    actor, laura = await laboratory(app)
    async with app.state.sessions.begin() as db:
        await files.open_file(db, actor, AT, laura)
        elsewhere = await db.scalar(
            text("SELECT id FROM structure WHERE id <> :here LIMIT 1"), {"here": actor.structure_id}
        )
    neighbour = Professional(actor.id, elsewhere, "10", roles=frozenset({Role.BIOLOGIST}))
    assert await listed(app, neighbour) == []
    for work in (day.expect, day.leave):
        async with app.state.sessions.begin() as db:
            how = (
                (db, neighbour, AT, laura, "10:30")
                if work is day.expect
                else (db, neighbour, laura)
            )
            with pytest.raises(NotFound):
                await work(*how)
    for roles in (frozenset({Role.ADMINISTRATOR}), frozenset[Role]()):
        outsider = Professional(actor.id, actor.structure_id, "10", roles=roles)
        with pytest.raises(Forbidden):
            await listed(app, outsider)
        async with app.state.sessions() as db:
            with pytest.raises(Forbidden):
                await day.leave(db, outsider, laura)
