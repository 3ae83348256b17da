"""A push service and a browser behind it: checks who writes, and opens what is sealed."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import ECKey

from backend.gateways.push import encoded, point_of

CURVE = ec.SECP256R1()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


class PushService:
    """Listens on this machine. `status` is its next answer."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(CURVE), token_bytes(16)
        self.status = 201
        self.received: list[dict[str, Any]] = []
        self.sizes: set[int] = set()
        self.origin = ""

    def subscription(self) -> str:
        """What the browser would give to the page."""
        keys = {"p256dh": encoded(point_of(self.key.public_key())), "auth": encoded(self.auth)}
        return json.dumps({"endpoint": f"{self.origin}/push/1", "keys": keys})

    def open(self, body: bytes) -> bytes:
        """RFC 8188 and 8291, as the browser does it."""
        salt, size = body[:16], body[20]
        theirs, sealed = body[21 : 21 + size], body[21 + size :]
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        )
        ours = point_of(self.key.public_key())
        secret = derive(shared, self.auth, b"WebPush: info\0" + ours + theirs, 32)
        opening = derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        content, mark, rest = (
            AESGCM(opening).decrypt(nonce, sealed, None).rstrip(b"\0").rpartition(b"\x02")
        )
        assert (mark, rest) == (b"\x02", b"")
        return content

    def check(self, head: Message) -> None:
        """VAPID (RFC 8292): signed for this service, not for long, by the key that it says."""
        scheme, _, rest = str(head["Authorization"]).partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(fields["k"]))
        claims = jwt.decode(fields["t"], ECKey.import_key(point), algorithms=["ES256"]).claims
        assert scheme == "vapid"
        assert claims["aud"] == self.origin
        assert claims["sub"].startswith("mailto:")
        assert head["Content-Encoding"] == "aes128gcm"
        assert int(head["TTL"]) > 0
        assert len(head["Topic"]) <= 32

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _line, _, head = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        fields = message_from_bytes(head)
        body = await reader.readexactly(int(fields["Content-Length"]))
        self.check(fields)
        self.sizes.add(len(body))
        if self.status < 300:
            self.received.append(json.loads(self.open(body)))
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """On a free port, until left."""
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
