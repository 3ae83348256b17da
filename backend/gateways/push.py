"""Web push out: to the browsers’ own services, sealed for one browser (RFC 8030, 8291, 8292)."""

from base64 import urlsafe_b64encode
from secrets import token_bytes
from time import time
from urllib.parse import urlsplit

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from backend.domain.errors import Unavailable
from backend.domain.push import Subscription
from backend.gateways.delivery import PermanentFailure
from backend.gateways.tls import trusted

TIMEOUT = 10.0
LIFE = 24 * 3600
"""Seconds: how long a browser that is off may find it when it comes back."""
PROOF_LIFE = 12 * 3600
CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096
PADDED = 512
"""Bytes: every message has this length, so that it tells nothing."""
GONE = {404, 410}
OURS = {401, 403, 405, 408, 429}
"""Refusals that say nothing of the browser: our key, our pace."""


class Gone(PermanentFailure):
    """The browser is no longer subscribed: forget it."""


class WebPush:
    """Sends as one application server. It holds the connections; close with `aclose`."""

    def __init__(self, secret: bytes, subject: str, hosts: tuple[str, ...]) -> None:
        """`secret`: 32 bytes that the key is made of; `subject`: how a service reaches us."""
        self._key = ec.derive_private_key(int.from_bytes(secret) % (ORDER - 1) + 1, CURVE)
        self._signer = ECKey.import_key(self._key)
        self._subject = subject
        self._hosts = hosts
        self.public_key = encoded(point_of(self._key.public_key()))
        """What a page gives to the browser (`applicationServerKey`)."""
        self._client = httpx2.AsyncClient(verify=trusted(), timeout=TIMEOUT, trust_env=False)

    def knows(self, endpoint: str) -> bool:
        """The address is one of a service that the operator named: never one of our own network."""
        try:
            parts = urlsplit(endpoint)
            named = parts.hostname or ""
            plain = parts.port in {None, 443} and parts.username is None
        except ValueError:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self._hosts:
            return True
        return (
            parts.scheme == "https"
            and plain
            and any(named == host or named.endswith(f".{host}") for host in self._hosts)
        )

    async def send(self, to: Subscription, content: bytes, topic: str) -> None:
        """Returns when the service has it; else Gone, Unavailable or PermanentFailure.

        `topic` replaces what waits under the same one: a message sent twice is shown once.
        """
        if not self.knows(to.endpoint):
            raise Gone
        headers = {
            "Authorization": f"vapid t={self._proof(to.endpoint)}, k={self.public_key}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIFE),
            "Topic": topic,
        }
        try:
            response = await self._client.post(
                to.endpoint, content=encrypt(content, to), headers=headers
            )
        except httpx2.HTTPError as error:
            raise Unavailable from error
        if response.is_success:
            return
        if response.status_code in GONE:
            raise Gone
        if response.is_client_error and response.status_code not in OURS:
            raise PermanentFailure
        raise Unavailable

    async def aclose(self) -> None:
        await self._client.aclose()

    def _proof(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time()) + PROOF_LIFE,
            "sub": self._subject,
        }
        return jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._signer)


def encrypt(
    content: bytes,
    to: Subscription,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
    padded: int = PADDED,
) -> bytes:
    """`content` for this browser only, in one record of `aes128gcm` (RFC 8188, RFC 8291 §3.4).

    `key` and `salt` serve once; they are given only to check against the RFC’s example.
    """
    key, salt = key or ec.generate_private_key(CURVE), salt or token_bytes(16)
    ours = point_of(key.public_key())
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, to.p256dh)
    except ValueError as error:
        raise Gone from error
    shared = key.exchange(ec.ECDH(), theirs)
    secret = _derive(shared, to.auth, b"WebPush: info\0" + to.p256dh + ours, 32)
    sealing = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    record = (content + b"\x02").ljust(padded, b"\0")
    head = salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(sealing).encrypt(nonce, record, None)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(data: bytes) -> str:
    """Base64 for addresses and headers, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
