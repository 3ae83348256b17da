"""What must hold after each hostile deposit, and whatever does not."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import html5lib
import psutil
import pytest
import structlog
from litestar import Litestar
from sqlalchemy import text

from tests.fixtures.twins import settled
from tests.pages import XHTML, Browser
from tests.proofs.hostile.cases import Case, Desk
from tests.twins import World

JOURNAL = {"trace", "trace_head", "trace_checkpoint", "rate_limit"}
"""What a refusal may add to: the line that says it was refused."""
BANNED = {"iframe", "object", "embed", "applet", "base", "frame", "math", "portal"}
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcset")
RECEIPT = re.compile(r"MSA\|AA\|")


class Traps:
    """A file that nobody may read, a server that nobody may call, and who tried all the same."""

    def __init__(self, folder: Path) -> None:
        self.secret = folder / "secret.txt"
        self.secret.write_text("ouvre-toi")
        os.utime(self.secret, (0, 10**9))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0)
        self.calls: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def faults(self) -> Iterator[str]:
        if self.secret.stat().st_atime:
            os.utime(self.secret, (0, 10**9))
            yield "a file was read"
        try:
            self.listener.accept()[0].close()
            yield "a server was called"
        except BlockingIOError:
            pass
        yield from self.calls
        self.calls.clear()


@contextmanager
def guarded(traps: Traps) -> Iterator[None]:
    """Connections of this process that leave the machine are noted, and do not leave."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        inside = self.family == socket.AF_UNIX or address[0] in {"127.0.0.1", "::1", "localhost"}
        if not inside:
            traps.calls.append("a connection was tried")
            raise OSError("no way out")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


class Judge:
    """Sends a case through the real door, and says what went wrong."""

    def __init__(self, app: Litestar, desk: Desk, reader: Browser, traps: Traps) -> None:
        self.app, self.desk, self.reader, self.traps = app, desk, reader, traps

    async def faults(self, case: Case) -> list[str]:
        message = case.make(self.desk)
        await settled(World(self.app))  # an earlier case’s pages may still be in drawing
        before = await self._rows()
        with structlog.testing.capture_logs() as lines:
            answer = await self.desk.laboratory.client.post(
                "/api/hl7v2",
                content=message,
                headers={"Authorization": f"Bearer {await self.desk.laboratory.token()}"},
            )
        ack = answer.content.decode("utf-8", "replace")
        found = [f"log: {line['event']}" for line in lines if line["event"] == "unexpected"]
        found += self.traps.faults()
        if answer.status_code not in {200, 413}:
            found.append(f"status {answer.status_code}")
        said = re.search(r"\rMSA\|(\w\w)", ack)
        if said is None:
            return [*found, "no acknowledgement"]
        if said[1] != case.verdict:
            found.append(f"{said[1]} instead of {case.verdict}: {_error(ack)[:160]}")
        elif case.code and case.code not in _codes(ack):
            found.append(f"{_error(ack)[:160]} instead of {case.code}")
        if ack.count("\rMSA|") != 1:
            found.append("more than one verdict")
        if self.traps.secret.read_text() in ack:
            found.append("the secret in the answer")
        os.utime(self.traps.secret, (0, 10**9))
        if said[1] != "AA":
            after = await self._rows()
            found += [f"rows in {name}" for name in after if after[name] != before[name]]
        else:
            found += await self._read()
        return found

    async def _rows(self) -> dict[str, int]:
        async with self.app.state.sessions() as db:
            names = await db.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            )
            counts = " UNION ALL ".join(
                f"SELECT '{name}', count(*) FROM {name}" for name in sorted(set(names) - JOURNAL)
            )
            return {name: count for name, count in await db.execute(text(counts))}  # noqa: C416

    async def _read(self) -> list[str]:
        """The patient’s pages of what was just filed hold nothing that acts."""
        async with self.app.state.sessions() as db:
            newest = "SELECT id, version_id FROM document ORDER BY deposited_at DESC LIMIT 1"
            id_, version = (await db.execute(text(newest))).one()
            figures = await db.scalar(
                text("SELECT count(*) FROM stored_file WHERE part = 'figure' AND version_id = :v"),
                {"v": version},
            )
        found = []
        for path in (f"/documents/{id_}", f"/documents/{id_}/document"):
            answer = await self.reader.client.get(path)
            if answer.status_code != 200:
                found.append(f"{path.split('/')[-1]}: {answer.status_code}")
                continue
            found += active(answer.text)
            if self.traps.secret.read_text() in answer.text:
                found.append("the secret in a page")
        for number in range(1, (figures or 0) + 1):
            answer = await self.reader.get(f"/documents/{id_}/figure/{number}")
            kind, policy = (
                answer.headers.get(name, "") for name in ("content-type", "content-security-policy")
            )
            if kind not in {"image/png", "image/jpeg", "image/gif"} or "sandbox" not in policy:
                found.append(f"a figure as {kind}")
        os.utime(self.traps.secret, (0, 10**9))
        return found


def active(page: str) -> list[str]:
    """Markup that could run, frame or fetch something that is not ours."""
    tree: Any = html5lib.parse(page)
    found = []
    for element in tree.iter():
        name = str(element.tag).removeprefix(XHTML)
        if name in BANNED or (name == "script" and "".join(element.itertext()).strip()):
            found.append(f"<{name}>")
        for attribute, value in element.items():
            if str(attribute).startswith("on") or attribute == "style":
                found.append(f"{attribute}=")
            ours = value.startswith(("/", "#")) and not value.startswith("//")
            if attribute in ADDRESSES and not ours and not value.startswith(("tel:", "https://")):
                found.append(f"{attribute}={value[:20]}")
            if attribute in {"src", "action", "formaction"} and not ours:
                found.append(f"{attribute} elsewhere")
    return found


def _error(ack: str) -> str:
    return next((line for line in ack.split("\r") if line.startswith("ERR")), "no ERR")


def _codes(ack: str) -> set[str]:
    fields = _error(ack).split("|")
    return {field.split("^")[0] for field in fields[3:6] if field}


def memory() -> int:
    """Megabytes of this process, now."""
    return int(psutil.Process().memory_info().rss >> 20)
