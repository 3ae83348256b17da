"""What happens because a day has come: nobody asks for it, so the worker looks now and then.

Each sweep finds what is due by its date, does a little of it in one transaction and says how much:
doing it twice, late, or in several workers changes nothing. Rights never wait for a sweep: scopes
compare dates themselves.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog

from backend.access.scopes import Policy
from backend.services import (
    announcements,
    closure,
    dispatches,
    enrolment,
    exports,
    handing,
    majority,
    measures,
    pro_sign_in,
    search,
    withheld,
)
from backend.services.conversations import sending
from backend.storage.db import AsyncSession, Sessions, is_alone

Sweep = Callable[[AsyncSession], Awaitable[int]]
"""Does what is due, a batch at most; how much that was."""

SWEEPS: Mapping[str, Sweep] = {
    "open_spaces": enrolment.open_spaces,
    "tell_majority": majority.tell_parents,
    "majority_codes": majority.send_codes,
    "forget_exports": exports.sweep,
    "forget_measures": measures.forget_deleted,
    "read_words": search.read_words,
    "erase_spaces": closure.promise_erasures,
    "pro_sessions": pro_sign_in.sweep,
    "give_up_dispatches": dispatches.give_up_lost,
    "give_up_answers": sending.give_up_lost,
    "forget_refused": sending.forget_refused,
    "call_announcers": announcements.call,
    "forget_drafts": handing.forget_drafts,
}
BY_LAW: Mapping[str, Sweep] = {
    "release_withheld": withheld.release,
    "mention_withheld": withheld.mention,
}
"""In this order: what shows is no longer to be mentioned."""
FIRST, EVERY = 30.0, 600.0
"""Seconds: after the start, then between two rounds."""

log = structlog.get_logger()


def sweeps_under(policy: Policy) -> Mapping[str, Sweep]:
    """All that is to be done where this is the policy."""
    return {**SWEEPS, **BY_LAW} if policy.released_by_law else SWEEPS


async def keep(
    sessions: Sessions, stop: asyncio.Event, sweeps: Mapping[str, Sweep] = SWEEPS
) -> None:
    """Go round until `stop`. A sweep that fails is told, and tried again in the next round."""
    wait = FIRST
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await stop.wait()
                return
        await go_round(sessions, sweeps)
        wait = EVERY


async def go_round(sessions: Sessions, sweeps: Mapping[str, Sweep] = SWEEPS) -> None:
    """Each sweep, until nothing of its kind is due."""
    for name, sweep in sweeps.items():
        try:
            while done := await _once(sessions, name, sweep):
                log.info("swept", kind=name, count=done)
        except Exception as error:  # noqa: BLE001 - one that fails stops no other
            log.warning("sweep_failed", kind=name, error=type(error).__name__)


async def _once(sessions: Sessions, name: str, sweep: Sweep) -> int:
    """How much was done; nothing when another worker is at it."""
    async with sessions.begin() as db:
        return await sweep(db) if await is_alone(db, f"sweep/{name}") else 0
