"""Patients’ records for tests: a professional’s browser that finds, opens, reads them."""

import re
from typing import Any

from httpx import Response
from litestar import Litestar
from sqlalchemy import text

from backend.demo.people import LAURA, Someone
from tests.pro.psc import Desk, path_of

RECORDS = "/pro/dossiers"
DOCUMENT = re.compile(r'href="(/pro/dossiers/[0-9a-f-]{36}/documents/[0-9a-f-]{36})"')
CLEARED = (
    *("pro_session", "pro_entry", "rate_limit", "consultation", "care_link", "access_alert"),
    *("emergency_access", "notice"),
)


class Consulting(Desk):
    """One professional before patients’ records."""

    async def finds(self, someone: Someone = LAURA) -> str:
        """The page before opening, by INS."""
        await self.get(RECORDS)
        traits = someone.traits
        answer = await self.post(
            f"{RECORDS}/recherche", domaine=traits.oid, matricule=traits.matricule
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def opens(self, someone: Someone = LAURA, motif: str = "equipe", **more: str) -> str:
        """In, for this reason: where the record is."""
        path = await self.finds(someone)
        await self.get(path)
        answer = await self.post(f"{path}/ouvrir", motif=motif, **more)
        assert answer.headers.get("location") == path, answer.text
        return path

    async def documents(self, path: str) -> list[str]:
        """What the record lists."""
        return DOCUMENT.findall((await self.get(path)).text)

    async def proves(self, path: str, who: str, way: str = "") -> Response:
        """Out to Pro Santé Connect for an emergency, and back."""
        await self.get(f"{path}/urgence")
        answer = await self.post(f"{path}/urgence/identification")
        assert answer.status_code == 200, answer.text
        there = answer.headers["refresh"].removeprefix("0; url=")
        assert "prompt=login" in there
        assert "max_age=0" in there
        back = await self.is_named(there, who, way)
        return await self.get(path_of(back))

    async def declares(self, path: str, who: str, motif: str = "Malaise, ne répond pas.") -> None:
        """An emergency, from the proof to the record."""
        assert (await self.proves(path, who)).headers["location"] == f"{path}/urgence"
        await self.get(f"{path}/urgence")
        answer = await self.post(f"{path}/urgence", nature="BTG", motif=motif)
        assert answer.headers.get("location") == path, answer.text


def addresses(document: str) -> list[str]:
    """Every way to something of a document."""
    rest = ("", "/document", "/page/1/800", "/page/1/1200", "/figure/1", "/original.pdf")
    return [document + one for one in rest]


async def run(app: Litestar, statement: str, **values: object) -> Any:
    async with app.state.engine.begin() as connection:
        found = await connection.execute(text(statement), values)
        return found.scalar() if found.returns_rows else None


async def clear(app: Litestar) -> None:
    """Nobody has come, nobody is known, everything is allowed."""
    async with app.state.engine.begin() as connection:
        for table in CLEARED:
            await connection.execute(text(f"DELETE FROM {table}"))
        await connection.execute(
            text(
                "UPDATE record SET mask_all = false, emergency_allowed = true, samu_allowed = true,"
                " emergency_unmasks = false"
            )
        )
