"""Client assertions, sound and forged: a table, and the tools that made it."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = "https://reperes.example/oauth/token"
CLIENT = "labo-estuaire"
ALGORITHMS = ["ES256", "ES384", "ES512", "PS256", "PS384", "RS256", "Ed25519"]

OURS = ECKey.generate_key("P-256", {"kid": "ec"})
OUR_RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
THEIRS = ECKey.generate_key("P-256", {"kid": "ec"})
P384 = ECKey.generate_key("P-384", {"kid": "p384"})
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "ed"})
SMALL = RSAKey(rsa.generate_private_key(65537, 1024), None, {"kid": "small"})
FOR_SECRECY = ECKey.generate_key("P-256", {"kid": "enc", "use": "enc"})
FOR_ANOTHER = RSAKey.generate_key(2048, {"kid": "rs", "alg": "RS256"})
SHARED = {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"}
REGISTERED: list[Key] = [OURS, OUR_RSA, P384, EDWARDS, SMALL, FOR_SECRECY, FOR_ANOTHER]
JWKS: dict[str, Any] = {"keys": [*(key.as_dict(private=False) for key in REGISTERED), SHARED]}


def stamp(seconds: float = 0) -> int:
    return int((NOW + timedelta(seconds=seconds)).timestamp())


def claims(**changes: Any) -> dict[str, Any]:
    """Sound claims, changed; None removes one."""
    sound = {"iss": CLIENT, "sub": CLIENT, "aud": HERE, "jti": "un", "exp": stamp(50)}
    return {name: value for name, value in (sound | changes).items() if value is not None}


def signed(payload: object, key: Key = OURS, *, alg: str = "ES256", **headers: Any) -> str:
    """An assertion that this key really signed."""
    head = {"alg": alg, "kid": key.kid, "typ": "JWT"} | headers
    head = {name: value for name, value in head.items() if value is not None}
    return sealed(head, payload, key, alg)


def sealed(head: object, payload: object, key: Key, alg: str) -> str:
    """Signed whatever the header says: libraries refuse to write most forgeries."""
    message = f"{part(head)}.{part(payload)}".encode()
    model = jws.JWSRegistry(algorithms=ALGORITHMS).get_alg(alg)
    return f"{message.decode()}.{encode(model.sign(message, key))}"


def part(value: object) -> str:
    return encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_hmac_of_the_public_key() -> str:
    message = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}".encode()
    mac = hmac.digest(OUR_RSA.as_pem(private=False), message, hashlib.sha256)
    return f"{message.decode()}.{encode(mac)}"


def with_hmac_of_the_shared_key() -> str:
    message = f"{part({'alg': 'HS256', 'kid': 'oct'})}.{part(claims())}".encode()
    return f"{message.decode()}.{encode(hmac.digest(b'secret', message, hashlib.sha256))}"


def with_another_payload() -> str:
    head, _, signature = signed(claims()).split(".")
    return f"{head}.{part(claims(jti='autre'))}.{signature}"


def with_der_signature() -> str:
    """What OpenSSL writes, and not what RFC 7518 asks for."""
    head, payload, _ = signed(claims()).split(".")
    key = OURS.private_key
    assert key is not None
    der = key.sign(f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
    return f"{head}.{payload}.{encode(der)}"


def unsigned(alg: str) -> str:
    return f"{part({'alg': alg, 'typ': 'JWT'})}.{part(claims())}."


SOUND = {
    "an elliptic key": signed(claims()),
    "an RSA key": signed(claims(), OUR_RSA, alg="PS256"),
    "the audience in a list": signed(claims(aud=[HERE])),
    "times given": signed(claims(iat=stamp(-1), nbf=stamp(-600))),
    "sixty seconds and a slow clock": signed(claims(exp=stamp(65))),
    "just expired on a fast clock": signed(claims(exp=stamp(-4))),
    "without typ": signed(claims(), typ=None),
    "with the newer typ": signed(claims(), typ="client-authentication+jwt"),
}

FORGED: dict[str, str] = {
    # no signature, or none that counts
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg empty": unsigned(""),
    "no alg": f"{part({'typ': 'JWT'})}.{part(claims())}.{encode(b'x' * 64)}",
    "an empty signature": signed(claims()).rpartition(".")[0] + ".",
    "a signature of zeros": signed(claims()).rpartition(".")[0] + "." + encode(bytes(64)),
    "a signature in DER": with_der_signature(),
    "the signature of another payload": with_another_payload(),
    "a cut signature": signed(claims())[:-8],
    # another algorithm
    "HMAC with the public key": with_hmac_of_the_public_key(),
    "HMAC with a shared key in the set": with_hmac_of_the_shared_key(),
    "RS256": signed(claims(), OUR_RSA, alg="RS256"),
    "PS384": signed(claims(), OUR_RSA, alg="PS384"),
    "ES384": signed(claims(), P384, alg="ES384"),
    "Ed25519": signed(claims(), EDWARDS, alg="Ed25519"),
    "ES256 said of an RSA signature": sealed(
        {"alg": "ES256", "kid": "rsa"}, claims(), OUR_RSA, "PS256"
    ),
    "ES256 said of a P-384 key": sealed({"alg": "ES256", "kid": "p384"}, claims(), P384, "ES384"),
    "alg in a list": sealed({"alg": ["ES256"], "kid": "ec"}, claims(), OURS, "ES256"),
    "alg written twice": sealed(
        b'{"alg":"none","alg":"ES256","kid":"ec"}', claims(), OURS, "ES256"
    ),
    # another key
    "a stranger's key under our name": signed(claims(), THEIRS),
    "a stranger's key without a name": signed(claims(), THEIRS, kid=None),
    "no name among several keys": signed(claims(), kid=None),
    "an unknown name": signed(claims(), kid="autre"),
    "a name that is a path": signed(claims(), kid="../../../dev/null"),
    "a name that is a number": signed(claims(), kid=1),
    "a key too short": signed(claims(), SMALL, alg="PS256"),
    "a key meant for secrecy": signed(claims(), FOR_SECRECY),
    "a key meant for another algorithm": signed(claims(), FOR_ANOTHER, alg="PS256"),
    # a header that brings a key, or rules
    "jwk": signed(claims(), THEIRS, jwk=THEIRS.as_dict(private=False)),
    "our own jwk": signed(claims(), jwk=OURS.as_dict(private=False)),
    "jku": signed(claims(), jku="https://attaquant.example/jwks"),
    "x5u": signed(claims(), x5u="https://attaquant.example/cert"),
    "x5c": signed(claims(), x5c=["MII="]),
    "an unknown crit": signed(claims(), crit=["exp"]),
    "an empty crit": signed(claims(), crit=[]),
    "b64 false": signed(claims(), crit=["b64"], b64=False),
    "zip": signed(claims(), zip="DEF"),
    "an access token": signed(claims(), typ="at+jwt"),
    "typ in a list": signed(claims(), typ=["JWT"]),
    # another person, another place
    "another issuer": signed(claims(iss="autre")),
    "another subject": signed(claims(sub="autre")),
    "another client altogether": signed(claims(iss="autre", sub="autre")),
    "no issuer": signed(claims(iss=None)),
    "no subject": signed(claims(sub=None)),
    "the issuer in a list": signed(claims(iss=[CLIENT])),
    "another audience": signed(claims(aud="https://autre.example/oauth/token")),
    "an audience that starts alike": signed(claims(aud=HERE + ".attaquant.example")),
    "the audience without its path": signed(claims(aud="https://reperes.example")),
    "the audience with a slash more": signed(claims(aud=HERE + "/")),
    "two audiences": signed(claims(aud=[HERE, "https://autre.example"])),
    "the audience in an object": signed(claims(aud={HERE: True})),
    "no audience": signed(claims(aud=None)),
    "an empty list of audiences": signed(claims(aud=[])),
    # another time
    "no end": signed(claims(exp=None)),
    "expired": signed(claims(exp=stamp(-6))),
    "for too long": signed(claims(exp=stamp(66))),
    "for a day": signed(claims(exp=stamp(86400))),
    "for ever": signed(claims(exp=10**30)),
    "the end of dates": signed(claims(exp=253402300799)),
    "a negative end": signed(claims(exp=-1)),
    "an end in text": signed(claims(exp=str(stamp(50)))),
    "an end that is true": signed(claims(exp=True)),
    "an end with decimals": signed(claims(exp=stamp(50) + 0.5)),
    "an end that is not a number": signed(claims(exp=float("nan"))),
    "an infinite end": signed(claims(exp=float("inf"))),
    "not yet": signed(claims(nbf=stamp(10))),
    "nbf that is true": signed(claims(nbf=True)),
    "nbf in text": signed(claims(nbf="0")),
    "issued tomorrow": signed(claims(iat=stamp(86400))),
    "issued long ago": signed(claims(iat=stamp(-3600))),
    "issued at no number": signed(claims(iat={})),
    # no way to use it once
    "no jti": signed(claims(jti=None)),
    "an empty jti": signed(claims(jti="")),
    "a jti that is a number": signed(claims(jti=1)),
    "a jti with a zero byte": signed(claims(jti="a\0")),
    "a jti with half a character": signed(claims(jti="\ud800")),
    "an endless jti": signed(claims(jti="a" * 129)),
    # another shape
    "nothing": "",
    "two dots": "..",
    "words": "laissez-moi passer",
    "two parts": ".".join(signed(claims()).split(".")[:2]),
    "four parts": signed(claims()) + ".x",
    "a blank after": signed(claims()) + "\n",
    "padding": signed(claims()) + "=",
    "JSON serialisation": json.dumps({"payload": part(claims()), "signatures": []}),
    "claims in a list": signed([claims()]),
    "claims in text": signed("sub"),
    "claims that are not JSON": signed(b"\xff\xfe{"),
    "a claim written twice": signed(
        json.dumps(claims()).encode()[:-1] + b',"sub":"labo-estuaire"}'
    ),
    "claims too deep": signed(b"[" * 3000),
    "a header in a list": sealed(["alg"], claims(), OURS, "ES256"),
    "a header that is null": sealed(None, claims(), OURS, "ES256"),
    "a header too deep": sealed(b'{"alg":' * 150, claims(), OURS, "ES256"),
    "far too long": signed(claims(autre="a" * 9000)),
}
