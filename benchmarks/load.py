"""A closed loop of clients on kept-alive connections: each sends its next request when answered."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

SUCCESS = 200
Request = bytes
NextRequest = Callable[[], Request]


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a load."""

    seconds: float
    latencies: list[float]
    """Sorted, in seconds; of the requests that were answered as expected."""
    others: int
    """Answers of another status."""

    @classmethod
    def of(cls, parts: Sequence["Measured"]) -> "Measured":
        """Several loads as one."""
        return cls(
            seconds=sum(part.seconds for part in parts),
            latencies=sorted(chain.from_iterable(part.latencies for part in parts)),
            others=sum(part.others for part in parts),
        )

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """In milliseconds."""
        if not self.latencies:
            return float("nan")
        place = min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))
        return self.latencies[place] * 1000


async def load(
    port: int, make: NextRequest, *, clients: int, seconds: float, expected: int = SUCCESS
) -> Measured:
    """Send what `make` gives for that long; what is on its way at the end is waited for."""
    latencies: list[float] = []
    others = 0

    async def client() -> None:
        nonlocal others
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            request = make()
            began = time.perf_counter()
            writer.write(request)
            status, _headers, _body = await read_answer(reader)
            if status == expected:
                latencies.append(time.perf_counter() - began)
            else:
                others += 1
        writer.close()

    began = time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(client() for _ in range(clients)))
    return Measured(time.perf_counter() - began, sorted(latencies), others)


async def fetch(port: int, request: Request) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await read_answer(reader)
    writer.close()
    return answer


def write_request(method: str, path: str, body: bytes = b"", **headers: str) -> Request:
    """HTTP/1.1; `_` in a header's name stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (the last of each name, cookies joined), body."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        name = name.lower()
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    if headers.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(first.split(" ")[1]), headers, body


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body
