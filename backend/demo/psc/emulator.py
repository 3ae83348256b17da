"""An OpenID provider in memory: codes, tokens, sessions, keys; strict with its clients."""

from base64 import b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from backend.demo.psc.people import Pro
from backend.demo.psc.ways import HONEST, Way
from backend.storage.db import utcnow

REALM = "/demo/psc/realms/esante-wallet"
PROTOCOL = f"{REALM}/protocol/openid-connect"
TOKEN_LIFE, CODE_LIFE = timedelta(minutes=2), timedelta(minutes=1)
KEPT = 500
"""Codes and tokens: the oldest are forgotten."""


class Odd(Exception):
    """A client asked for what this provider does not do: `error` is OAuth’s word for it."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass
class Grant:
    """One person, for one question."""

    pro: Pro
    asked: Mapping[str, str]
    way: Way
    sid: str = field(default_factory=lambda: str(uuid4()))
    used: bool = False
    since: datetime = field(default_factory=utcnow)


NOBODYS = Grant(Pro(key="", national_id="", given="", family="", said=""), {}, HONEST)


@cache
def keys(number: int) -> RSAKey:
    """Made once a process; the next number when they turn."""
    return RSAKey.generate_key(2048, {"kid": f"demo-{number}", "use": "sig", "alg": "RS256"})


class Emulator:
    """The provider of one application."""

    client_id = "reperes-demo"

    def __init__(self, public_url: str) -> None:
        self.issuer = public_url + REALM
        self.public_url = public_url
        self.secret = token_urlsafe(32)
        self.way: Way = HONEST
        """How documents are: addresses and keys. A sign-in may have a way of its own."""
        self.sessions: dict[str, Pro] = {}
        self.turned = 0
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}

    # --- what it publishes

    def description(self) -> dict[str, Any]:
        base = self.public_url + PROTOCOL
        return self.way.description(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.public_url}/demo/psc/auth",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "introspection_endpoint": f"{base}/token/introspect",
                "backchannel_authentication_endpoint": f"{base}/ext/ciba/auth",
                "end_session_endpoint": f"{base}/logout",
                "jwks_uri": f"{base}/certs",
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "acr_values_supported": ["eidas1", "eidas2", "eidas3"],
            }
        )

    def published_keys(self) -> dict[str, Any]:
        public = keys(self.turned).as_dict(private=False)
        return self.way.keys({"keys": [{name: value for name, value in public.items() if value}]})

    # --- people

    def check(self, asked: Mapping[str, str]) -> None:
        """A question as our client must ask it, or Odd."""
        wanted = {
            "client_id": self.client_id,
            "redirect_uri": f"{self.public_url}/pro/retour",
            "response_type": "code",
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "code_challenge_method": "S256",
        }
        if any(asked.get(name) != value for name, value in wanted.items()):
            raise Odd("invalid_request")
        if not all(asked.get(name) for name in ("state", "nonce", "code_challenge")):
            raise Odd("invalid_request")
        if (asked.get("prompt", ""), asked.get("max_age", "")) not in {("", ""), ("login", "0")}:
            raise Odd("invalid_request")

    def grant(self, asked: Mapping[str, str], pro: Pro, way: Way) -> dict[str, str]:
        """What the browser brings back."""
        code, grant = token_urlsafe(32), Grant(pro, dict(asked), way)
        _keep(self._codes, code, grant)
        _keep(self.sessions, grant.sid, pro)
        return way.back({"code": code, "state": asked["state"], "iss": self.issuer})

    # --- its client

    def redeem(self, authorization: str, form: Mapping[str, str]) -> tuple[Grant, dict[str, Any]]:
        """Tokens for a code: once, for who has the secret and the verifier."""
        self._check_client(authorization)
        grant = self._codes.get(form.get("code", ""))
        if grant is None or grant.used:
            raise Odd("invalid_grant")
        grant.used = True
        challenge = _base64(sha256(form.get("code_verifier", "").encode()).digest())
        same = form.get("redirect_uri") == grant.asked["redirect_uri"]
        if form.get("grant_type") != "authorization_code" or not same:
            raise Odd("invalid_grant")
        if not compare_digest(challenge, grant.asked["code_challenge"]):
            raise Odd("invalid_grant")
        access = token_urlsafe(32)
        _keep(self._tokens, access, grant)
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "refresh_token": token_urlsafe(32),
            "scope": "openid scope_all",
            "id_token": self._id_token(grant, access),
        }
        return grant, grant.way.tokens(answer)

    def userinfo(self, access: str) -> tuple[Grant, dict[str, Any]]:
        """Of whom this token is."""
        grant = self._tokens.get(access)
        if grant is None:
            raise Odd("invalid_token")
        return grant, grant.way.userinfo(grant.pro.userinfo())

    def introspect(
        self, authorization: str, form: Mapping[str, str]
    ) -> tuple[Grant, dict[str, Any]]:
        """RFC 7662: what this access token is worth now, for a client of this provider."""
        self._check_client(authorization)
        grant = self._tokens.get(form.get("token", ""))
        over = grant is None or not grant.since <= utcnow() < grant.since + TOKEN_LIFE
        if grant is None or over or grant.sid not in self.sessions:
            return NOBODYS, {"active": False}
        since = int(grant.since.timestamp())
        said = {
            "active": True,
            "iss": self.issuer,
            "sub": grant.pro.subject,
            "client_id": grant.asked["client_id"],
            "azp": grant.asked["client_id"],
            "exp": since + int(TOKEN_LIFE.total_seconds()),
            "iat": since,
            "acr": "eidas3",
            "scope": "openid scope_all",
            "token_type": "Bearer",
            "sid": grant.sid,
        }
        return grant, grant.way.introspection(said)

    def lend(self, pro: Pro, software: str, way: Way = HONEST) -> str:
        """An access token for another client, whose professional has just proved who they are."""
        access, grant = token_urlsafe(32), Grant(pro, {"client_id": software}, way)
        _keep(self.sessions, grant.sid, pro)
        _keep(self._tokens, access, grant)
        return access

    def end(self, hint: str) -> str:
        """The session that this id_token came from is over; its sid, or nothing."""
        try:
            claims = jwt.decode(hint, keys(self.turned), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return ""
        sid = str(claims.get("sid", ""))
        return sid if self.sessions.pop(sid, None) else ""

    def goodbye(self, sid: str, **changes: Any) -> str:
        """A logout token, as it would be sent to each client."""
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": int(utcnow().timestamp()),
            "jti": str(uuid4()),
            "sid": sid,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changes
        header = {"alg": "RS256", "typ": "logout+jwt", "kid": keys(self.turned).kid}
        return jwt.encode(header, claims, keys(self.turned), algorithms=["RS256"])

    def _check_client(self, authorization: str) -> None:
        try:
            given = b64decode(authorization.removeprefix("Basic "), validate=True)
        except (Error, ValueError):
            given = b""
        if not compare_digest(given, f"{self.client_id}:{self.secret}".encode()):
            raise Odd("invalid_client")

    def _id_token(self, grant: Grant, access: str) -> str:
        now = int(utcnow().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": grant.pro.subject,
            "aud": self.client_id,
            "azp": self.client_id,
            "exp": now + int(TOKEN_LIFE.total_seconds()),
            "iat": now,
            "auth_time": now,
            "nonce": grant.asked["nonce"],
            "acr": "eidas3",
            "at_hash": _base64(sha256(access.encode()).digest()[:16]),
            "sid": grant.sid,
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": keys(self.turned).kid}
        claims, header = grant.way.claims(claims), grant.way.header(header)
        if grant.way.sign:
            return grant.way.sign(header, claims, keys(self.turned), self.secret)
        return sign(header, claims, keys(self.turned))


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: RSAKey) -> str:
    """RS256, whatever the claims say."""
    return jws.serialize_compact(
        dict(header), msgspec.json.encode(claims), key, algorithms=["RS256"]
    )


def _keep(where: dict[str, Any], name: str, what: Any) -> None:
    where[name] = what
    while len(where) > KEPT:
        del where[next(iter(where))]


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
