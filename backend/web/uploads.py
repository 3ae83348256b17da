"""A form with files, read as it comes: what is too much is let go by; nothing is on a disk."""

import asyncio
from collections import defaultdict
from typing import Any
from weakref import WeakValueDictionary

from litestar import Request
from litestar.exceptions import ClientException
from litestar.utils.scope.state import ScopeState
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from backend.domain.own_documents import MOST_BYTES, MOST_TOGETHER, Given
from backend.web.callers import client_address
from backend.web.lanes import Lanes

MULTIPART = "multipart/form-data"
UPLOAD_BYTES = 60_000_000
"""The longest form with files: beyond 20 MB nothing is kept, but the page can still say why."""
LONGEST_FIELD = 10_000
LONGEST_BOUNDARY = 70
"""RFC 2046, 5.1.1."""
MOST_PARTS = 40
SECONDS = 60.0
"""For the whole form to come."""

_reading = Lanes(working=4, waiting=8, seconds=10.0)
"""Each may hold `MOST_TOGETHER` in memory."""
_of_one: WeakValueDictionary[str, Lanes] = WeakValueDictionary()
"""By address: whoever sends slowly, without having signed in even, holds half of them at most."""


async def read_upload(request: Request[Any, Any, Any]) -> None:
    """Leave the fields where `request.form()` finds them; ClientException for what is no form."""
    boundary = request.content_type[1].get("boundary", "")
    if not boundary.isascii() or not 0 < len(boundary) <= LONGEST_BOUNDARY:
        raise ClientException
    theirs = _of_one.setdefault(client_address(request), Lanes(working=2, waiting=8, seconds=10.0))
    try:
        async with theirs.enter(), _reading.enter(), asyncio.timeout(SECONDS):
            form = await _Form(boundary).read(request)
    except (MultipartError, UnicodeDecodeError, TimeoutError) as error:
        raise ClientException from error
    ScopeState.from_scope(request.scope).form = form


class _Form:
    """The parts of one form, in the making."""

    def __init__(self, boundary: str) -> None:
        self._parser = PushMultipartParser(boundary, max_segment_count=MOST_PARTS)
        self._fields: defaultdict[str, list[Any]] = defaultdict(list)
        self._part: MultipartSegment | None = None
        self._held, self._size, self._total = bytearray(), 0, 0

    async def read(self, request: Request[Any, Any, Any]) -> dict[str, Any]:
        with self._parser:
            async for chunk in request.stream():
                if chunk and not self._parser.closed:
                    for found in self._parser.parse(chunk):
                        self._take(found)
            self._parser.close()
        return dict(self._fields)

    def _take(self, found: MultipartSegment | bytearray | None) -> None:
        if isinstance(found, MultipartSegment):
            self._part, self._held, self._size = found, bytearray(), 0
        elif found is None:
            self._end()
        else:
            self._size += len(found)
            self._total += len(found)
            most = LONGEST_FIELD if self._filename is None else MOST_BYTES
            if self._size <= most and self._total <= MOST_TOGETHER:
                self._held += found

    @property
    def _filename(self) -> str | None:
        name: str | None = self._part.filename if self._part else None
        return name

    def _end(self) -> None:
        assert self._part is not None
        name, filename = self._part.name, self._filename
        if filename is None:
            self._fields[name].append(self._held.decode())
        elif filename or self._size:  # a field left empty sends a file without name
            self._fields[name].append(Given(filename, bytes(self._held), self._size))
        self._held = bytearray()
