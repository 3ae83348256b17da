"""A nursery for the whole run, and the places that cases start from."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from tempfile import mkdtemp

import pytest

from backend.demo import world
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Report
from backend.storage import embedded
from backend.storage.db import make_engine, make_sessions
from backend.storage.vault import Vault
from tests.fixtures.database import Databases
from tests.proofs.crash.letters import PostOffice, open_post_office
from tests.proofs.crash.nursery import Nursery
from tests.proofs.crash.people import (
    Badge,
    client,
    fetch_token,
    message_of,
    report_of,
    send,
    sign_in,
)
from tests.proofs.crash.place import Place
from tests.proofs.crash.points import Flow
from tests.proofs.crash.postgres import discard

OLD, NEW = 717, 729
"""The marks of a report and of its next version."""

Reports = Mapping[str, DemoDeposit]
CODE = re.compile(r"\b(\d{3}) ?(\d{3})\b")


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A PostgreSQL of its own: hundreds of copies do not weigh on other tests."""
    home = Path(mkdtemp(prefix="reperes-crash-"))
    home.chmod(0o755)  # root's server runs under another account
    server = embedded.start(home / "postgres", durable=False)
    yield Databases(server)
    discard(home / "postgres")


@pytest.fixture(scope="session")
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as opened:
        yield opened


@pytest.fixture(scope="session")
async def nursery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nursery]:
    async with Nursery.open(tmp_path_factory.mktemp("nursery")) as opened:
        yield opened


@pytest.fixture(scope="session")
def base(reports: Reports) -> Report:
    """A report of Laura’s with numbers and a PDF."""
    return reports["laura-bilan-sanguin-v1"].report


async def settle(place: Place) -> Badge:
    """People and laboratories in an empty place; what keeps them known after a restart."""
    await load_world(place)
    victim = await place.serve()

    async def read_code() -> str:
        assert await place.drain() == 0
        found = CODE.search(place.letters()[-1].text)
        assert found
        return found[1] + found[2]

    async with client(await victim.open()) as web:
        token = await fetch_token(web)
        await sign_in(web, read_code)
        cookies = {cookie.name: cookie.value or "" for cookie in web.cookies.jar}
    await victim.kill()
    place.begin()
    return Badge(cookies, token)


async def load_world(place: Place) -> None:
    """The demonstration’s people, without their reports."""
    engine = make_engine(place.url)
    async with make_sessions(engine, Vault(place.settings.root_key)).begin() as db:
        await world.load(db)
    await engine.dispose()


@pytest.fixture(scope="session")
async def signed_in(
    copies: Databases,
    tmp_path_factory: pytest.TempPathFactory,
    nursery: Nursery,
    office: PostOffice,
) -> tuple[Place, Badge]:
    """The demonstration’s people, Laura at her browser, a laboratory with a token, no report."""
    place = Place.make(copies.copy(), tmp_path_factory.mktemp("signed-in"), nursery, office)
    return place, await settle(place)


@pytest.fixture(scope="session")
async def flows(
    copies: Databases,
    signed_in: tuple[Place, Badge],
    tmp_path_factory: pytest.TempPathFactory,
    base: Report,
) -> dict[str, Flow]:
    """Each with the place that it starts from."""
    empty, badge = signed_in
    first, second = report_of(base, "fil", OLD), report_of(base, "fil", NEW, 2)
    with_pdf = report_of(base, "fil", OLD, pdf=True)

    async def after(message: bytes, *, told: bool) -> Place:
        place = empty.copy(copies, tmp_path_factory.mktemp("start"))
        victim = await place.serve()
        async with client(await victim.open(), badge) as web:
            await send(web, badge, message)
        await victim.kill()
        if told:
            await place.hold_told()
        return place

    one, waiting, drawing = await asyncio.gather(
        after(message_of(first), told=True),
        after(message_of(first), told=False),
        after(message_of(with_pdf), told=False),
    )
    gone = message_of(first, Action.DELETE)
    flows = [
        Flow("initial", empty, message_of(first), [], [OLD]),
        Flow("replacement", one, message_of(second, Action.REPLACE), [OLD], [NEW]),
        Flow("withdrawal", one, gone, [OLD], []),
        Flow("letters", waiting, b"", [OLD], [OLD]),
        Flow("pages", drawing, b"", [OLD], [OLD]),
    ]
    return {flow.name: flow for flow in flows}
