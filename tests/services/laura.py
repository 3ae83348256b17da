"""Laura signing in, straight through the services: what a browser and a letter box would do."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text, update

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes import Policy
from backend.domain.jobs import SendCode
from backend.domain.reports import Traits
from backend.services import accounts, sign_in
from backend.services.sign_in import Complete, Started
from backend.storage.accounts import AccountState, Challenge, Limit
from backend.storage.db import AsyncSession, Sessions, utcnow
from backend.storage.outbox import OutboxRow
from backend.storage.records import IdentityStatus, Record, RecordState, new_record

PASSWORD = "les-tilleuls-en-fleur-35"
IDLE, EIGHT_HOURS = timedelta(minutes=15), timedelta(hours=8)
HOME = "192.0.2.35"


@dataclass
class Laura:
    """Laura, in front of a browser."""

    sessions: Sessions
    account_id: UUID
    record_id: UUID

    async def types(
        self, password: str = PASSWORD, identifier: str = "laura.bernard", **browser: str
    ) -> Any:
        address = browser.pop("address", HOME)
        return await sign_in.start(self.sessions, identifier, password, address=address, **browser)

    async def starts(self) -> Started:
        started = await self.types()
        assert isinstance(started, Started)
        return started

    async def enters(self, half: UUID, code: str) -> Any:
        async with self.sessions.begin() as db:
            return await sign_in.verify(db, half, code, lasts=EIGHT_HOURS)

    async def signs_in(self) -> Complete:
        started = await self.starts()
        done = await self.enters(started.session_id, (await self.receives()).code)
        assert isinstance(done, Complete)
        return done

    async def receives(self) -> sign_in.Code:
        """The newest code that the worker sends."""
        async with self.sessions.begin() as db:
            job = await db.scalar(select(OutboxRow.job).order_by(OutboxRow.created_at.desc()))
            assert job is not None
            code = await sign_in.send_code(db, msgspec.json.decode(job, type=SendCode).challenge_id)
        assert code is not None
        return code

    async def resends(self, half: UUID, **how: Any) -> Any:
        async with self.sessions.begin() as db:
            return await sign_in.resend(db, half, address=HOME, **how)

    async def is_seen_as(self, token: str) -> Any:
        async with self.sessions.begin() as db:
            return await sign_in.actor_of(db, token, idle=IDLE, policy=Policy())

    async def waits(self, seconds: float) -> None:
        """As if that time had passed since the last code, for limits too."""
        past = timedelta(seconds=seconds)
        async with self.sessions.begin() as db:
            await db.execute(
                update(Challenge).values(
                    created_at=Challenge.created_at - past, expires_at=Challenge.expires_at - past
                )
            )
            await db.execute(update(Limit).values(arrival=Limit.arrival - past))

    async def becomes(self, state: AccountState | RecordState) -> None:
        table = "account" if isinstance(state, AccountState) else "record"
        async with self.sessions.begin() as db:
            await db.execute(text(f"UPDATE {table} SET state = :state"), {"state": state.value})

    async def count(self, what: Any) -> int:
        async with self.sessions.begin() as db:
            return await db.scalar(select(func.count()).select_from(what)) or 0

    async def one(self, query: Any) -> Any:
        async with self.sessions.begin() as db:
            return await db.scalar(query)


async def make_laura(sessions: Sessions) -> Laura:
    """Her record and her account, committed."""
    async with sessions.begin() as db:
        record = await make_record(db)
        account = await accounts.create_account(
            db,
            Robot("demo"),
            record,
            identifier="Laura.Bernard",
            password=PASSWORD,
            email="laura.bernard@courriel.example",
            phone="+33639980135",
        )
    return Laura(sessions, account.id, record.id)


async def make_record(db: AsyncSession) -> Record:
    traits = Traits(
        matricule="291054410900174",
        oid="1.2.250.1.213.1.4.10",
        birth_name="BERNARD",
        first_given="LAURA",
        given_names="LAURA MARIE",
        birth_date=date(1991, 5, 14),
        sex="F",
        birthplace="44109",
        used_name="BERNARD",
        used_given="LAURA",
    )
    record = new_record(
        db, traits, state=RecordState.ACTIVE, status=IdentityStatus.QUAL, now=utcnow()
    )
    authorise(db, Robot("demo"), Action.CREATE_RECORD, record)
    await db.flush()
    return record
