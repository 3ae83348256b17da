"""Whatever was found, or raised, no answer comes sooner than the others."""

import asyncio

import pytest

from backend.services import even


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for, without waiting."""
    seconds: list[float] = []

    async def sleep(delay: float) -> None:
        seconds.append(delay)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


async def test_a_quick_answer_waits_for_the_rest(slept: list[float]) -> None:
    @even.even
    async def ask(number: int) -> int:
        return number

    assert await ask(3) == 3
    assert even.FLOOR / 2 < slept[0] <= even.FLOOR


async def test_so_does_an_error(slept: list[float]) -> None:
    @even.even
    async def ask() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await ask()
    assert len(slept) == 1


async def test_a_slow_one_waits_no_more(
    slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter((0.0, 10.0))
    monkeypatch.setattr(even, "monotonic", lambda: next(moments))

    @even.even
    async def ask() -> None:
        return

    await ask()
    assert slept == [0.0]
