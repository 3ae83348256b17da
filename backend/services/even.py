"""Answers that take the same time whatever was found: how long says nothing of who exists."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from time import monotonic
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

FLOOR = 0.6
"""Seconds: more than the slowest branch takes when nobody waits for the processor."""


def even(ask: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same function, which answers FLOOR seconds after it was asked, or later, never sooner."""

    @wraps(ask)
    async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        began = monotonic()
        try:
            return await ask(*args, **kwargs)
        finally:
            await asyncio.sleep(max(0.0, FLOOR - (monotonic() - began)))

    return asked
