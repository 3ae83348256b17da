"""The application with something breakable between it and its neighbours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from httpx import AsyncClient
from litestar import Litestar
from sqlalchemy import func, select

from backend.app import create_app
from backend.demo import world
from backend.demo.people import LAURA
from backend.domain.errors import Unavailable
from backend.gateways.files import Files
from backend.settings import Settings
from backend.storage.db import make_engine, make_sessions
from backend.storage.documents import Receipt
from backend.storage.vault import Vault
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.laboratory import Laboratory
from tests.pages import Browser
from tests.proofs.faults.proxy import Proxy, between

PRODUCTION_KEY = bytes(range(11, 43))


@dataclass(frozen=True)
class House:
    """A running service, a patient signed in, a laboratory that has its token."""

    app: Litestar
    client: AsyncClient
    laura: Browser
    laboratory: Laboratory
    database: Proxy

    async def receipts(self) -> int:
        async with self.app.state.sessions() as db:
            return int(await db.scalar(select(func.count()).select_from(Receipt)))


@pytest.fixture
def careless_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it has kept what it could not."""
    put = Files.put

    async def putting(self: Files, key: str, data: bytes) -> None:
        with suppress(Unavailable):
            await put(self, key, data)

    monkeypatch.setattr(Files, "put", putting)


@pytest.fixture
async def house(
    limits_of_production: pytest.MonkeyPatch, world_url: str, tmp_path: Path
) -> AsyncIterator[House]:
    sockets = Path(mkdtemp(prefix="faults-"))  # a socket's path must be short
    async with between(world_url, sockets) as (proxy, url):
        app = create_app(replace(settings_for(world_url, tmp_path), database_url=url))
        async with running(app):
            laura, laboratory = (
                Browser(app, client_of(app)),
                Laboratory(client_of(app), "sgl-estuaire"),
            )
            await laura.sign_in(LAURA)
            await laboratory.token()
            yield House(app, client_of(app), laura, laboratory, proxy)
            proxy.up = True
            proxy.speak()
            proxy.delay = 0.0
    rmtree(sockets)


@pytest.fixture(scope="session")
async def inhabited_template(databases: Databases) -> str:
    """A database with the fictional people under a key of production, to copy."""
    url = databases.copy()
    engine = make_engine(url)
    async with make_sessions(engine, Vault(PRODUCTION_KEY)).begin() as db:
        await world.load(db)
    await engine.dispose()
    return url


@pytest.fixture
def inhabited(databases: Databases, inhabited_template: str, tmp_path: Path) -> Iterator[Settings]:
    """Production settings over the fictional people: their key is no demonstration’s."""
    url = databases.copy(inhabited_template)
    yield replace(settings_for(url, tmp_path), root_key=PRODUCTION_KEY)
    databases.drop(url)
