"""Works that wait go together; each gets its own answer, and nobody waits for nobody."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from backend.interop.groups import Groups

Answers = Sequence[str | Exception]


class Clerk:
    """Writes down the batches that it is handed, and does them when it is let to."""

    def __init__(self, *, fits: Callable[[Sequence[str], str], bool] | None = None) -> None:
        self.batches: list[tuple[str, ...]] = []
        self.free = asyncio.Event()
        self.groups: Groups[str, str] = Groups(
            self.do, fits or (lambda _batch, _work: True), most=4, at_once=1
        )

    async def do(self, works: Sequence[str]) -> Answers:
        self.batches.append(tuple(works))
        await self.free.wait()
        if "bomb" in works:
            raise ZeroDivisionError
        return [ValueError(work) if work.startswith("bad") else work.upper() for work in works]

    async def ask_all(self, *works: str) -> list[str | BaseException]:
        asked = [asyncio.create_task(self.groups.ask(work)) for work in works]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.free.set()
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_who_arrives_while_one_is_busy_goes_with_the_next() -> None:
    clerk = Clerk()
    assert await clerk.ask_all("a", "b", "c", "d") == ["A", "B", "C", "D"]
    assert [len(batch) for batch in clerk.batches] == [1, 3] or len(clerk.batches) == 1
    assert sum(clerk.batches, ()) == ("a", "b", "c", "d")


async def test_a_batch_has_an_end() -> None:
    clerk = Clerk()
    works = [f"work {number}" for number in range(19)]
    assert await clerk.ask_all(*works) == [work.upper() for work in works]
    assert max(map(len, clerk.batches)) == 4
    assert sum(clerk.batches, ()) == tuple(works)


async def test_each_gets_its_own_refusal() -> None:
    good, bad, other = await Clerk().ask_all("good", "bad one", "other")
    assert (good, other) == ("GOOD", "OTHER")
    assert isinstance(bad, ValueError)


async def test_what_fails_the_batch_fails_all_of_it_and_none_of_the_next() -> None:
    clerk = Clerk()
    answers = await clerk.ask_all("bomb", "near")
    assert any(isinstance(answer, ZeroDivisionError) for answer in answers)
    assert await clerk.groups.ask("later") == "LATER"


async def test_what_does_not_fit_keeps_its_place_in_the_queue() -> None:
    clerk = Clerk(fits=lambda batch, work: work not in batch)
    works = ["first", "a", "a", "b", "a", "c"]
    assert await clerk.ask_all(*works) == [work.upper() for work in works]
    assert all(len(set(batch)) == len(batch) for batch in clerk.batches)


async def test_who_stops_waiting_disturbs_nobody() -> None:
    clerk = Clerk()
    leaving = asyncio.create_task(clerk.groups.ask("gone"))
    staying = asyncio.create_task(clerk.groups.ask("here"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    clerk.free.set()
    assert await staying == "HERE"
    with pytest.raises(asyncio.CancelledError):
        await leaving
