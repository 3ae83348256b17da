"""Killed at each step of each flow, nothing acknowledged is lost and nothing is told of nothing."""

import asyncio
from pathlib import Path

import pytest

from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Report
from tests.fixtures.database import Databases
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crash.people import Badge, client, message_of, report_of, send
from tests.proofs.crash.place import Place
from tests.proofs.crash.points import Flow, Outcome, count_steps, kill_at, kill_worker_at, spread

OLD, NEW = 717, 729
SHORT = {"initial": 7, "replacement": 6, "withdrawal": 4, "letters": 4, "pages": 2}
AT_ONCE = 2


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

    one = await after(message_of(first), told=True)
    waiting, drawing = [await after(message_of(report), told=False) for report in (first, with_pdf)]
    gone = message_of(first, Action.DELETE)
    flows = [
        Flow("initial", empty, message_of(first), [], [OLD]),
        Flow("replacement", one, message_of(second, Action.REPLACE), [OLD], [NEW]),
        Flow("withdrawal", one, gone, [OLD], []),
        Flow("letters", waiting, b"", [OLD], [OLD]),
        Flow("pages", drawing, b"", [OLD], [OLD]),
    ]
    return {flow.name: flow for flow in flows}


@pytest.mark.parametrize("name", SHORT)
async def test_killed_at_each_step(
    name: str,
    flows: dict[str, Flow],
    signed_in: tuple[Place, Badge],
    copies: Databases,
    tmp_path: Path,
    scale: Scale,
    figure: Figure,
) -> None:
    flow, (_, badge) = flows[name], signed_in
    kill = kill_at if flow.message else kill_worker_at
    dry = flow.start.copy(copies, tmp_path / "dry")
    if flow.message:
        steps = await count_steps(flow, badge, dry, tmp_path)
    else:
        await dry.drain(log=tmp_path / "steps")
        steps = (tmp_path / "steps").read_text().splitlines()
    one_of_few = asyncio.Semaphore(AT_ONCE)

    async def case(at: int) -> Outcome:
        async with one_of_few:
            place = flow.start.copy(copies, tmp_path / str(at))
            try:
                return await kill(flow, badge, place, at)
            except Exception as error:
                error.add_note(f"{name}: killed at step {at}, {steps[at - 1]}")
                raise

    chosen = scale.of(spread(steps, SHORT[name]), list(range(1, len(steps) + 1)))
    outcomes = await asyncio.gather(*map(case, chosen))
    assert any(not outcome.stored for outcome in outcomes) or not flow.message
    figure(f"{name}: steps counted, victims killed", f"{len(steps)}, {len(outcomes)}")
    figure(f"{name}: acknowledged first, found at once", sum_up(outcomes))
    figure(f"{name}: leftover files, letters twice", leftovers(outcomes))


def sum_up(outcomes: list[Outcome]) -> str:
    return f"{sum(o.acknowledged for o in outcomes)}, {sum(o.stored for o in outcomes)}"


def leftovers(outcomes: list[Outcome]) -> str:
    return f"{sum(o.leftovers for o in outcomes)}, {sum(o.twice for o in outcomes)}"
