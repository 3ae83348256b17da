"""The right to erasure, against our own backups: a destroyed key comes back from nowhere."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from litestar import Litestar
from sqlalchemy import text

from backend.app import create_app
from backend.demo.people import KARIM, LAURA, Someone
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.calendar import civil_day
from backend.services import closure
from backend.settings import Settings
from backend.storage import embedded
from backend.storage.backups.keys import read_identity
from backend.storage.backups.sealing import open_bytes
from backend.storage.db import utcnow
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.changing import change, record_of
from tests.proofs.conftest import Figure
from tests.proofs.test_drill import reperes
from tests.services.test_closure import close


@dataclass
class House:
    """A service with a report of two people in it, and the folder of its backups."""

    app: Litestar
    settings: Settings
    folder: Path
    key_file: Path
    recipient: str

    @property
    def identity(self) -> X25519PrivateKey:
        return read_identity(self.key_file.read_text())

    async def run(self, *words: str, var: Path | None = None) -> str:
        """One of our commands, about this service or about another place."""
        settings = self.settings
        env = {
            "PATH": "/usr/bin:/bin",
            "REPERES_BACKUP_RECIPIENT": self.recipient,
            "REPERES_VAR_DIR": str(var or settings.var_dir),
            "REPERES_DATABASE_URL": "" if var else settings.database_url or "",
        }
        status, said = await reperes(*words, env=env)
        assert status == 0, said
        return said

    async def back_up(self) -> Path:
        """One more backup; where it is."""
        said = await self.run("backup", str(self.folder))
        return self.folder / said.split(":")[0]

    def everything_opened(self) -> bytes:
        """What somebody with the backups and their key reads."""
        sealed = (path for path in self.folder.rglob("*.age"))
        return b"".join(open_bytes(path.read_bytes(), self.identity) for path in sealed)


@pytest.fixture
async def house(
    databases: Databases,
    world_template: str,
    tmp_path: Path,
    reports: Mapping[str, DemoDeposit],
) -> AsyncIterator[House]:
    url, key_file = databases.copy(world_template), tmp_path / "backup.key"
    settings = settings_for(url, tmp_path)
    async with running(create_app(settings)) as app:
        house = House(app, settings, tmp_path / "backups", key_file, "")
        house.recipient = (await house.run("backup", "keygen", str(key_file))).strip()
        for name in ("laura-premier-bilan-v1", "karim-bilan-v1"):
            laboratory = Laboratory(client_of(app), reports[name].laboratory.client_id)
            assert "MSA|AA" in await laboratory.send(write_message(reports[name]))
        yield house
    databases.drop(url)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that PostgreSQL's account may enter."""
    folder = Path(mkdtemp(prefix="reperes-erasure-"))
    folder.chmod(0o755)
    yield folder
    embedded.remove(folder / "postgres")
    rmtree(folder)


@asynccontextmanager
async def restored(house: House, backup: Path, var: Path) -> AsyncIterator[tuple[Litestar, str]]:
    """The service as this backup gives it back, and what the command said."""
    (var / "keys").mkdir(parents=True)
    root_key = house.settings.var_dir / "keys" / "root.key"
    (var / "keys" / "root.key").write_bytes(root_key.read_bytes())
    said = await house.run("restore", str(backup), "--identity", str(house.key_file), var=var)
    server = embedded.start(var / "postgres", durable=True)
    there = replace(
        house.settings, var_dir=var, database_url=server.url, storage_url=f"file://{var / 'blobs'}"
    )
    async with running(create_app(there)) as app:
        yield app, said
    server.stop()


async def reads(app: Litestar, someone: Someone) -> bool:
    """Whether this person signs in and opens a report."""
    browser = Browser(app, client_of(app))
    await browser.get("/connexion")
    answer = await browser.post(
        "/connexion", identifiant=someone.identifier, mot_de_passe=someone.password
    )
    if answer.status_code == 422:
        return False
    await browser.post("/connexion/code", code=await browser.code(to=someone.email))
    return "Bilan" in text_of(await browser.get("/documents"))


async def test_before_it_is_erased_the_same_backup_brings_it_back(
    house: House, elsewhere: Path
) -> None:
    first = await house.back_up()
    key = (await record_of(house.app, LAURA)).wrapped_key
    assert key in house.everything_opened()
    await house.back_up()
    async with restored(house, first, elsewhere) as (app, said):
        assert "erased" not in said
        assert await reads(app, LAURA)


async def test_no_backup_brings_back_what_was_erased(
    house: House, elsewhere: Path, figure: Figure
) -> None:
    first, record = await house.back_up(), await record_of(house.app, LAURA)
    await close(house.app, LAURA, erase=True)
    await change(house.app, record, erase_on=civil_day(utcnow()))
    async with house.app.state.sessions.begin() as db:
        assert (await closure.erase(db, record.id))[0]
    assert record.wrapped_key in house.everything_opened(), "until two more backups are made"
    await house.back_up()
    await house.back_up()
    assert record.wrapped_key not in house.everything_opened()
    async with restored(house, first, elsewhere) as (app, said):
        assert "1 records were erased since" in said
        assert "0 faults" in said
        assert not await reads(app, LAURA)
        assert await reads(app, KARIM)
        async with app.state.sessions.begin() as db:
            assert await closure.promise_erasures(db) == 1
            assert (await closure.erase(db, record.id))[0], "the service finishes it"
        async with app.state.engine.connect() as connection:
            query = text("SELECT state FROM record WHERE id = :id")
            assert await connection.scalar(query, {"id": record.id}) == "efface"
    figure("backups in the folder when the key was gone from all", 3)
