"""The certificates of the demonstration’s line: its server’s, and one for each laboratory.

Their authority signs them and is forgotten: its key is written nowhere, so nobody can add one.
"""

import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from cryptography.x509.oid import NameOID

from backend.access.actors import Robot
from backend.demo.people import LABORATORIES
from backend.domain.errors import Refused
from backend.gateways.certificates import read_certificate
from backend.services.certificates import bind
from backend.storage.db import AsyncSession, utcnow

LIFE = timedelta(days=3650)
LOCAL = (
    x509.DNSName("localhost"),
    *(x509.IPAddress(ip_address(address)) for address in ("127.0.0.1", "::1")),
)
NAMES = ("ca", "server", *(laboratory.client_id for laboratory in LABORATORIES))


class Authority:
    """Signs, as long as this object lasts."""

    def __init__(self, now: datetime) -> None:
        self._key, self._now = new_key(SECP256R1()), now
        self._name = _name("Repères, démonstration")
        self.certificate = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, SHA256())
        )

    def issue(
        self, subject: str, use: x509.ObjectIdentifier, *, life: timedelta = LIFE
    ) -> tuple[bytes, bytes]:
        """(certificate, key), in PEM; a server’s is for this machine."""
        key = new_key(SECP256R1())
        builder = (
            self._builder(_name(subject), key, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        )
        if use == Use.SERVER_AUTH:
            builder = builder.add_extension(x509.SubjectAlternativeName(LOCAL), critical=False)
        signed = builder.sign(self._key, SHA256())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return signed.public_bytes(Encoding.PEM), private

    def revoke(self, *certificates: bytes) -> bytes:
        """The list of those that are taken back, in PEM."""
        listed = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(self._now - timedelta(days=1))
            .next_update(self._now + timedelta(days=1))
        )
        for pem in certificates:
            revoked = (
                x509.RevokedCertificateBuilder()
                .serial_number(x509.load_pem_x509_certificate(pem).serial_number)
                .revocation_date(self._now - timedelta(hours=1))
                .build()
            )
            listed = listed.add_revoked_certificate(revoked)
        return listed.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def _builder(
        self, subject: x509.Name, key: EllipticCurvePrivateKey, life: timedelta = LIFE
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=2))
            .not_valid_after(self._now + life)
        )


def make(folder: Path) -> None:
    """All of them, the first time; whole or not at all."""
    if all((folder / f"{name}.crt").exists() for name in NAMES):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(dir=folder.parent, prefix=".mllp-"))
    authority = Authority(utcnow())
    (fresh / "ca.crt").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    _write(fresh, "server", authority.issue("localhost", Use.SERVER_AUTH))
    for laboratory in LABORATORIES:
        name = laboratory.client_id
        _write(fresh, name, authority.issue(name, Use.CLIENT_AUTH))
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


async def bind_all(db: AsyncSession, folder: Path) -> None:
    """Each speaks for its laboratory, unless an operator decided otherwise."""
    for laboratory in LABORATORIES:
        certificate = read_certificate((folder / f"{laboratory.client_id}.crt").read_bytes())
        with suppress(Refused):
            await bind(db, laboratory.client_id, certificate, by=Robot("demo"))


def _write(folder: Path, name: str, issued: tuple[bytes, bytes]) -> None:
    certificate, key = issued
    (folder / f"{name}.crt").write_bytes(certificate)
    (folder / f"{name}.key").touch(mode=0o600)
    (folder / f"{name}.key").write_bytes(key)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
