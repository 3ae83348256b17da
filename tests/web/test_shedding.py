"""Lanes in this process: pages that stay open take none from those that are asked for."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from backend.web.lanes import Busy
from backend.web.shedding import STREAMS, STREAMS_AT_ONCE, Shedding


async def test_open_pages_have_so_many_lanes_and_hold_no_others() -> None:
    shedding, over, inside = Shedding(), asyncio.Event(), 0

    async def answers(_scope: Any, _receive: Any, _send: Any) -> None:
        nonlocal inside
        inside += 1
        await over.wait()

    async def ask(app: Any, **opt: str) -> None:
        scope: Any = {"type": "http", "route_handler": SimpleNamespace(opt=opt)}
        nothing: Any = None
        await shedding.handle(scope, nothing, nothing, app)

    async def page(_scope: Any, _receive: Any, _send: Any) -> None:
        return None

    asked = [asyncio.create_task(ask(answers, lane=STREAMS)) for _ in range(STREAMS_AT_ONCE)]
    while inside < STREAMS_AT_ONCE:  # noqa: ASYNC110
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await ask(answers, lane=STREAMS)
    for _ in range(30):
        await ask(page)
    over.set()
    await asyncio.gather(*asked)
    await ask(answers, lane=STREAMS)
    assert inside == STREAMS_AT_ONCE + 1
