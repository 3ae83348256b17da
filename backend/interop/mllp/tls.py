"""Both ends of a line show a certificate; nothing is said before each has believed the other."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import structlog
from msgspec import Struct

from backend.gateways.certificates import fingerprint_of
from backend.settings import Mllp

log = structlog.get_logger()

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of TLS 1.3 are all as good."""
REASONS = {
    3: "revocations_unknown",
    10: "expired",
    12: "revocations_stale",
    18: "unknown_authority",
    19: "unknown_authority",
    20: "unknown_authority",
    21: "unknown_authority",
    23: "revoked",
    26: "not_for_clients",
}
"""OpenSSL’s numbers."""


class Peer(Struct, frozen=True):
    """Who is at the other end."""

    fingerprint: bytes
    expires_at: datetime
    """A line may last longer than the certificate that opened it."""


class Contexts:
    """How lines that open now are protected: the files are read again when one has changed."""

    def __init__(self, settings: Mllp) -> None:
        self._settings = settings
        self._seen = self._look()
        self._context = make_context(settings)

    def current(self) -> ssl.SSLContext:
        """The last that could be made: a file that is being written does not shut the door."""
        try:
            if (seen := self._look()) != self._seen:
                self._context = make_context(self._settings)
                self._seen = seen
        except (OSError, ValueError):
            log.exception("mllp_certificates_unreadable")
        return self._context

    def _look(self) -> list[tuple[int, int, int]]:
        stats = [path.stat() for path in _files(self._settings)]
        return [(stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats]


def make_context(settings: Mllp) -> ssl.SSLContext:
    """TLS 1.2 or 1.3 with forward secrecy; a certificate of these authorities is demanded.

    Sessions are never resumed: who comes back shows the certificate again. When lists of revoked
    certificates are given, they must be there and in date, or nobody comes in.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.num_tickets = 0
    context.load_cert_chain(settings.certificate, settings.key, password="")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(settings.authorities)
    if settings.revoked:
        context.load_verify_locations(settings.revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def client_context(authorities: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """The sender’s end: the server must be who it says."""
    context = ssl.create_default_context(cafile=str(authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def peer_of(connection: ssl.SSLObject) -> Peer:
    """The certificate of the other end, which was verified."""
    der, said = connection.getpeercert(binary_form=True), connection.getpeercert()
    assert der
    assert said
    expires = ssl.cert_time_to_seconds(str(said["notAfter"]))
    return Peer(fingerprint_of(der), datetime.fromtimestamp(expires, UTC))


def reason_of(error: Exception) -> str:
    """Why somebody was left at the door, as a word for the log."""
    match error:
        case ssl.SSLCertVerificationError(verify_code=code):
            return REASONS.get(code, f"certificate_{code}")
        case ssl.SSLError(reason="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
            return "no_certificate"
        case ssl.SSLError():
            return "no_tls"
        case _:
            return type(error).__name__


def _files(settings: Mllp) -> list[Path]:
    files = (settings.certificate, settings.key, settings.authorities, settings.revoked)
    return [path for path in files if path]
