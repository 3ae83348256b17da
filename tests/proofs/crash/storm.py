"""Laboratories that never give up, a reader who looks all the time, and somebody who kills."""

import asyncio
import random
from collections import Counter
from itertools import count

import httpx
from msgspec import Struct, field

from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Report
from tests.pages import text_of
from tests.proofs.crash.nursery import SECONDS, Victim
from tests.proofs.crash.people import (
    DOWN,
    Badge,
    client,
    message_of,
    one_mark,
    report_of,
    send_once,
)
from tests.proofs.crash.place import Place, hold
from tests.proofs.crash.postgres import Cluster

PAUSE = 0.2
LOWEST, HIGHEST = 101, 999
"""Marks: numbers of three digits, which no page writes otherwise."""


class Ledger(Struct):
    """What was acknowledged."""

    marks: dict[str, int] = field(default_factory=dict)
    """Of each document that is not withdrawn."""
    figures: Counter[str] = field(default_factory=Counter)


class Service:
    """`reperes run` and `reperes worker` over one database, killed and started again."""

    def __init__(self, place: Place, cluster: Cluster, port: int, **crash: str) -> None:
        self.place, self.cluster = place, cluster
        self.url = f"http://127.0.0.1:{port}"
        self._env = {**place.env(**crash), "REPERES_PORT": str(port)}
        self._victims: dict[str, Victim] = {}

    async def start(self, command: str) -> None:
        """`run` or `worker`; what runs is left to `kill`."""
        self._victims[command] = await self.place.nursery.bear("command", self._env, command)
        if command == "run":
            await self._answers()

    async def kill(self, target: str) -> None:
        """SIGKILL, then a new start."""
        if target == "postgres":
            await asyncio.to_thread(self.cluster.kill)
            return
        await self.end(target)
        await self.start(target)

    async def end(self, command: str) -> None:
        hold(
            not self._victims[command].ended.done(),
            f"{command} ended by itself",
            self.place.nursery.last_words(),
        )
        await self._victims[command].kill()

    async def fsck(self) -> int:
        """Its exit status: 1 for a fault."""
        return await (await self.place.nursery.bear("command", self._env, "fsck")).end()

    async def _answers(self) -> None:
        async with client(self.url) as web, asyncio.timeout(SECONDS):
            while True:
                hold(not self._victims["run"].ended.done(), "run ended by itself")
                try:
                    await web.get("/healthz")
                except httpx.HTTPError:
                    await asyncio.sleep(PAUSE)
                else:
                    return


class Storm(Struct):
    """All that goes on at once, until `over`."""

    service: Service
    badge: Badge
    base: Report
    ledger: Ledger
    over: asyncio.Event
    chance: random.Random

    async def deposit_forever(self, name: str) -> None:
        """A laboratory: new reports; of three, one is replaced, one withdrawn, one only sent."""
        marks = count(self.chance.randrange(HIGHEST - LOWEST))
        for number in count():
            if self.over.is_set():
                return
            document = f"{name}-{number}"
            mark, later = (LOWEST + next(marks) % (HIGHEST - LOWEST) for _ in range(2))
            report = report_of(self.base, document, mark, pdf=number == 0, first=2)
            await self._deliver(report, Action.NEW)
            self.ledger.marks[document] = mark
            if number % 3 == 1:
                newer = report_of(self.base, document, later, 2, first=2)
                await self._deliver(newer, Action.REPLACE)
                self.ledger.marks[document] = later
            elif number % 3 == 2:
                await self._deliver(report, Action.DELETE)
                del self.ledger.marks[document]
            else:
                other = report_of(self.base, f"{document}-envoi", later, first=2)
                await self._deliver(other, Action.NEW, DESTDMP=False, DESTMSSANTEPS=True)
                self.ledger.figures["only sent"] += 1

    async def replace_forever(self, seen: list[int]) -> None:
        """One report, replaced again and again: `seen` is (acknowledged, sent)."""
        for version in count(2):
            if self.over.is_set() or seen[1] == HIGHEST:
                return
            seen[1] += 1
            newer = report_of(self.base, "relu", seen[1], version)
            await self._deliver(newer, Action.REPLACE)
            seen[0] = seen[1]

    async def read_forever(self, document: str, seen: list[int]) -> None:
        """The old one or the new one, never both, never none, and never the old one again."""
        async with client(self.service.url, self.badge) as web:
            while not self.over.is_set():
                least = seen[0]
                try:
                    answer = await web.get(f"/documents/{document}")
                except httpx.HTTPError:
                    await asyncio.sleep(PAUSE)
                    continue
                if answer.status_code in DOWN:
                    await asyncio.sleep(PAUSE)
                    continue
                hold(answer.status_code == 200, "the report is not there", answer.status_code)
                mark = one_mark(text_of(answer))
                hold(least <= mark <= seen[1], "not the report of the moment", mark, least)
                self.ledger.figures["readings"] += 1

    async def check_forever(self) -> None:
        """`reperes fsck` while all this goes on; it gives up when PostgreSQL is killed under it."""
        while not self.over.is_set():
            status = await self.service.fsck()
            hold(status != 1, "fsck, meanwhile", self.service.place.nursery.last_words())
            self.ledger.figures["checks"] += status == 0
            await asyncio.sleep(1)

    async def kill_often(self, kills: int) -> None:
        """Web mostly, the worker, and PostgreSQL with all its processes."""
        targets = ["run", "postgres", "run", "worker"]
        for number in range(kills):
            await asyncio.sleep(self.chance.uniform(0.3, 2.5))
            target = targets[number % len(targets)]
            await self.service.kill(target)
            self.ledger.figures[target] += 1
        self.over.set()

    async def _deliver(self, report: Report, action: Action, **flags: bool) -> None:
        """The same bytes, until they are acknowledged."""
        message, figures = message_of(report, action, **flags), self.ledger.figures
        async with client(self.service.url) as web, asyncio.timeout(SECONDS):
            while not await send_once(web, self.badge, message):
                figures["not answered"] += 1
                await asyncio.sleep(PAUSE)
        figures["acknowledged"] += 1
