"""What Pro Santé Connect publishes of itself: its addresses and its keys, kept for an hour."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from backend.gateways.psc.reading import Bounded, Distrusted, read_answer
from backend.settings.psc import WELL_KNOWN

KEPT = timedelta(hours=1)
AGAIN = timedelta(minutes=1)
"""Keys are asked for again for a name that we do not know: no more often than that."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
LOGOUT, INTROSPECTION = "end_session_endpoint", "introspection_endpoint"
MOST_KEYS = 32
WITHOUT_PACKING = {"Accept-Encoding": "identity", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Published:
    """Addresses. Where people go may be on another host; what we call may not."""

    issuer: str
    authorization: str
    token: str
    userinfo: str
    keys: str
    logout: str
    introspection: str
    """Empty where there is none: nobody is believed by their access token then."""


class Provider:
    """One provider, by the address of its description."""

    def __init__(self, url: str, transport: Bounded) -> None:
        self._url, self._transport = url, transport
        self._turn = asyncio.Lock()
        self._published: tuple[datetime, Published] | None = None
        self._keys: tuple[datetime, list[Mapping[str, Any]]] | None = None

    async def published(self, now: datetime) -> Published:
        """Its addresses, asked for once an hour."""
        async with self._turn:
            if self._published is None or _is_old(self._published[0], now, KEPT):
                self._published = now, read_published(await self._get(self._url), self._url)
            return self._published[1]

    async def key(self, kid: str, now: datetime) -> Mapping[str, Any]:
        """The one published key of that name; Distrusted when there is none, or two."""
        address = (await self.published(now)).keys
        async with self._turn:
            if self._keys is None or _is_old(self._keys[0], now, KEPT):
                self._keys = now, read_keys(await self._get(address))
            elif not _named(self._keys[1], kid) and _is_old(self._keys[0], now, AGAIN):
                self._keys = now, read_keys(await self._get(address))  # they have turned
            found = _named(self._keys[1], kid)
        if len(found) != 1:
            raise Distrusted("token-kid")
        return found[0]

    async def _get(self, address: str) -> dict[str, Any]:
        async with httpx2.AsyncClient(
            transport=self._transport, headers=WITHOUT_PACKING, trust_env=False
        ) as client:
            return read_answer(await client.get(address))


def read_published(said: Mapping[str, Any], url: str) -> Published:
    """The issuer is where this was read; what we call ourselves is on its host, and as safe."""
    issuer = url.removesuffix(WELL_KNOWN)
    if said.get("issuer") != issuer:
        raise Distrusted("provider-issuer")
    found = [said.get(name) for name in ENDPOINTS]
    logout, introspection = said.get(LOGOUT, ""), said.get(INTROSPECTION, "")
    for address in (*found, logout or issuer, introspection or issuer):
        if not isinstance(address, str) or not _as_safe(address, issuer):
            raise Distrusted("provider-addresses")
    authorization, token, userinfo, keys = (str(address) for address in found)
    called = (token, userinfo, keys, str(introspection) or token)
    ours = {urlsplit(address).netloc for address in called}
    if ours != {urlsplit(issuer).netloc}:
        raise Distrusted("provider-addresses")
    return Published(issuer, authorization, token, userinfo, keys, str(logout), str(introspection))


def read_keys(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Public keys for signatures."""
    keys = said.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        raise Distrusted("provider-keys")
    return [key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig"]


def _named(keys: list[Mapping[str, Any]], kid: str) -> list[Mapping[str, Any]]:
    return [key for key in keys if key.get("kid") == kid]


def _is_old(since: datetime, now: datetime, than: timedelta) -> bool:
    """A clock that was put back makes it old too."""
    return not since <= now < since + than


def _as_safe(address: str, issuer: str) -> bool:
    parts = urlsplit(address)
    plain = (
        address.isascii() and address.isprintable() and not parts.username and not parts.fragment
    )
    return plain and parts.scheme == urlsplit(issuer).scheme and bool(parts.hostname)
