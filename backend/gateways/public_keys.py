"""The public keys of a client, as its file says them (RFC 7517): those that assertions accept."""

import json
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from backend.gateways.assertions import SMALLEST_RSA

Key = dict[str, str | list[str]]
CURVE = "P-256"
PUBLIC = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
"""What is kept of each: nothing else of a file is believed, nor stored."""
WEAK = f"A key must be EC {CURVE}, or RSA of {SMALLEST_RSA} bits at least."
NOT_A_SET = 'This file holds no set of keys: {"keys": [...]} in JSON is expected.'


class BadKeys(ValueError):
    """No assertion could be verified with these; the sentence is for an operator."""


def read_public_keys(content: bytes) -> dict[str, object]:
    """A set of EC P-256 keys (ES256) and RSA keys of 2048 bits or more (PS256); or BadKeys."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadKeys(NOT_A_SET) from error
    given = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(given, list) or not given:
        raise BadKeys(NOT_A_SET)
    keys = [_read(one) for one in given]
    names = {str(key["kid"]) for key in keys if "kid" in key}
    if len(keys) > 1 and len(names) < len(keys):
        raise BadKeys("Of several keys, each must have a name of its own (kid).")
    return {"keys": keys}


def _read(given: Any) -> Key:
    if not isinstance(given, dict) or not isinstance(given.get("kid", ""), str):
        raise BadKeys("Each key must be an object, whose kid is a text.")
    if "d" in given:
        raise BadKeys("This file holds a private key: give the public one, and change that one.")
    if given.get("kty") not in PUBLIC:
        raise BadKeys("Each key must be of kind EC or RSA.")
    bare: Key = {name: str(given.get(name, "")) for name in PUBLIC[given["kty"]]}
    if bare.get("crv", CURVE) != CURVE or _bits(bare.get("n")) < SMALLEST_RSA:
        raise BadKeys(WEAK)
    try:
        key = ECKey.import_key(bare) if "crv" in bare else RSAKey.import_key(bare)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadKeys("One of these keys cannot be read.") from error
    if isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA:
        raise BadKeys(WEAK)
    return bare | ({"kid": given["kid"]} if given.get("kid") else {})


def _bits(modulus: object) -> int:
    """At most so many, as it is written: the library warns of small ones, nobody would read it."""
    return len(modulus) * 6 if isinstance(modulus, str) else SMALLEST_RSA
