"""Answers of Pro Santé Connect, read with bounds: their size, their type, each name once."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from backend.domain.errors import Unavailable

LARGEST = 64_000
JSON = {"application/json", "application/jwk-set+json"}
SERVER_ERROR = 500
OK = 200


class Distrusted(Exception):
    """What came back proves nothing. `reason` is a word for our journal, never for the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bounded(httpx2.AsyncBaseTransport):
    """The way out: no answer is read beyond `LARGEST`, none is unpacked."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Distrusted("answer-encoding")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream)
        return response

    async def aclose(self) -> None:
        """A client closes after each exchange; the way out stays open (`end`)."""

    async def end(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > LARGEST:
                raise Distrusted("answer-size")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def read_answer(response: httpx2.Response) -> dict[str, Any]:
    """The JSON object of a good answer; Unavailable when the other side is ill, else Distrusted."""
    if response.status_code >= SERVER_ERROR:
        raise Unavailable
    if response.status_code != OK:
        raise Distrusted("answer-status")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in JSON:
        raise Distrusted("answer-type")
    return read_object(response.content)


def read_object(data: bytes | str) -> dict[str, Any]:
    """Strict JSON: an object, no name twice (it would be read in two ways), no NaN, no abyss."""
    try:
        found = json.loads(data, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Distrusted("answer-json") from error
    if not isinstance(found, dict):
        raise Distrusted("answer-json")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)
