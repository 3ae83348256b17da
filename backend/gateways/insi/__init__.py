"""INSi, the téléservice that says which INS goes with which traits: SOAP 1.2, one call a person.

Interoperability notes §7.3. There is no search in bulk. Whatever is not an answer is `InsiDown`:
an identity is never worth less because a service failed.
"""

import asyncio
import ssl
from datetime import UTC, datetime
from uuid import uuid4

import httpx2

from backend.domain.errors import Refused
from backend.gateways.insi.answers import (
    Answer,
    Found,
    InsiDown,
    InsiRefusesUs,
    Nobody,
    Number,
    Several,
    read_answer,
    read_verdict,
)
from backend.gateways.insi.envelope import (
    ACTIONS,
    ByCard,
    ByTraits,
    Message,
    read_assertion,
    write_envelope,
)
from backend.settings import InsiAccess

__all__ = [
    "Answer",
    "ByCard",
    "ByTraits",
    "Found",
    "Insi",
    "InsiDown",
    "InsiRefusesUs",
    "NoInsi",
    "Nobody",
    "Number",
    "Several",
    "open_insi",
]

SECONDS = 8.0
"""For a whole call: somebody stands at the desk."""
LARGEST = 200_000
"""Bytes of an answer: a person with ten former numbers takes three thousand."""


class Insi:
    """One way in, with our certificate. It holds the connections; close with `aclose`."""

    def __init__(self, access: InsiAccess, *, seconds: float = SECONDS) -> None:
        self._access = access
        self._seconds = seconds
        self._client = httpx2.AsyncClient(
            verify=_tls(access), timeout=seconds, trust_env=False, follow_redirects=False
        )

    async def find(
        self, asked: ByTraits | ByCard, *, finess: str, assertion: bytes = b""
    ) -> Answer:
        """Who has these traits, or is on this card; InsiDown when there is no answer.

        `finess` is of the structure that asks; `assertion` is what a CPx card signed, if one did.
        """
        message = self._message(asked, finess, assertion)
        return read_answer(await self._send(message), message.id)

    async def verify(
        self, number: Number, traits: ByTraits, given_names: str, *, finess: str
    ) -> bool:
        """Whether this matricule and these traits still go together; InsiDown when unanswered."""
        message = self._message((number, traits, given_names), finess, b"")
        return read_verdict(await self._send(message), message.id)

    async def aclose(self) -> None:
        await self._client.aclose()

    def _message(self, asked: object, finess: str, assertion: bytes) -> Message:
        security = read_assertion(assertion) if assertion else None
        return Message(uuid4(), datetime.now(UTC), f"1{finess}", asked, security)

    async def _send(self, message: Message) -> bytes:
        kind = f'application/soap+xml; charset=utf-8; action="{ACTIONS[message.operation]}"'
        body = write_envelope(message, self._access)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(body, kind)
        except TimeoutError as error:
            raise InsiDown("timeout") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise InsiDown("connection") from error

    async def _post(self, body: bytes, kind: str) -> bytes:
        """A fault comes with a status of its own: what is XML is read whatever the status."""
        headers = {"Content-Type": kind, "Accept": "application/soap+xml"}
        call = self._client.stream("POST", self._access.url, content=body, headers=headers)
        async with call as answer:
            told = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if told not in {"application/soap+xml", "text/xml", "application/xml"}:
                raise InsiDown(f"http-{answer.status_code}")
            read = bytearray()
            async for piece in answer.aiter_bytes():
                read += piece
                if len(read) > LARGEST:
                    raise InsiDown("too-large")
        return bytes(read)


class NoInsi:
    """None is configured: identities stay as they are, and the desk is told."""

    async def find(
        self,
        asked: ByTraits | ByCard,  # noqa: ARG002 - the shape of Insi
        *,
        finess: str,  # noqa: ARG002
        assertion: bytes = b"",  # noqa: ARG002
    ) -> Answer:
        raise InsiDown("not-configured")

    async def verify(
        self,
        number: Number,  # noqa: ARG002 - the shape of Insi
        traits: ByTraits,  # noqa: ARG002
        given_names: str,  # noqa: ARG002
        *,
        finess: str,  # noqa: ARG002
    ) -> bool:
        raise InsiDown("not-configured")

    async def aclose(self) -> None:
        """Nothing is open."""


def open_insi(access: InsiAccess | None) -> Insi | NoInsi:
    """The one that is configured."""
    return Insi(access) if access else NoInsi()


def _tls(access: InsiAccess) -> ssl.SSLContext:
    """Ours is shown, theirs is checked; to an emulator on this machine, neither."""
    if not access.url.startswith("https://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: it is not used
    context = ssl.create_default_context(cafile=access.authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if access.certificate:
        try:
            context.load_cert_chain(access.certificate, access.key, access.key_password or None)
        except (OSError, ssl.SSLError) as error:
            raise Refused("REPERES_INSI_CERTIFICATE and its key do not open.") from error
    return context
