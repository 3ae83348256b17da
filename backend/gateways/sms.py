"""SMS out, through the operator’s webhook: POST {to, text, id} with a bearer token."""

from dataclasses import dataclass

import httpx2

from backend.domain.contact import read_mobile
from backend.domain.errors import Refused, Unavailable
from backend.gateways.delivery import PermanentFailure, check_lines
from backend.gateways.tls import trusted

TIMEOUT = 10.0
OURS = {401, 403, 404, 405, 408, 429}
"""Refusals that say nothing of the number: our token, our address, our pace."""


@dataclass(frozen=True, slots=True)
class Sms:
    """One text to one French mobile. `id` is the key of the promise: the same at each try."""

    to: str
    text: str
    id: str


class WebhookSms:
    """Sends through one operator. It holds the connections; close with `aclose`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            verify=trusted(),
            timeout=TIMEOUT,
            trust_env=False,
        )

    async def send(self, sms: Sms) -> None:
        """Returns when the operator has taken charge; else Unavailable or PermanentFailure."""
        body = {"to": _read(sms.to), "text": sms.text, "id": sms.id}
        check_lines(sms.text)
        try:
            response = await self._client.post(self._url, json=body)
        except httpx2.HTTPError as error:
            raise Unavailable from error
        if response.is_success:
            return
        if response.is_client_error and response.status_code not in OURS:
            raise PermanentFailure
        raise Unavailable

    async def aclose(self) -> None:
        await self._client.aclose()


def _read(to: str) -> str:
    try:
        return read_mobile(to)
    except Refused as refusal:
        raise PermanentFailure from refusal
