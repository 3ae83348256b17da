"""A laboratory’s software on an MLLP line, and certificates of every kind to open one with."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from litestar import Litestar

from backend.demo.certificates import Authority
from backend.gateways.certificates import read_certificate
from backend.interop.mllp import Listener
from backend.interop.mllp.answering import Answering
from backend.interop.mllp.client import Line, open_line
from backend.interop.mllp.conversation import Limits
from backend.interop.mllp.listener import open_place
from backend.interop.mllp.tls import Contexts, client_context
from backend.services.certificates import bind
from backend.settings import Mllp
from backend.storage.db import Sessions, utcnow

MOST = 2_000_000
OURS, THEIRS = "sgl-estuaire", "sgl-tilleuls"


class Folder:
    """Files named for what they are: `sgl-estuaire.crt` and `.key`, `expired.crt`, `ca.crt`…"""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(exist_ok=True, parents=True)
        self.authority = Authority(utcnow())
        self.write("ca.crt", self.authority.certificate.public_bytes(Encoding.PEM))
        self.issue("server", use=Use.SERVER_AUTH)
        for name in (OURS, THEIRS, "unbound", "revoked"):
            self.issue(name)
        self.issue("expired", life=timedelta(days=-1))
        self.issue("a server’s", use=Use.SERVER_AUTH)
        self.issue("stranger", Authority(utcnow()))
        self.write("revoked.crl", self.authority.revoke((path / "revoked.crt").read_bytes()))

    def issue(
        self,
        name: str,
        authority: Authority | None = None,
        *,
        use: object = Use.CLIENT_AUTH,
        life: timedelta = timedelta(days=9),
    ) -> None:
        certificate, key = (authority or self.authority).issue(name, use, life=life)  # type: ignore[arg-type]
        self.write(f"{name}.crt", certificate)
        self.write(f"{name}.key", key)

    def write(self, name: str, content: bytes) -> None:
        fresh = self.path / f".{name}"
        fresh.write_bytes(content)
        fresh.rename(self.path / name)

    def settings(self, *, port: int = 0, revoked: bool = False) -> Mllp:
        return Mllp(
            host="127.0.0.1",
            port=port,
            certificate=self.path / "server.crt",
            key=self.path / "server.key",
            authorities=self.path / "ca.crt",
            revoked=self.path / "revoked.crl" if revoked else None,
        )

    def context(self, name: str = OURS) -> ssl.SSLContext:
        """How `name` opens a line."""
        ours = self.path / f"{name}.crt", self.path / f"{name}.key"
        return client_context(self.path / "ca.crt", *ours)

    async def bind(self, sessions: Sessions, name: str, client_id: str = "") -> None:
        certificate = read_certificate((self.path / f"{name}.crt").read_bytes())
        async with sessions.begin() as db:
            await bind(db, client_id or name, certificate)


@dataclass
class Door:
    """A listener at work."""

    folder: Folder
    port: int
    stop: asyncio.Event
    serving: "asyncio.Task[None]"

    @asynccontextmanager
    async def line(self, name: str = OURS) -> AsyncIterator[Line]:
        async with open_line("127.0.0.1", self.port, self.folder.context(name)) as line:
            yield line

    async def ask(self, message: bytes, name: str = OURS) -> str:
        """The acknowledgement, on a line of its own."""
        async with self.line(name) as line:
            return (await line.send(message)).decode()


@asynccontextmanager
async def listening(
    app: Litestar, folder: Folder, limits: Limits | None = None, *, revoked: bool = False
) -> AsyncIterator[Door]:
    """The line of this application, on a port of its own, its two laboratories bound."""
    for name in (OURS, THEIRS):
        await folder.bind(app.state.sessions, name)
    answering = Answering(app.state.sessions, app.state.readers, app.state.desk)
    contexts = Contexts(folder.settings(revoked=revoked))
    listener = Listener(answering, contexts, most=MOST, limits=limits)
    place, stop = open_place("127.0.0.1", 0), asyncio.Event()
    port: int = place.getsockname()[1]
    serving = asyncio.create_task(listener.serve(place, stop))
    try:
        yield Door(folder, port, stop, serving)
    finally:
        stop.set()
        await serving
