"""Client assertions (RFC 7523) verified with fixed algorithms and the keys we registered, only."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

KEY_TYPES: Mapping[str, type[ECKey] | type[RSAKey]] = {"ES256": ECKey, "PS256": RSAKey}
HEADERS = {"alg", "kid", "typ"}
"""Any other header is refused: jwk, jku, x5u, x5c bring a key along, crit and b64 change rules."""

TYPES = {"JWT", "client-authentication+jwt"}
SHAPE = re.compile(r"[\w-]{1,1024}\.[\w-]{1,4096}\.[\w-]{1,1024}", re.ASCII)
JTI = re.compile(r"[\x21-\x7e]{1,128}")
LONGEST = timedelta(seconds=60)
LEEWAY = timedelta(seconds=5)
SMALLEST_RSA = 2048
LAST_TIME = 1 << 36
"""Beyond, dates themselves overflow."""


class BadAssertion(Exception):
    """It proves nothing. The reason is for our logs, never for the caller."""


@dataclass(frozen=True, slots=True)
class Claims:
    """A verified assertion: its identifier, and the time after which it is refused anyway."""

    jti: str
    exp: datetime


def read_subject(assertion: str) -> str:
    """Whom it claims to come from: not verified, good for looking up keys and nothing else."""
    _, claims = _open(assertion)
    subject = claims.get("sub")
    if not isinstance(subject, str):
        raise BadAssertion("sub")
    return subject


def verify(
    assertion: str, *, client_id: str, jwks: Mapping[str, object], audience: str, now: datetime
) -> Claims:
    """The claims of a sound assertion for this client and this audience, or BadAssertion."""
    headers, claims = _open(assertion)
    _check_signature(assertion, headers, jwks)
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise BadAssertion("iss and sub")
    if claims.get("aud") not in (audience, [audience]):
        raise BadAssertion("aud")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not JTI.fullmatch(jti):
        raise BadAssertion("jti")
    return Claims(jti, _check_times(claims, now))


def _open(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if not SHAPE.fullmatch(assertion):
        raise BadAssertion("shape")
    headers, claims = (_read_object(part) for part in assertion.split(".")[:2])
    if not headers.keys() <= HEADERS:
        raise BadAssertion("headers")
    kinds = headers.get("typ", "JWT"), headers.get("alg")
    if not all(isinstance(kind, str) for kind in kinds):
        raise BadAssertion("headers")
    if kinds[0] not in TYPES or kinds[1] not in KEY_TYPES:
        raise BadAssertion("typ or alg")
    return headers, claims


def _read_object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=="), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadAssertion("reading") from error
    if not isinstance(found, dict):
        raise BadAssertion("reading")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name written twice would be read in two ways (RFC 7515 §4)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("twice")
    return found


def _check_signature(assertion: str, headers: dict[str, Any], jwks: Mapping[str, object]) -> None:
    alg = headers["alg"]
    try:
        key = KEY_TYPES[alg].import_key(_registered(headers.get("kid"), jwks))
        if isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA:
            raise BadAssertion("key size")
        jws.deserialize_compact(assertion, key, algorithms=[alg])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadAssertion("signature") from error


def _registered(kid: object, jwks: Mapping[str, object]) -> dict[str, Any]:
    """The key of that name, or the only key when none is named."""
    keys = jwks.get("keys")
    named = [
        key
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict) and (kid is None or key.get("kid") == kid)
    ]
    if len(named) != 1:
        raise BadAssertion("kid")
    return named[0]


def _check_times(claims: dict[str, Any], now: datetime) -> datetime:
    """When to forget the `jti`: `exp`, plus the leeway that we grant."""
    expires = _time(claims, "exp")
    if expires is None or not now < expires + LEEWAY <= now + LONGEST + 2 * LEEWAY:
        raise BadAssertion("exp")
    starts, issued = _time(claims, "nbf"), _time(claims, "iat")
    if starts and starts > now + LEEWAY:
        raise BadAssertion("nbf")
    if issued and not now - LONGEST - LEEWAY <= issued <= now + LEEWAY:
        raise BadAssertion("iat")
    return expires + LEEWAY


def _time(claims: dict[str, Any], name: str) -> datetime | None:
    if name not in claims:
        return None
    seconds = claims[name]
    if type(seconds) is not int:  # a bool is an int, and a float may be NaN
        raise BadAssertion(name)
    if not 0 <= seconds < LAST_TIME:
        raise BadAssertion(name)
    return datetime.fromtimestamp(seconds, UTC)
