"""The post is down, busy, refuses, or hangs up: letters wait, and no failure is silent."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from litestar import Litestar
from sqlalchemy import select, update

from backend.app import create_app
from backend.cli.checks import look_around
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.settings import Security, Settings, Smtp, Worker
from backend.storage.db import utcnow
from backend.storage.outbox import OutboxRow, OutboxState
from tests.fixtures.application import client_of, running
from tests.gateways.mail_servers import SENDER, Server, listening
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of

Reports = Mapping[str, DemoDeposit]
MESSAGE = "laura-premier-bilan-v1"


class HangsUp(Server):
    """Takes the whole letter, keeps it, and closes before saying so: `times` times."""

    times = 1

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if self.times:
            self.times -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


@asynccontextmanager
async def dropping(at: str) -> AsyncIterator[Smtp]:
    """A mail server that drops the line `at` this word of the client’s, or before any."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if at != "accept":
            writer.write(b"220 mx.example\r\n" if at != "banner" else b"220-mx.exa")
            await writer.drain()
        while at not in {"accept", "banner"} and (line := await reader.readline()):
            verb = line[:4].upper().decode()
            if verb == at:
                break
            writer.write(b"354 Go on\r\n" if verb == "DATA" else b"250 OK\r\n")
            if (verb, at) == ("DATA", "letter"):
                await reader.readline()
                break
        writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Smtp("localhost", port, Security.NONE, SENDER, "", "")


@asynccontextmanager
async def posting(settings: Settings, folder: Path, smtp: Smtp) -> AsyncIterator[Litestar]:
    """The application with this mail server, its worker asleep: tests do the work by turns."""
    app = create_app(replace(settings, var_dir=folder / "var", smtp=smtp, worker=Worker.EXTERNAL))
    async with running(app):
        yield app


async def work(app: Litestar, *, hours: int = 0) -> None:
    """Do all that is due, so many hours later."""
    state = app.state
    async with state.sessions.begin() as db:
        past = utcnow() - timedelta(hours=hours)
        await db.execute(
            update(OutboxRow)
            .where(OutboxRow.state == OutboxState.DUE)
            .values(due_at=utcnow(), created_at=past)
        )
    handlers = make_handlers(state.outside, state.letters, state.policy)
    while await do_one(state.sessions, handlers):
        pass


async def letters(app: Litestar) -> list[tuple[str, str, int]]:
    """State, error and tries of each promised letter."""
    async with app.state.sessions() as db:
        rows = await db.scalars(select(OutboxRow).where(OutboxRow.dedupe_key.like("tell%")))
        return [(row.state.value, row.error, row.attempts) for row in rows]


async def deposit(app: Litestar, reports: Reports) -> None:
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    assert "MSA|AA" in await laboratory.send(write_message(reports[MESSAGE]))


async def test_down_then_up(settings: Settings, tmp_path: Path, reports: Reports) -> None:
    server = Server()
    async with listening(server) as smtp:
        pass  # its port is nobody's now
    async with posting(settings, tmp_path, smtp) as app:
        await deposit(app, reports)
        await work(app)
        ((state, error, tries),) = await letters(app)
        assert (state, tries) == ("due", 1)
        assert error
    async with listening(server) as smtp, posting(settings, tmp_path, smtp) as app:
        await work(app)
        assert await letters(app) == [("done", "", 2)]
    assert len(server.received) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
async def test_greylisted_then_taken(
    settings: Settings, tmp_path: Path, reports: Reports, step: str
) -> None:
    server = Server(**{step: "451 4.7.1 Greylisted, come back later"})
    async with listening(server) as smtp, posting(settings, tmp_path, smtp) as app:
        await deposit(app, reports)
        await work(app)
        assert [state for state, _, _ in await letters(app)] == ["due"]
        server.answers[step] = ""
        await work(app)
        assert await letters(app) == [("done", "", 2)]
    assert len(server.received) == 1


@pytest.mark.parametrize("at", ["accept", "banner", "EHLO", "MAIL", "RCPT", "DATA", "letter"])
async def test_the_line_drops_then_the_letter_is_taken(
    settings: Settings, tmp_path: Path, reports: Reports, at: str
) -> None:
    async with dropping(at) as smtp, posting(settings, tmp_path, smtp) as app:
        await deposit(app, reports)
        await work(app)
        ((state, error, tries),) = await letters(app)
        assert (state, tries) == ("due", 1)
        assert error
    server = Server()
    async with listening(server) as smtp, posting(settings, tmp_path, smtp) as app:
        await work(app)
        assert await letters(app) == [("done", "", 2)]
    assert len(server.received) == 1


async def test_a_worker_that_took_a_dropped_line_for_a_yes_would_be_noticed(
    settings: Settings, tmp_path: Path, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    async with dropping("letter") as smtp, posting(settings, tmp_path, smtp) as app:
        send = app.state.outside.mail.send

        async def careless(letter: Any) -> None:
            with suppress(Exception):
                await send(letter)

        monkeypatch.setattr(app.state.outside.mail, "send", careless)
        await deposit(app, reports)
        await work(app)
        assert await letters(app) == [("done", "", 1)], "not due: nothing would be sent again"


async def seen(settings: Settings) -> str:
    """What `reperes doctor` says of promises, which it must find ill."""
    (promised,) = [each for each in await look_around(settings) if each.what == "promised work"]
    assert not promised.ok
    return promised.say


async def test_refused_for_good_is_given_up_at_once_and_seen(
    settings: Settings, tmp_path: Path, reports: Reports
) -> None:
    server = Server(rcpt="550 5.1.1 No such mailbox")
    async with listening(server) as smtp, posting(settings, tmp_path, smtp) as app:
        await deposit(app, reports)
        await work(app)
        assert await letters(app) == [("failed", "PermanentFailure", 1)]
        assert (await seen(app.state.settings)).startswith("1 given up")


async def test_down_for_two_days_is_given_up_and_seen(
    settings: Settings, tmp_path: Path, reports: Reports
) -> None:
    async with listening(Server()) as smtp:
        pass
    async with posting(settings, tmp_path, smtp) as app:
        await deposit(app, reports)
        await work(app, hours=47)
        assert [state for state, _, _ in await letters(app)] == ["due"]
        await work(app, hours=49)
        assert [state for state, _, _ in await letters(app)] == ["failed"]
        assert (await seen(app.state.settings)).startswith("1 given up")


async def test_a_letter_sent_twice_is_the_same_letter(
    settings: Settings, tmp_path: Path, reports: Reports
) -> None:
    """Taken, and the line dropped before it was said: only sending again is safe."""
    server = HangsUp()
    async with listening(server) as smtp, posting(settings, tmp_path, smtp) as app:
        await deposit(app, reports)
        await work(app)
        await work(app)
        assert [state for state, _, _ in await letters(app)] == ["done"]
    content = [one.content for one in server.received if isinstance(one.content, bytes)]
    ids = {found[1] for one in content if (found := re.search(rb"(?im)^Message-ID: (\S+)", one))}
    assert len(server.received) == 2
    assert len(ids) == 1


async def test_a_code_that_cannot_leave_is_not_told_apart(
    settings: Settings, tmp_path: Path
) -> None:
    """The page of the code is the same, and offers the other channel."""
    async with listening(Server()) as smtp:
        pass
    async with posting(settings, tmp_path, smtp) as app:
        browser = Browser(app, client_of(app))
        await browser.get("/connexion")
        await browser.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
        await work(app)
        page = await browser.get("/connexion/code")
    assert page.status_code == 200
    assert "SMS" in text_of(page)


async def test_a_slow_post_does_not_slow_pages(settings: Settings, tmp_path: Path) -> None:
    server = Server()
    server.delay = 3.0
    async with listening(server) as smtp, posting(settings, tmp_path, smtp) as app:
        browser = Browser(app, client_of(app))
        await browser.get("/connexion")
        await browser.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
        sending = asyncio.create_task(work(app))
        await asyncio.sleep(0.2)
        assert (await browser.get("/connexion/code")).status_code == 200
        assert not sending.done()
        await sending
    assert len(server.received) == 1
