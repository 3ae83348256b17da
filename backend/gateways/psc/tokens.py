"""Signed tokens of Pro Santé Connect, verified with fixed algorithms and its published keys."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from backend.gateways.psc.reading import Distrusted, read_object

KEY_TYPES: Mapping[str, type[ECKey] | type[RSAKey]] = {
    "RS256": RSAKey,
    "PS256": RSAKey,
    "ES256": ECKey,
}
HEADERS = {"alg", "kid", "typ"}
"""Any other is refused: jwk, jku, x5u, x5c bring a key along, crit and b64 change the rules."""
SHAPE = re.compile(r"[\w-]{1,1024}\.[\w-]{1,12288}\.[\w-]{1,1024}", re.ASCII)
SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
LEVELS = ("eidas1", "eidas2", "eidas3")
"""From the lowest: Pro Santé Connect may give more than the one that is asked for."""
SMALLEST_RSA = 2048
SKEW = timedelta(seconds=60)
ISSUED_WITHIN = timedelta(minutes=10)
LAST_TIME = 1 << 36
GOODBYE = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer must fit."""

    issuer: str
    client_id: str
    now: datetime
    nonce: str = ""
    access_token: str = ""


def open_header(token: str, kinds: frozenset[str] = frozenset({"JWT"})) -> dict[str, Any]:
    """Its header, of which only `kid` is believed: the key to look for."""
    if not SHAPE.fullmatch(token):
        raise Distrusted("token-shape")
    header = _part(token, 0)
    if not header.keys() <= HEADERS or header.get("alg") not in KEY_TYPES:
        raise Distrusted("token-algorithm")
    if header.get("typ", "JWT") not in kinds or not isinstance(header.get("kid"), str):
        raise Distrusted("token-header")
    return header


def check_signature(token: str, header: Mapping[str, Any], key: Mapping[str, Any]) -> None:
    """By this key, which must be of the algorithm’s own kind."""
    alg = header["alg"]
    if KEY_TYPES[alg] is RSAKey and 8 * len(str(key.get("n", ""))) * 3 // 4 < SMALLEST_RSA:
        raise Distrusted("token-key")
    try:
        imported = KEY_TYPES[alg].import_key(dict(key))
        if isinstance(imported, RSAKey) and imported.public_key.key_size < SMALLEST_RSA:
            raise Distrusted("token-key")
        jws.deserialize_compact(token, imported, algorithms=[alg])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Distrusted("token-signature") from error


def check_identity(token: str, asked: Asked) -> dict[str, Any]:
    """The claims of an id_token whose signature is good, once each of them fits the question."""
    claims = _for_us(token, asked)
    if claims.get("azp", asked.client_id) != asked.client_id:
        raise Distrusted("token-azp")
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires is None or asked.now >= expires + SKEW:
        raise Distrusted("token-exp")
    if issued is None or not asked.now - ISSUED_WITHIN <= issued <= asked.now + SKEW:
        raise Distrusted("token-iat")
    _check_nonce(claims, asked)
    if claims.get("acr") not in LEVELS:
        raise Distrusted("token-acr")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(asked.access_token):
        raise Distrusted("token-at-hash")
    _check_subject(claims)
    since = _time(claims, "auth_time")
    if since and since > asked.now + SKEW:
        raise Distrusted("token-auth-time")
    return claims


def check_goodbye(token: str, asked: Asked) -> dict[str, Any]:
    """The claims of a logout token whose signature is good (OIDC Back-Channel Logout §2.6)."""
    claims = _for_us(token, asked)
    issued = _time(claims, "iat")
    if issued is None or not asked.now - ISSUED_WITHIN <= issued <= asked.now + SKEW:
        raise Distrusted("token-iat")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(GOODBYE), dict):
        raise Distrusted("token-events")
    if "nonce" in claims or not (claims.get("sub") or claims.get("sid")):
        raise Distrusted("token-events")
    return claims


def check_active(said: Mapping[str, Any], asked: Asked) -> str:
    """The subject of an access token that its issuer says is alive (RFC 7662 §2.2).

    `client_id` is the software that it was given to: one that was given elsewhere is no proof that
    its professional works with this software.
    """
    if said.get("active") is not True:
        raise Distrusted("token-inactive")
    if said.get("iss") != asked.issuer:
        raise Distrusted("token-iss")
    if {said.get("client_id"), said.get("azp", asked.client_id)} != {asked.client_id}:
        raise Distrusted("token-aud")
    expires, starts = _time(said, "exp"), _time(said, "nbf")
    if expires is None or asked.now >= expires:
        raise Distrusted("token-exp")
    if starts and starts > asked.now + SKEW:
        raise Distrusted("token-nbf")
    if said.get("acr") not in LEVELS:
        raise Distrusted("token-acr")
    _check_subject(said)
    return str(said["sub"])


def authenticated_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the person proved who they are, if that is told."""
    return _time(claims, "auth_time")


def _for_us(token: str, asked: Asked) -> dict[str, Any]:
    claims = _part(token, 1)
    if claims.get("iss") != asked.issuer:
        raise Distrusted("token-iss")
    if claims.get("aud") not in (asked.client_id, [asked.client_id]):
        raise Distrusted("token-aud")
    starts = _time(claims, "nbf")
    if starts and starts > asked.now + SKEW:
        raise Distrusted("token-nbf")
    return claims


def _check_nonce(claims: Mapping[str, Any], asked: Asked) -> None:
    nonce = claims.get("nonce")
    given = nonce.encode() if isinstance(nonce, str) else b""
    if not asked.nonce or not hmac.compare_digest(given, asked.nonce.encode()):
        raise Distrusted("token-nonce")


def _check_subject(claims: Mapping[str, Any]) -> None:
    subject, session = claims.get("sub"), claims.get("sid", "")
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise Distrusted("token-sub")
    if not isinstance(session, str) or len(session) > 255:  # noqa: PLR2004 - as `sub`
        raise Distrusted("token-sid")


def _half_hash(access_token: str) -> str:
    """OIDC Core §3.1.3.6, for the algorithms that we accept."""
    half = sha256(access_token.encode()).digest()[:16]
    return urlsafe_b64encode(half).rstrip(b"=").decode()


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    try:
        return read_object(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise Distrusted("token-shape") from error


def _time(claims: Mapping[str, Any], name: str) -> datetime | None:
    if name not in claims:
        return None
    seconds = claims[name]
    if type(seconds) is not int or not 0 <= seconds < LAST_TIME:  # a bool is an int
        raise Distrusted("token-times")
    return datetime.fromtimestamp(seconds, UTC)
