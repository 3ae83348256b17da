"""Who may open a line, how many at once, and how the door is shut: what was begun is finished."""

import asyncio
import socket
from collections import Counter
from contextlib import suppress

import structlog

from backend.interop.mllp.answering import Answering
from backend.interop.mllp.conversation import CHUNK, Conversation, Limits
from backend.interop.mllp.tls import Contexts, Peer, peer_of, reason_of
from backend.web.lanes import Lanes

log = structlog.get_logger()

LONG = 16
"""Long messages in memory at once; as many wait as there are lines."""
PATIENCE = 10.0
BACKLOG = 128
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def open_place(host: str, port: int) -> socket.socket:
    """Where lines are opened; OSError when somebody is there already."""
    place = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG
    )
    place.settimeout(0)
    return place


class Listener:
    """One a process. Lines of strangers are few and short: they never keep a laboratory out."""

    def __init__(
        self, answering: Answering, contexts: Contexts, *, most: int, limits: Limits | None = None
    ) -> None:
        self._answering, self._contexts, self._most = answering, contexts, most
        self._limits = limits or Limits()
        self._long = Lanes(working=LONG, waiting=self._limits.lines, seconds=PATIENCE)
        self._knocking: Counter[str] = Counter()
        """Addresses that have not shown a certificate yet."""
        self._lines: Counter[bytes] = Counter()
        """Certificates on a line."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._talking: dict[asyncio.Task[None], Conversation] = {}

    async def serve(self, place: socket.socket, stop: asyncio.Event) -> None:
        """Take lines until `stop`; then finish what they have begun."""
        accepting = asyncio.create_task(self._accept(place))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({accepting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if accepting.done():
            accepting.result()
        accepting.cancel()
        with suppress(asyncio.CancelledError):
            await accepting
        place.close()
        await self._finish()

    async def _finish(self) -> None:
        for task in self._tasks - self._talking.keys():
            task.cancel()
        for conversation in self._talking.values():
            conversation.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._limits.stop_seconds)
            for task in late:
                task.cancel()
            if late:
                log.warning("mllp_lines_cut", count=len(late))
                await asyncio.wait(late)

    async def _accept(self, place: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(place)
            except OSError:  # no descriptor left, or they went before we came
                log.exception("mllp_cannot_accept")
                await asyncio.sleep(0.1)
                continue
            if self._is_full(address[0]):
                connection.close()
                log.info("mllp_refused", error="too_many_lines")
                continue
            task = asyncio.create_task(self._receive(connection, address[0]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _is_full(self, address: str) -> bool:
        return (
            self._lines.total() >= self._limits.lines
            or self._knocking.total() >= self._limits.handshakes
            or self._knocking[address] >= self._limits.handshakes_each
        )

    async def _receive(self, connection: socket.socket, address: str) -> None:
        """A certificate first, then a conversation."""
        self._knocking[address] += 1
        try:
            streams, peer = await self._open(connection)
        except (OSError, TimeoutError) as error:
            connection.close()
            log.info("mllp_refused", error=reason_of(error))
            return
        finally:
            self._knocking[address] -= 1
            self._knocking += Counter()  # forgets those that are at nought
        if self._lines[peer.fingerprint] >= self._limits.lines_each:
            streams[1].transport.abort()
            log.info("mllp_refused", error="too_many_lines_of_one")
            return
        await self._talk(streams, peer)

    async def _talk(self, streams: Streams, peer: Peer) -> None:
        conversation = Conversation(
            streams,
            peer,
            self._answering,
            long_lanes=self._long,
            limits=self._limits,
            most=self._most,
        )
        task = asyncio.current_task()
        assert task
        self._lines[peer.fingerprint] += 1
        self._talking[task] = conversation
        try:
            await conversation.run()
        finally:
            del self._talking[task]
            self._lines[peer.fingerprint] -= 1
            self._lines += Counter()

    async def _open(self, connection: socket.socket) -> tuple[Streams, Peer]:
        """Under TLS, with who is there; OSError or TimeoutError."""
        connection.settimeout(0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=CHUNK)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            connection,
            ssl=self._contexts.current(),
            ssl_handshake_timeout=self._limits.handshake_seconds,
            ssl_shutdown_timeout=self._limits.goodbye_seconds,
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return (reader, writer), peer_of(transport.get_extra_info("ssl_object"))
