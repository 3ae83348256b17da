"""The way to Pro Santé Connect and back: authorization code, PKCE S256, state, nonce.

Authlib leads the flow; tokens are verified here (`tokens`), answers are bounded (`reading`). Only
the id_token is given to whoever calls: access and refresh tokens end with the exchange.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from backend.domain.errors import Unavailable
from backend.domain.formats.psc import BadUserinfo, Person, read_person
from backend.gateways.psc.provider import WITHOUT_PACKING, Provider, Published
from backend.gateways.psc.reading import Bounded, Distrusted, read_answer
from backend.gateways.psc.tokens import (
    Asked,
    authenticated_at,
    check_active,
    check_goodbye,
    check_identity,
    check_signature,
    open_header,
)
from backend.settings.psc import Psc

T = TypeVar("T")

SCOPE, LEVEL = "openid scope_all", "eidas1"
AGAIN = {"prompt": "login", "max_age": "0"}
"""OIDC Core §3.1.2.1: whatever session there is, and `auth_time` says when."""
PATIENCE = 3.0
"""Seconds for a whole exchange: a page has four."""
TIMEOUT = 2.0
LONGEST_TOKEN = 16_000
ASSERTION_LIFE = timedelta(seconds=60)
OAUTH_ERRORS = {400, 401}
GOODBYES = frozenset({"logout+jwt", "JWT"})


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom Pro Santé Connect proved, and what of its session we keep."""

    person: Person
    subject: str
    session: str
    hint: str = field(repr=False)
    since: datetime | None


class PscClient:
    """One client of one provider; `back` is where people return, `home` where they end."""

    def __init__(self, given: Psc, transport: httpx2.AsyncBaseTransport, public_url: str) -> None:
        self._given, self._way = given, Bounded(transport)
        self._provider = Provider(given.url, self._way)
        self._back, self._home = f"{public_url}/pro/retour", f"{public_url}/pro"

    async def address(
        self, *, state: str, nonce: str, verifier: str, now: datetime, again: bool = False
    ) -> str:
        """Where a browser goes to be identified; `again` although it has just been."""
        published = await self._patiently(self._provider.published(now))
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                published.authorization,
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                acr_values=LEVEL,
                **(AGAIN if again else {}),
            )
        return str(address)

    async def identify(
        self, code: str, *, nonce: str, verifier: str, issuer: str, now: datetime
    ) -> Identified:
        """Who this code stands for: Distrusted or Unavailable, or everything is right.

        `issuer` is what the return address said of it (RFC 9207), if anything.
        """
        return await self._patiently(self._identify(code, nonce, verifier, issuer, now))

    async def vouch(self, token: str, *, client_id: str, now: datetime) -> Person:
        """Of whom this access token is, which software called `client_id` was given.

        Distrusted or Unavailable, or everything is right.
        """
        return await self._patiently(self._vouch(token, client_id, now))

    async def farewell(self, hint: str | None, now: datetime) -> str:
        """Where a browser goes so that Pro Santé Connect’s own session ends too; '' for nowhere."""
        try:
            logout = (await self._patiently(self._provider.published(now))).logout
        except (Distrusted, Unavailable):
            return ""
        if not logout:
            return ""
        query = {"client_id": self._given.client_id, "post_logout_redirect_uri": self._home}
        return f"{logout}?{urlencode(query | ({'id_token_hint': hint} if hint else {}))}"

    async def goodbye(self, token: str, now: datetime) -> tuple[str, str]:
        """(subject, session) whose end Pro Santé Connect tells by itself; either may be empty."""
        return await self._patiently(self._goodbye(token, now))

    async def end(self) -> None:
        await self._way.end()

    async def _identify(
        self, code: str, nonce: str, verifier: str, issuer: str, now: datetime
    ) -> Identified:
        published = await self._provider.published(now)
        if issuer and issuer != published.issuer:
            raise Distrusted("return-issuer")
        async with self._client(now) as client:
            tokens = await self._exchange(client, published, code, verifier)
            hint, access_token = tokens["id_token"], tokens["access_token"]
            header = open_header(hint)
            check_signature(hint, header, await self._provider.key(header["kid"], now))
            asked = Asked(published.issuer, self._given.client_id, now, nonce, access_token)
            claims = check_identity(hint, asked)
            said = read_answer(await client.get(published.userinfo))
        person = _told(said, claims["sub"])
        since = authenticated_at(claims)
        return Identified(person, claims["sub"], claims.get("sid", ""), hint, since)

    async def _vouch(self, token: str, client_id: str, now: datetime) -> Person:
        published = await self._provider.published(now)
        if not published.introspection:
            raise Distrusted("provider-addresses")
        async with self._client(now) as client:
            answer = await client.introspect_token(published.introspection, token, "access_token")
            asked = Asked(published.issuer, client_id, now)
            subject = check_active(read_answer(answer), asked)
            client.token = {"access_token": token, "token_type": "Bearer"}
            said = read_answer(await client.get(published.userinfo))
        return _told(said, subject)

    async def _goodbye(self, token: str, now: datetime) -> tuple[str, str]:
        header = open_header(token, GOODBYES)
        check_signature(token, header, await self._provider.key(header["kid"], now))
        issuer = (await self._provider.published(now)).issuer
        claims = check_goodbye(token, Asked(issuer, self._given.client_id, now))
        return str(claims.get("sub", "")), str(claims.get("sid", ""))

    async def _exchange(
        self, client: AsyncOAuth2Client, published: Published, code: str, verifier: str
    ) -> dict[str, str]:
        tokens = await client.fetch_token(
            published.token,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            headers=WITHOUT_PACKING,
        )
        kind = tokens.get("token_type")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise Distrusted("token-type")
        found = {name: tokens.get(name) for name in ("access_token", "id_token")}
        for value in found.values():
            if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TOKEN:
                raise Distrusted("token-missing")
        return {name: str(value) for name, value in found.items()}

    def _client(self, now: datetime | None = None) -> AsyncOAuth2Client:
        """One for each exchange: it remembers its tokens, which are one person’s."""
        given = self._given
        client = AsyncOAuth2Client(
            given.client_id,
            given.private_key or given.secret,
            token_endpoint_auth_method=(
                "private_key_jwt" if given.private_key else "client_secret_basic"
            ),
            scope=SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
            transport=self._way,
            timeout=TIMEOUT,
            headers=WITHOUT_PACKING,
            trust_env=False,
        )
        if given.private_key and now:
            claims = {"exp": int((now + ASSERTION_LIFE).timestamp())}
            client.register_client_auth_method(PrivateKeyJWT(claims=claims))
        client.register_compliance_hook("access_token_response", _look)
        return client

    @staticmethod
    async def _patiently(work: Awaitable[T]) -> T:
        """Within `PATIENCE`; whatever goes wrong is one of two things."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await work
        except (httpx2.HTTPError, TimeoutError) as error:
            raise Unavailable from error
        except (AuthlibBaseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise Distrusted("answer-tokens") from error


def _told(said: Mapping[str, Any], subject: str) -> Person:
    """The person, whom the token is about."""
    if said.get("sub") != subject:
        raise Distrusted("userinfo-sub")
    try:
        return read_person(said)
    except BadUserinfo as error:
        raise Distrusted(str(error)) from error


def _look(response: httpx2.Response) -> httpx2.Response:
    """Before Authlib reads it: strict JSON, or a refusal in OAuth’s own terms (RFC 6749 §5.2)."""
    if response.status_code not in OAUTH_ERRORS:
        read_answer(response)
    return response


@asynccontextmanager
async def open_psc(
    given: Psc | None, public_url: str, transport: httpx2.AsyncBaseTransport | None = None
) -> AsyncIterator[PscClient | None]:
    """The client of this configuration; None without one: the door is closed."""
    if given is None:
        yield None
        return
    client = PscClient(given, transport or httpx2.AsyncHTTPTransport(), public_url)
    try:
        yield client
    finally:
        await client.end()
