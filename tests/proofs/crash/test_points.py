"""Killed at each step of each flow, nothing acknowledged is lost and nothing is told of nothing."""

import asyncio
from pathlib import Path

import pytest

from tests.fixtures.database import Databases
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crash.people import Badge
from tests.proofs.crash.place import Place
from tests.proofs.crash.points import Flow, Outcome, count_steps, kill_at, kill_worker_at, spread

SHORT = {"initial": 7, "replacement": 6, "withdrawal": 4, "letters": 4, "pages": 2}
AT_ONCE = 2


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
