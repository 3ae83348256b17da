"""An Annuaire santé of fictional people: the questions of ours, answered in FHIR."""

import asyncio
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from hmac import compare_digest
from urllib.parse import parse_qs, urlsplit

from msgspec.structs import replace

from backend.domain.dispatches.listed import Listed
from backend.domain.dispatches.mailboxes import Box, BoxKind
from backend.domain.formats.fhir_directory import write_bundle
from backend.domain.formats.fhir_professionals import write_professionals


class Directory:
    """One HTTP request a connection."""

    def __init__(
        self,
        key: str,
        people: Mapping[str, Iterable[str]],
        listed: Iterable[Listed] = (),
    ) -> None:
        """`people`: addresses by number; `listed`: those who may also be found by name."""
        self._key, self.listed = key, [*listed]
        self.boxes = {
            number: [Box(address, BoxKind.PERSONAL) for address in addresses]
            for number, addresses in people.items()
        }
        self.asked: list[str] = []
        self.down = False
        self.slow = 0.0
        """Seconds before each answer."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status, body = self._answer(await reader.readuntil(b"\r\n\r\n"))
            await asyncio.sleep(self.slow)
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
        asked = parse_qs(url.query)
        number = next((values[0] for name, values in asked.items() if "identifier" in name), "")
        if "_revinclude" in asked:
            self.asked.append(f"{kind}?{number or asked['name']}")
            bare = number.rpartition("|")[2]
            return "200 OK", write_professionals(self._find(bare, asked.get("name", [])))
        self.asked.append(f"{kind}?{number}")
        found = self.boxes.get(number.rpartition("|")[2], [])
        return "200 OK", write_bundle(kind, [found] if found and kind != "PractitionerRole" else [])

    def _find(self, number: str, names: list[str]) -> list[Listed]:
        """As a directory does: each word begins a part of the name, whatever its capitals."""
        found = []
        for one in self.listed:
            parts = [part.casefold() for part in (one.person.family, one.person.given)]
            said = all(any(part.startswith(n.casefold()) for part in parts) for n in names)
            if one.person.national_id == number if number else said:
                boxes = tuple(self.boxes.get(one.person.national_id, ()))
                found.append(replace(one, boxes=boxes))
        return found
