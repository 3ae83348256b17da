"""A laboratory's software for tests: real messages through the real door."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from httpx import AsyncClient

from backend.demo.people import LABORATORIES
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action, Envelope, write_mdm, write_oru
from backend.domain.reports import Report

FLAGS = {"DESTDMP": True}


class Laboratory:
    """Knows its secret, gets its token, sends what it is given."""

    def __init__(self, client: AsyncClient, client_id: str) -> None:
        self.client = client
        self.data = next(lab for lab in LABORATORIES if lab.client_id == client_id)
        self._token = ""

    async def token(self) -> str:
        if not self._token:
            answer = await self.client.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self.data.client_id, self.data.client_secret),
            )
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["access_token"]
        return self._token

    async def send(self, message: bytes) -> str:
        """The ACK, as text."""
        answer = await self.client.post(
            "/api/hl7v2",
            content=message,
            headers={"Authorization": f"Bearer {await self.token()}"},
        )
        return answer.content.decode("utf-8", "replace")

    def message(self, report: Report, action: Action = Action.NEW, **changes: Any) -> bytes:
        """An ORU (or MDM with `mdm=True`) that carries `report`."""
        write = write_mdm if changes.pop("mdm", False) else write_oru
        flags = {**FLAGS, **changes.pop("flags", {})}
        content = changes.pop("content", None) or write_cda(report)
        envelope = Envelope(
            control_id=changes.pop("control_id", uuid4().hex[:20]),
            sent_at=datetime.now(UTC),
            sender=report.header.authenticator,
            organisation=changes.pop("organisation", report.header.custodian),
            action=action,
            flags=flags,
            **changes,
        )
        return write(report.header, content, envelope)

    async def deposit(self, report: Report, action: Action = Action.NEW, **changes: Any) -> str:
        return await self.send(self.message(report, action, **changes))
