"""X.509 certificates as files hold them: whose, until when, and the print that tells them apart."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


class BadCertificate(ValueError):
    """These bytes are not one certificate in PEM; the sentence is for an operator."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is kept of a certificate. Its key is nobody’s business."""

    fingerprint: bytes
    """SHA-256 of its DER form."""
    subject: str
    expires_at: datetime


def read_certificate(pem: bytes) -> Certificate:
    """The first certificate of a PEM file, which is its owner’s; or BadCertificate."""
    try:
        found = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise BadCertificate("This file holds no certificate in PEM.") from error
    return Certificate(
        fingerprint=fingerprint_of(found.public_bytes(Encoding.DER)),
        subject=found.subject.rfc4514_string(),
        expires_at=found.not_valid_after_utc,
    )


def fingerprint_of(der: bytes) -> bytes:
    """As `openssl x509 -fingerprint -sha256` gives it."""
    return sha256(der).digest()
