"""Laboratories deposit and Laura reads while web, worker and PostgreSQL are killed all the time."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from backend.domain.reports import Report
from backend.storage.migrate import upgrade
from tests.ports import quiet_port
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crash.conftest import settle
from tests.proofs.crash.letters import PostOffice
from tests.proofs.crash.nursery import Nursery
from tests.proofs.crash.people import (
    Badge,
    client,
    documents_of,
    marks_of,
    message_of,
    report_of,
    send,
)
from tests.proofs.crash.place import Place, Wrong, hold
from tests.proofs.crash.postgres import Cluster
from tests.proofs.crash.storm import LOWEST, Ledger, Service, Storm

LABORATORIES = 4
MINUTES = 60
MISSED = {
    *("not the report of the moment", "the report is not there"),
    *("refused", "acknowledged, and lost"),
}
"""What is found of a deposit that was lost: read, replaced, or counted at the end."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that flushes what it acknowledges."""
    home = Path(mkdtemp(prefix="reperes-storm-"))
    home.chmod(0o755)  # root's server runs under another account
    cluster = Cluster(home / "postgres")
    yield cluster
    cluster.discard()


@pytest.fixture
async def settled(
    cluster: Cluster, tmp_path: Path, nursery: Nursery, office: PostOffice
) -> tuple[Place, Badge]:
    upgrade(cluster.server.url)
    place = Place.make(cluster.server.url, tmp_path, nursery, office)
    return place, await settle(place)


@pytest.fixture
async def storm(
    cluster: Cluster, settled: tuple[Place, Badge], base: Report, figure: Figure
) -> Storm:
    """One report is there already: the service has no demonstration to load."""
    place, badge = settled
    seed = random.randrange(10**6)
    figure("seed", seed)
    victim = await place.serve()
    async with client(await victim.open(), badge) as web:
        await send(web, badge, message_of(report_of(base, "relu", LOWEST)))
    await victim.kill()
    service = Service(place, cluster, quiet_port())
    return Storm(service, badge, base, Ledger(), asyncio.Event(), random.Random(seed))


async def test_nothing_acknowledged_is_lost_in_a_storm(
    storm: Storm, scale: Scale, figure: Figure
) -> None:
    ledger = storm.ledger
    twice, leftovers = await weather(storm, scale.of(6, 300))
    kills = [f"{ledger.figures[target]} {target}" for target in ("run", "worker", "postgres")]
    figure("kills", ", ".join(kills))
    figure("deposits acknowledged, lost", f"{ledger.figures['acknowledged']}, 0")
    figure("of which only sent, each once", ledger.figures["only sent"])
    figure("messages sent again", ledger.figures["not answered"])
    figure(
        "readings of a report being replaced, mixed or missing", f"{ledger.figures['readings']}, 0"
    )
    figure("checks of the whole store meanwhile", ledger.figures["checks"])
    figure("letters twice, leftover files", f"{twice}, {leftovers}")


async def test_a_service_that_acknowledges_too_soon_does_not_weather_it(
    storm: Storm, figure: Figure
) -> None:
    """The control: a reader, a laboratory or the ledger misses what was acknowledged and lost."""
    real = storm.service
    storm.service = Service(
        real.place, real.cluster, quiet_port(), variant="acknowledge_before_commit"
    )
    with pytest.raises(Wrong) as wrong:
        await weather(storm, 40)
    assert wrong.value.args[0] in MISSED, wrong.value.args
    figure("acknowledged too soon", f"{wrong.value.args[0]}: seen")


async def weather(storm: Storm, kills: int) -> tuple[int, int]:
    """Wrong, or how many letters came twice and how many files were left over."""
    service, place, ledger, seen = storm.service, storm.service.place, storm.ledger, [LOWEST] * 2
    await service.start("run")
    await service.start("worker")
    async with client(service.url, storm.badge) as web:
        (read,) = await documents_of(web)
    try:
        async with asyncio.timeout(MINUTES * 60), asyncio.TaskGroup() as group:
            for number in range(LABORATORIES):
                group.create_task(storm.deposit_forever(f"labo-{number}"))
            group.create_task(storm.replace_forever(seen))
            group.create_task(storm.read_forever(read, seen))
            group.create_task(storm.check_forever())
            group.create_task(storm.kill_often(kills))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    await service.end("worker")
    async with client(service.url, storm.badge) as web:
        there = await marks_of(web)
        hold(there == sorted([*ledger.marks.values(), seen[0]]), "acknowledged, and lost")
    left = place.run("SELECT count(*), count(DISTINCT record_id) FROM dispatch")
    hold(left == [(ledger.figures["only sent"],) * 2], "acknowledged, and lost")
    await service.end("run")
    return await place.hold_told(), await place.hold_sound()


@pytest.mark.parametrize("hasty", [False, True])
async def test_postgresql_killed_right_after_an_acknowledgement(
    cluster: Cluster, settled: tuple[Place, Badge], base: Report, figure: Figure, *, hasty: bool
) -> None:
    """Kept; and lost, which this proof sees, when the server answers before it has flushed."""
    place, badge = settled
    if hasty:
        cluster.hurry()
    victim = await place.serve()
    async with client(await victim.open(), badge) as web:
        await send(web, badge, message_of(report_of(base, "relu", LOWEST)))
        cluster.kill()
    await victim.kill()
    victim = await place.serve()
    async with client(await victim.open(), badge) as web:
        kept = await marks_of(web) == [LOWEST]
    await victim.kill()
    assert kept is not hasty
    figure("acknowledged, PostgreSQL killed" + ", hasty" * hasty, "kept" if kept else "lost: seen")
