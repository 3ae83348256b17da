"""Two applications on one database, and what makes their requests collide for sure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from httpx import AsyncClient, Request, Response
from litestar import Litestar
from sqlalchemy import delete, text

from backend.app import create_app
from backend.demo.people import Someone
from backend.settings import Worker
from backend.storage.accounts import Limit
from backend.web import shedding
from backend.web.lanes import Lanes
from tests.fixtures.application import client_of, running, settings_for
from tests.pages import Browser

PATIENCE = 60
"""Seconds: no wait here is longer."""
GIVE_UP = 3
"""Seconds that the first waits for a crowd that does not come: what is locked holds it back."""


class Crowd:
    """Holds whoever comes until `size` are there: what each has read is then out of date."""

    def __init__(self, size: int) -> None:
        self._size, self._there, self._all = size, 0, asyncio.Event()

    async def gather(self) -> None:
        self._there += 1
        if self._there >= self._size:
            self._all.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all.wait(), GIVE_UP)
        self._all.set()


@dataclass(frozen=True)
class Doors:
    """Two processes' worth of applications: each has its pool, its desk, its lanes."""

    apps: Sequence[Litestar]
    clients: Sequence[AsyncClient]

    @property
    def state(self) -> Any:
        return self.apps[0].state

    async def at_once(self, requests: Sequence[Request]) -> list[Response]:
        """All of them together, by one door and the other in turn; made before any is sent."""
        sent = [self.clients[n % 2].send(request) for n, request in enumerate(requests)]
        return await asyncio.wait_for(asyncio.gather(*sent), PATIENCE)

    async def ask(self, statement: str, **values: Any) -> Any:
        async with self.state.sessions.begin() as db:
            return await db.scalar(text(statement), values)

    async def forget_limits(self) -> None:
        async with self.state.sessions.begin() as db:
            await db.execute(delete(Limit))

    async def half_way(self, someone: Someone) -> tuple[dict[str, str], str]:
        """The cookies of a browser that gave the right password, and the code that it was sent."""
        await self.forget_limits()
        self.state.outside.inbox._messages.clear()
        browser = Browser(self.apps[0], client_of(self.apps[0]))
        await browser.get("/connexion")
        answer = await browser.post(
            "/connexion", identifiant=someone.identifier, mot_de_passe=someone.password
        )
        assert answer.headers["location"] == "/connexion/code", answer.text
        code = await asyncio.wait_for(browser.code(), PATIENCE)
        return {cookie.name: cookie.value or "" for cookie in browser.client.cookies.jar}, code

    async def signed_in(self, someone: Someone) -> dict[str, str]:
        """The cookies of a browser that passed both steps."""
        cookies, code = await self.half_way(someone)
        (answer,) = await self.at_once([self.form("/connexion/code", cookies, code=code)])
        assert answer.headers["location"] == "/", answer.text
        return cookies | dict(answer.cookies)

    def form(self, path: str, cookies: dict[str, str], /, **fields: str) -> Request:
        """A form that a browser with these cookies sends."""
        token = next(value for name, value in cookies.items() if name.endswith("csrf"))
        return self.clients[0].build_request(
            "POST",
            path,
            data={"_csrf_token": token, **fields},
            headers={"cookie": _cookie_line(cookies)},
        )

    def page(self, path: str, cookies: dict[str, str]) -> Request:
        return self.clients[0].build_request("GET", path, headers={"cookie": _cookie_line(cookies)})


def _cookie_line(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


@asynccontextmanager
async def open_doors(url: str, folder: Path) -> AsyncIterator[Doors]:
    """Both applications; the first has the worker, and so every letter."""
    settings = settings_for(url, folder)
    with pytest.MonkeyPatch.context() as wide:  # what counts the tries is attacked, not the queue
        wide.setattr(shedding, "Lanes", lambda **_: Lanes(working=500, waiting=500, seconds=60))
        apps = [create_app(settings), create_app(replace(settings, worker=Worker.EXTERNAL))]
    async with running(apps[0]), running(apps[1]):
        yield Doors(apps, [client_of(app) for app in apps])


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[str]:
    """The address of a running application on a real socket."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        assert not task.done(), "the server did not start"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, PATIENCE)
