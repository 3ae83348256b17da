"""« Poste et essais »: what is known of one’s own laboratory, for two roles, asking nobody."""

import tomllib
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from sqlalchemy import delete, select

from backend import VERSION
from backend.demo.mssante import Network
from backend.demo.reports import DemoDeposit
from backend.services.station import Lasts, lasts
from backend.storage.db import utcnow
from backend.storage.structures import MachineCertificate, MachineClient
from backend.storage.traces import Trace
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.pro.test_dispatches import deposit, network

__all__ = ["network"]
PAGE = "/pro/poste"
PRINTS = {"sgl-estuaire": b"\x01" * 32, "elsewhere": b"\x02" * 32}


async def at_work(app: Litestar, who: str) -> Desk:
    desk = Desk(app)
    await desk.works(who)
    return desk


@pytest.fixture
async def certificates(office: Litestar) -> AsyncIterator[None]:
    """One that soon ends for the laboratory of Dr Morel, one for another’s."""
    async with office.state.sessions.begin() as db:
        clients = {one.client_id: one for one in await db.scalars(select(MachineClient))}
        mine = clients["sgl-estuaire"]
        other = next(one for one in clients.values() if one.structure_id != mine.structure_id)
        for client, name in ((mine, "sgl-estuaire"), (other, "elsewhere")):
            db.add(
                MachineCertificate(
                    fingerprint=PRINTS[name],
                    client_id=client.id,
                    subject=f"CN={name}.essai",
                    expires_at=utcnow() + timedelta(days=9),
                    bound_at=utcnow(),
                )
            )
    yield
    async with office.state.sessions.begin() as db:
        await db.execute(
            delete(MachineCertificate).where(MachineCertificate.fingerprint.in_(PRINTS.values()))
        )


async def test_it_says_what_is_known_of_the_laboratory_and_of_no_other(
    office: Litestar,
    network: Network,
    certificates: None,
    reports: Mapping[str, DemoDeposit],
) -> None:
    await deposit(office, reports)
    desk = await at_work(office, "morel")
    page = await desk.get(PAGE)
    said = text_of(page)
    for told in (
        *("INSi En place.", "Dernier accusé (remis ou lu) : aujourd’hui à", "sgl-estuaire"),
        *("CN=sgl-estuaire.essai", PRINTS["sgl-estuaire"].hex()[:12], "bientôt : "),
        *(f"version {VERSION}", "bin/reperes deposit rapport.xml", "ses patients sont fictifs"),
    ):
        assert told in said, told
    for link in ("/api/openapi.json", "/fhir/metadata"):
        assert f'href="{link}"' in page.text
        assert (await desk.get(link)).status_code == 200
    async with office.state.sessions() as db:
        names = set(await db.scalars(select(MachineClient.client_id))) - {"sgl-estuaire"}
        trace = await db.scalar(select(Trace).where(Trace.action == "station:see", Trace.allowed))
    assert names
    assert not [name for name in names if name in said]
    assert "elsewhere" not in said
    assert "Laura" not in said
    assert trace is not None
    elsewhere = text_of(await (await at_work(office, "guillou")).get(PAGE))
    assert "sgl-estuaire" not in elsewhere


@pytest.mark.parametrize(
    ("who", "status"),
    [("legall", 200), *((who, 403) for who in ("diallo", "caradec", "riou", "martin"))],
)
async def test_it_is_for_biologists_and_administrators(
    office: Litestar, who: str, status: int
) -> None:
    desk = await at_work(office, who)
    assert (await desk.get(PAGE)).status_code == status
    home = (await desk.get("/pro/accueil")).text
    assert (f'href="{PAGE}"' in home) is (status == 200)
    assert (await Desk(office).get(PAGE)).status_code == 303


def test_a_certificate_is_over_at_its_very_end() -> None:
    now = utcnow()
    found = [lasts(now + timedelta(days=days), now) for days in (-1, 0, 1, 30, 31)]
    assert found == [Lasts.OVER, Lasts.OVER, Lasts.SOON, Lasts.SOON, Lasts.LONG]


def test_the_version_is_the_one_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION
