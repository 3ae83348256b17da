"""The demonstration laboratories deposit through the real door, as their software would."""

from dataclasses import dataclass

import httpx2


class DepositFailed(Exception):
    """The door said no, or did not answer."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A laboratory system: gets a token, posts messages, reads acknowledgements."""

    client: httpx2.AsyncClient
    client_id: str
    client_secret: str

    async def token(self) -> str:
        """A bearer token by client credentials."""
        answer = await self.client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.client_secret),
        )
        if answer.status_code != 200:  # noqa: PLR2004
            raise DepositFailed(f"token refused: {answer.text}")
        return str(answer.json()["access_token"])

    async def send(self, token: str, message: bytes) -> bytes:
        """The acknowledgement of one message."""
        answer = await self.client.post(
            "/api/hl7v2",
            content=message,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/hl7-v2"},
        )
        if answer.status_code not in {200, 503}:
            raise DepositFailed(f"HTTP {answer.status_code}")
        return answer.content


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the door answered: `AA` and a receipt, or a code and its reasons."""

    code: str
    text: str

    @property
    def accepted(self) -> bool:
        """Filed, and durable."""
        return self.code == "AA"


def read_answer(ack: bytes) -> Acknowledgement:
    """MSA-1 and MSA-3, then the user messages of each ERR."""
    code, parts = "--", []
    for line in ack.decode("utf-8", "replace").replace("\n", "\r").split("\r"):
        fields = line.split("|")
        if fields[0] == "MSA":
            code = fields[1]
            parts += fields[3:4]
        elif fields[0] == "ERR":
            parts.append(" ".join(filter(None, (fields[2], fields[5][:3], *fields[8:9]))))
    return Acknowledgement(code, " · ".join(filter(None, parts)))
