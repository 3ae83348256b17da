"""One case: a victim killed at one step of one flow, then everything that must hold afterwards."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
from msgspec import Struct

from tests.proofs.crash.nursery import Victim
from tests.proofs.crash.people import Badge, client, marks_of, send, send_once
from tests.proofs.crash.place import Place, hold

DECISIVE = ("before commit", "after commit", "after answer", "after letter")
"""Where a broken service would show first."""

ANSWERED = 0.3
"""Seconds for the last step, after the answer, to be counted."""


LATE_STEPS = 5
"""Seconds for a step that comes after the answer."""


class Flow(Struct, frozen=True):
    """A message sent somewhere: what Laura reads before it, and what she reads after."""

    name: str
    start: Place
    message: bytes
    before: list[int]
    after: list[int]


class Outcome(Struct, frozen=True):
    """What a case showed."""

    acknowledged: bool
    """Before the kill."""
    stored: bool
    """Found after the kill, before the message was sent again."""
    leftovers: int
    twice: int
    """Letters that came twice."""


async def count_steps(flow: Flow, badge: Badge, place: Place, folder: Path) -> list[str]:
    """The names of all the steps of a flow, in order, when nobody is killed."""
    log = folder / f"{flow.name}.steps"
    victim = await place.serve(log=log)
    async with client(await victim.open(), badge) as web:
        await send(web, badge, flow.message)
        await asyncio.sleep(ANSWERED)
    await victim.kill()
    return log.read_text().splitlines()


async def kill_at(
    flow: Flow, badge: Badge, place: Place, at: int, *, only: str = "", variant: str = ""
) -> Outcome:
    """Send, die at the step, come back, send again; Wrong if anything is not as promised."""
    victim = await place.serve(at=at, only=only, variant=variant)
    acknowledged = await _send_to(victim, badge, flow.message)
    await _let_die(victim)
    stored = await _come_back(flow, badge, place, acknowledged)
    twice = await place.hold_told()
    leftovers = await place.hold_sound()
    return Outcome(bool(acknowledged), stored, leftovers, twice)


async def kill_worker_at(
    flow: Flow, badge: Badge, place: Place, at: int, *, only: str = "", variant: str = ""
) -> Outcome:
    """The message is in; who does what it promised dies at the step, and another goes on."""
    await place.drain(at=at, only=only, variant=variant)
    twice = await place.hold_told()
    leftovers = await place.hold_sound()
    victim = await place.serve()
    async with client(await victim.open(), badge) as web:
        hold(await marks_of(web) == flow.after, "not what was deposited")
    await victim.kill()
    return Outcome(acknowledged=True, stored=True, leftovers=leftovers, twice=twice)


async def _send_to(victim: Victim, badge: Badge, message: bytes) -> str:
    if not (url := await victim.open()):
        return ""
    async with client(url, badge) as web:
        return await send_once(web, badge, message)


async def _let_die(victim: Victim) -> None:
    """It dies by itself after a late step, or has lived through all of them."""
    try:
        await asyncio.wait_for(asyncio.shield(victim.ended), LATE_STEPS)
    except TimeoutError:
        await victim.kill()


async def _come_back(flow: Flow, badge: Badge, place: Place, acknowledged: str) -> bool:
    """Old xor new, then new; the same receipt each time; whether it was new at once."""
    victim = await place.serve()
    async with client(await victim.open(), badge) as web:
        seen = await marks_of(web)
        hold(seen in (flow.before, flow.after), "neither before nor after", seen)
        if acknowledged:
            hold(seen == flow.after, "acknowledged, and lost")
        receipts = [await send(web, badge, flow.message) for _ in range(2)]
        hold(receipts[0] == receipts[1], "two receipts for one message")
        hold(acknowledged in ("", receipts[0]), "not the receipt that was given")
        hold(await marks_of(web) == flow.after, "not what was deposited")
        await _hold_whole(web)
    await victim.kill()
    return seen == flow.after


async def _hold_whole(web: httpx.AsyncClient) -> None:
    """The home page answers too."""
    hold((await web.get("/")).status_code == 200, "the home page")


def spread(steps: Sequence[str], count: int) -> list[int]:
    """`count` steps (from 1): the decisive ones, the others evenly from one end to the other."""
    decisive = [steps.index(name) + 1 for name in DECISIVE if name in steps]
    others = [at for at in range(1, len(steps) + 1) if at not in decisive]
    return sorted({*decisive, *_evenly(others, max(count - len(decisive), 1))})


def _evenly(values: list[int], count: int) -> list[int]:
    return [values[(2 * i + 1) * len(values) // (2 * count)] for i in range(count)]
