"""`reperes run` as operators run it, and what its clients hold: Laura’s session, a token."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import httpx
import psutil
from sqlalchemy import select

from backend.demo.people import LABORATORIES, LAURA
from backend.services.accounts import identifier_index
from backend.settings import Settings
from backend.storage.accounts import Account, BrowserSession
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.vault import Vault
from tests.ports import quiet_port

SECONDS = 60
"""Longer than anything here takes: what lasts longer hangs."""
BEARER = next(lab for lab in LABORATORIES if lab.client_id == "sgl-estuaire")


@dataclass(frozen=True)
class Server:
    """A running service, and who comes to it."""

    process: Process
    port: int
    cookie: str
    """Laura’s browser."""
    token: str
    """The laboratory’s."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def webs(self) -> list[psutil.Process]:
        """The processes that answer."""
        parent = psutil.Process(self.process.pid)
        return [child for child in parent.children() if _listens(child)] or [parent]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    async def until_ready(self, status: int = 200) -> None:
        async with httpx.AsyncClient(base_url=self.url) as web, asyncio.timeout(SECONDS):
            while True:
                try:
                    if (await web.get("/readyz")).status_code == status:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    async def end(self) -> int:
        """Its exit status."""
        async with asyncio.timeout(SECONDS):
            return await self.process.wait()


@asynccontextmanager
async def serving(settings: Settings, *, processes: int = 1) -> AsyncIterator[Server]:
    """The command in production, ready; stopped at the end by SIGTERM, and it must obey."""
    port = quiet_port()
    env = environment(settings) | {"REPERES_PORT": str(port), "REPERES_PROCESSES": str(processes)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend", "run", env=env, stdout=DEVNULL
    )
    try:
        cookie = await _sign_in_laura(settings)
        server = Server(process, port, cookie, "")
        await server.until_ready()
        token = await _token(server.url)
        yield Server(process, port, cookie, token)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(SECONDS):
            await process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Of a process in production over the same database."""
    env = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
    return env | {f"REPERES_{name}": value for name, value in _env(settings).items()}


def _env(settings: Settings) -> dict[str, str]:
    return {
        "MODE": "production",
        "DATABASE_URL": settings.database_url or "",
        "VAR_DIR": str(settings.var_dir),
        "PUBLIC_URL": "https://localhost",
        "ROOT_KEY": b64encode(settings.root_key).decode(),
        "TRUSTED_PROXIES": "1",
        "WORKER": "external",
        "SMTP_HOST": "localhost",
        "SMTP_SECURITY": "none",
        "SMTP_FROM": "reperes@service.example",
        "LOG_LEVEL": "error",
    }


async def _sign_in_laura(settings: Settings) -> str:
    """Her cookie, her session being put where signing in would."""
    token, now = token_urlsafe(32), utcnow()
    engine = make_engine(settings.database_url or "")
    async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
        index = identifier_index(db, LAURA.identifier)
        account = await db.scalar(select(Account.id).where(Account.identifier_index == index))
        db.add(
            BrowserSession(
                token_hash=sha256(token.encode()).digest(),
                account_id=account,
                complete=True,
                created_at=now,
                seen_at=now,
                ends_at=now + timedelta(hours=8),
            )
        )
    await engine.dispose()
    return f"__Host-reperes={token}"


async def _token(url: str) -> str:
    async with httpx.AsyncClient(base_url=url) as web:
        answer = await web.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(BEARER.client_id, BEARER.client_secret),
        )
    answer.raise_for_status()
    return f"Bearer {answer.json()['access_token']}"


async def receipts(settings: Settings) -> set[str]:
    """What the service keeps of the deposits that it acknowledged."""
    engine = make_engine(settings.database_url or "")
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT number FROM receipt")
        kept = set(found.scalars())
    await engine.dispose()
    return kept


def _listens(process: psutil.Process) -> bool:
    try:
        found: Any = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    return any(connection.status == psutil.CONN_LISTEN for connection in found)
