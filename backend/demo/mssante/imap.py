"""The little of IMAP (RFC 3501) that reading a mailbox takes."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from imaplib import Time2Internaldate

from backend.demo.mssante.network import Kept, Network

COMMAND = re.compile(r"(\S+) (UID \w+|\w+) ?(.*)", re.IGNORECASE | re.DOTALL)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def serve_imap(network: Network, password: str, doors: set[asyncio.StreamWriter]) -> Serve:
    """Connections to the one mailbox that this password opens; `doors` are those still open."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        doors.add(writer)
        try:
            await _Visit(network, password, writer).talk(reader)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            return
        finally:
            doors.discard(writer)
            writer.close()

    return serve


class _Visit:
    """One connection."""

    def __init__(self, network: Network, password: str, writer: asyncio.StreamWriter) -> None:
        self._network, self._password, self._writer = network, password, writer
        self._inside = False

    async def talk(self, reader: asyncio.StreamReader) -> None:
        self._say(b"* OK IMAP4rev1")
        while line := (await reader.readline()).decode("latin-1").rstrip("\r\n"):
            read = COMMAND.match(line)
            if read is None:
                self._say(b"* BAD")
                continue
            tag, name, rest = read[1].encode(), read[2].upper(), read[3]
            answer = self._do(name, rest)
            self._say(tag + b" " + answer)
            await self._writer.drain()
            if name == "LOGOUT":
                return

    def _do(self, name: str, rest: str) -> bytes:
        match name:
            case "CAPABILITY":
                self._say(b"* CAPABILITY IMAP4rev1")
            case "LOGIN":
                return self._login(rest)
            case "LOGOUT":
                self._say(b"* BYE")
            case _ if not self._inside:
                return b"NO not authenticated"
            case "SELECT":
                self._say(b"* %d EXISTS" % len(self._box))
            case "UID SEARCH":
                unseen = [b"%d" % mail.uid for mail in self._box if not mail.seen]
                self._say(b" ".join([b"* SEARCH", *unseen]))
            case "UID FETCH" | "UID STORE":
                self._one(name, rest)
            case "NOOP":
                pass
            case _:
                return b"BAD unknown"
        return b"OK done"

    @property
    def _box(self) -> list[Kept]:
        return self._network.of(self._network.ours)

    def _login(self, rest: str) -> bytes:
        given = [found[0] or found[1] for found in QUOTED.findall(rest)]
        self._inside = given[:1] == [self._network.ours] and compare_digest(
            given[-1], self._password
        )
        return b"OK welcome" if self._inside else b"NO wrong password"

    def _one(self, name: str, rest: str) -> None:
        uid = int(rest.split(maxsplit=1)[0])
        mail = next((one for one in self._box if one.uid == uid), None)
        if mail is None:
            return
        if name == "UID STORE":
            mail.seen = True
        elif "RFC822.SIZE" in rest:
            came = f"INTERNALDATE {Time2Internaldate(mail.at)}".encode()
            self._say(b"* %d FETCH (UID %d RFC822.SIZE %d %s)" % (uid, uid, len(mail.raw), came))
        else:
            head = b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (uid, uid, len(mail.raw))
            self._writer.write(head + mail.raw + b")\r\n")

    def _say(self, line: bytes) -> None:
        self._writer.write(line + b"\r\n")
