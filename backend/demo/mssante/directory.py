"""An Annuaire santé of fictional people: the questions of ours, answered in FHIR."""

import asyncio
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from hmac import compare_digest
from urllib.parse import parse_qs, urlsplit

from backend.domain.dispatches.mailboxes import Box, BoxKind
from backend.domain.formats.fhir_directory import write_bundle


class Directory:
    """One HTTP request a connection."""

    def __init__(self, key: str, people: Mapping[str, Iterable[str]]) -> None:
        self._key = key
        self.boxes = {
            number: [Box(address, BoxKind.PERSONAL) for address in addresses]
            for number, addresses in people.items()
        }
        self.asked: list[str] = []
        self.down = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status, body = self._answer(await reader.readuntil(b"\r\n\r\n"))
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: application/fhir+json\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    def _answer(self, request: bytes) -> tuple[str, bytes]:
        first, _, head = request.partition(b"\r\n")
        fields = message_from_bytes(head)
        if self.down:
            return "503 Service Unavailable", b""
        if not compare_digest(str(fields["ESANTE-API-KEY"] or ""), self._key):
            return "401 Unauthorized", b"{}"
        url = urlsplit(first.split()[1].decode())
        kind = url.path.rsplit("/", 1)[-1]
        number = next(
            (values[0] for name, values in parse_qs(url.query).items() if "identifier" in name), ""
        )
        self.asked.append(f"{kind}?{number}")
        found = self.boxes.get(number.rpartition("|")[2], [])
        return "200 OK", write_bundle(kind, [found] if found and kind != "PractitionerRole" else [])
