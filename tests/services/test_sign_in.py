import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text, update

from backend.access import authorise
from backend.access.actors import Patient, Robot, Visitor
from backend.access.rules import Action
from backend.domain.errors import Refused
from backend.domain.jobs import SendCode
from backend.domain.reports import Traits
from backend.services import accounts, limits, sign_in
from backend.services.sign_in import Complete, Reason, Rejected, Started, Waiting
from backend.storage.accounts import (
    Account,
    AccountState,
    BrowserSession,
    Challenge,
    Channel,
    Limit,
    Login,
)
from backend.storage.db import AsyncSession, Sessions, make_engine, make_sessions, utcnow
from backend.storage.outbox import OutboxRow
from backend.storage.records import IdentityStatus, Record, RecordState, new_record
from backend.storage.traces import Trace
from backend.storage.vault import Vault

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
    ) -> Started | Rejected:
        browser = {"address": HOME, **browser}
        return await sign_in.start(self.sessions, identifier, password, **browser)

    async def starts(self) -> Started:
        started = await self.types()
        assert isinstance(started, Started)
        return started

    async def enters(self, half: UUID, code: str) -> Complete | Rejected:
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
            code = await sign_in.send_code(db, msgspec.json.decode(job, type=SendCode).challenge_id)
        assert code is not None
        return code

    async def resends(self, half: UUID, **how: Any) -> Waiting | Rejected:
        async with self.sessions.begin() as db:
            return await sign_in.resend(db, half, address=HOME, **how)

    async def is_seen_as(self, token: str) -> Any:
        async with self.sessions.begin() as db:
            return await sign_in.actor_of(db, token, idle=IDLE)

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


@pytest.fixture
async def sessions(clean_database_url: str, vault: Vault) -> AsyncIterator[Sessions]:
    """Sessions whose commits are real."""
    engine = make_engine(clean_database_url, pool_size=20)
    yield make_sessions(engine, vault)
    await engine.dispose()


@pytest.fixture
async def laura(sessions: Sessions) -> Laura:
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


async def test_laura_signs_in_in_two_steps(laura):
    started = await laura.starts()
    assert await laura.is_seen_as(started.token) == Visitor(half=started.session_id)
    code = await laura.receives()
    assert (code.channel, code.to) == (Channel.EMAIL, "laura.bernard@courriel.example")

    done = await laura.enters(started.session_id, code.code)

    assert isinstance(done, Complete)
    assert await laura.is_seen_as(done.token) == Patient(
        laura.account_id, laura.record_id, laura.record_id, started.session_id
    )
    trace = await laura.one(select(Trace).where(Trace.action == Action.SIGN_IN))
    assert (trace.actor_id, trace.record_id) == (laura.account_id, laura.record_id)


async def test_the_token_of_the_first_step_is_nothing_after_the_second(laura):
    started = await laura.starts()
    done = await laura.enters(started.session_id, (await laura.receives()).code)
    assert isinstance(done, Complete)
    assert done.token != started.token
    assert await laura.is_seen_as(started.token) == Visitor()


async def test_no_token_and_no_code_can_be_read_in_the_database(laura):
    started = await laura.starts()
    code = (await laura.receives()).code
    async with laura.sessions.begin() as db:
        for table in ("browser_session", "challenge", "outbox", "account"):
            rows = (await db.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            everything = " ".join(rows)
            for secret in (started.token, PASSWORD, "laura", code):
                assert secret not in everything
                assert secret.encode().hex() not in everything


async def test_the_login_before_this_one_is_remembered(laura):
    await laura.signs_in()
    assert await laura.one(select(BrowserSession.previous_login_at)) is None
    first = await laura.one(select(Login.at))
    await laura.signs_in()
    newest = select(BrowserSession.previous_login_at).order_by(BrowserSession.created_at.desc())
    assert await laura.one(newest) == first


async def test_an_unknown_identifier_and_a_wrong_password_look_the_same(laura):
    wrong = await laura.types(password="la-loire-au-petit-matin-84")
    unknown = await laura.types(identifier="nobody.at-all")
    nonsense = await laura.types(identifier="'; --")
    assert wrong == unknown == nonsense
    assert await laura.count(BrowserSession) == 0
    assert await laura.count(OutboxRow) == 0


async def test_an_unknown_identifier_takes_as_long_as_a_wrong_password(laura):
    async def spent(identifier: str) -> float:
        started = perf_counter()
        await laura.types(identifier=identifier, password="la-loire-au-petit-matin-84")
        return perf_counter() - started

    known = [await spent("laura.bernard") for _ in range(5)]
    unknown = [await spent("nobody.at-all") for _ in range(5)]
    assert median(unknown) > median(known) / 2


async def test_wrong_passwords_are_in_the_journal(laura):
    await laura.types(password="la-loire-au-petit-matin-84")
    trace = await laura.one(select(Trace).where(Trace.action == Action.SIGN_IN_REFUSED))
    assert (trace.allowed, trace.record_id, trace.reason) == (False, laura.record_id, "password")


async def test_the_sixth_password_waits_even_if_it_is_right(laura):
    for _ in range(5):
        assert (await laura.types(password="wrong")).reason is Reason.PASSWORD
    refused = await laura.types()
    assert (refused.reason, refused.retry_after > 60) == (Reason.TOO_OFTEN, True)
    assert refused.message == "Trop d’essais. Réessayez dans 3 minutes."
    assert (await laura.types(identifier="nobody.at-all")).reason is Reason.PASSWORD


async def test_an_unknown_identifier_is_limited_like_a_known_one(laura):
    for _ in range(5):
        await laura.types(identifier="nobody.at-all", password="wrong")
    refused = await laura.types(identifier="nobody.at-all", password="wrong")
    assert refused.reason is Reason.TOO_OFTEN


async def test_strangers_cannot_keep_laura_out_of_her_own_device(laura):
    device = (await laura.signs_in()).device
    for _ in range(7):
        await laura.types(password="wrong", address="203.0.113.9")
    assert (await laura.types()).reason is Reason.TOO_OFTEN
    assert isinstance(await laura.types(device=device), Started)
    assert (await laura.types(device=f"{device}0")).reason is Reason.TOO_OFTEN


async def test_one_address_cannot_try_many_accounts(laura):
    reasons = []
    for number in range(21):
        refused = await laura.types(identifier=f"somebody-{number}", password="wrong")
        reasons.append(refused.reason)
    assert reasons == [Reason.PASSWORD] * 20 + [Reason.TOO_OFTEN]


async def test_signing_in_often_with_the_right_password_is_not_limited_as_wrong_ones(laura):
    for _ in range(7):
        await laura.signs_in()
        await laura.waits(3600)
    assert await laura.count(BrowserSession) == 5


async def test_a_sixth_browser_ends_the_oldest(laura):
    tokens = []
    for _ in range(6):
        tokens.append((await laura.signs_in()).token)
        await laura.waits(3600)
    seen = [await laura.is_seen_as(token) for token in tokens]
    assert [isinstance(actor, Patient) for actor in seen] == [False] + [True] * 5


async def test_sixty_parallel_wrong_guesses_count_five(laura):
    half = (await laura.starts()).session_id
    right = (await laura.receives()).code
    wrong = [f"{number:06d}" for number in range(61) if f"{number:06d}" != right][:60]

    answers = await asyncio.gather(*(laura.enters(half, guess) for guess in wrong))

    reasons = [answer.reason for answer in answers]
    assert reasons.count(Reason.CODE) == 5
    assert reasons.count(Reason.DEAD_CODE) == 55
    assert await laura.one(select(Challenge.tries)) == 5
    assert (await laura.enters(half, right)).reason is Reason.DEAD_CODE


async def test_fifty_parallel_redemptions_of_the_right_code_succeed_once(laura):
    half = (await laura.starts()).session_id
    right = (await laura.receives()).code

    answers = await asyncio.gather(*(laura.enters(half, right) for _ in range(50)))

    assert [type(answer) for answer in answers].count(Complete) == 1
    assert await laura.count(Login) == 1


async def test_a_code_opens_its_own_browser_only(laura):
    first = await laura.starts()
    code = (await laura.receives()).code
    await laura.waits(60)
    second = await laura.starts()
    assert (await laura.enters(second.session_id, code)).reason is Reason.CODE
    assert isinstance(await laura.enters(first.session_id, code), Complete)


async def test_the_tries_left_are_told(laura):
    half = (await laura.starts()).session_id
    right = (await laura.receives()).code
    wrong = "000000" if right != "000000" else "000001"
    told = [(await laura.enters(half, wrong)).message for _ in range(6)]
    assert told[0].endswith("Il vous reste 4 essais.")
    assert told[3].endswith("Il vous reste un essai.")
    assert told[4].endswith("Demandez-en un nouveau pour continuer.")
    assert told[5] == "Ce code n’est plus valable. Demandez-en un nouveau."


async def test_a_code_lives_ten_minutes(laura):
    half = (await laura.starts()).session_id
    code = (await laura.receives()).code
    await laura.waits(599)
    assert await laura.receives()
    await laura.waits(2)
    assert (await laura.enters(half, code)).reason is Reason.DEAD_CODE


async def test_ten_wrong_codes_close_the_day_for_right_ones_too(laura):
    half = (await laura.starts()).session_id
    for _ in range(2):
        for guess in range(5):
            await laura.enters(half, f"{guess:06d}")
        await laura.waits(400)
        assert isinstance(await laura.resends(half), Waiting)
    refused = await laura.enters(half, (await laura.receives()).code)
    assert refused.reason is Reason.TOO_OFTEN
    assert "heures" in refused.message


async def test_another_code_waits_thirty_seconds_and_replaces_the_first(laura):
    half = (await laura.starts()).session_id
    first = (await laura.receives()).code
    early = await laura.resends(half)
    assert (early.reason, early.retry_after) == (Reason.TOO_OFTEN, 30)
    await laura.waits(31)

    assert await laura.resends(half) == Waiting(Channel.EMAIL, Channel.SMS, 30)

    second = (await laura.receives()).code
    assert first == second or (await laura.enters(half, first)).reason is Reason.CODE
    assert isinstance(await laura.enters(half, second), Complete)


async def test_the_code_can_come_by_the_other_channel(laura):
    half = (await laura.starts()).session_id
    await laura.waits(31)
    sent = await laura.resends(half, other_channel=True)
    assert sent == Waiting(Channel.SMS, Channel.EMAIL, 30)
    code = await laura.receives()
    assert (code.channel, code.to) == (Channel.SMS, "+33639980135")
    assert isinstance(await laura.enters(half, code.code), Complete)


async def test_a_channel_that_was_never_proved_is_not_offered(laura):
    async with laura.sessions.begin() as db:
        await db.execute(text("UPDATE account SET phone_verified_at = NULL"))
    half = (await laura.starts()).session_id
    await laura.waits(31)
    assert await laura.resends(half, other_channel=True) == Waiting(Channel.EMAIL, None, 30)


async def test_codes_cannot_be_asked_for_without_end(laura):
    half = (await laura.starts()).session_id
    sent = 1
    for _ in range(10):
        await laura.waits(31)
        sent += isinstance(await laura.resends(half), Waiting)
    assert sent == 4  # three at once, then one every five minutes


STATES = [
    AccountState.SUSPENDED,
    AccountState.CLOSED,
    RecordState.SUSPENDED,
    RecordState.CLOSED,
    RecordState.OPPOSED,
    RecordState.DECEASED,
]


@pytest.mark.parametrize("state", STATES)
async def test_an_account_that_may_not_be_used_is_refused_at_every_step(laura, state):
    """Suspended before the password, before the sending, before the code, before the page."""
    done = await laura.signs_in()
    await laura.waits(60)
    half = (await laura.starts()).session_id
    code = (await laura.receives()).code
    await laura.waits(31)
    await laura.becomes(state)

    assert (await laura.types()).reason is Reason.PASSWORD
    async with laura.sessions.begin() as db:
        for challenge_id in (await db.scalars(select(Challenge.id))).all():
            assert await sign_in.send_code(db, challenge_id) is None
        assert await sign_in.waiting(db, half) is None
    assert (await laura.resends(half)).reason is Reason.UNUSABLE
    assert (await laura.enters(half, code)).reason is Reason.UNUSABLE
    assert await laura.is_seen_as(done.token) == Visitor()


async def test_a_suspension_waits_for_the_step_under_way_and_wins_the_next(laura):
    done = await laura.signs_in()
    await laura.becomes(AccountState.SUSPENDED)
    assert await laura.is_seen_as(done.token) == Visitor()
    await laura.becomes(AccountState.ACTIVE)
    assert isinstance(await laura.is_seen_as(done.token), Patient)


@asynccontextmanager
async def session_moved(laura: Laura, column: Any, by: timedelta) -> AsyncIterator[None]:
    async with laura.sessions.begin() as db:
        await db.execute(update(BrowserSession).values({column: column + by}))
    yield


async def test_fifteen_minutes_without_a_click_end_the_session(laura):
    token = (await laura.signs_in()).token
    async with session_moved(laura, BrowserSession.seen_at, timedelta(minutes=-14)):
        assert isinstance(await laura.is_seen_as(token), Patient)  # and counts as a click
    async with session_moved(laura, BrowserSession.seen_at, timedelta(minutes=-14)):
        assert isinstance(await laura.is_seen_as(token), Patient)
    async with session_moved(laura, BrowserSession.seen_at, timedelta(minutes=-15)):
        assert await laura.is_seen_as(token) == Visitor()


async def test_eight_hours_end_the_session_whatever_is_clicked(laura):
    token = (await laura.signs_in()).token
    async with session_moved(laura, BrowserSession.ends_at, -EIGHT_HOURS):
        assert await laura.is_seen_as(token) == Visitor()


async def test_a_session_is_written_at_most_once_a_minute(laura):
    token = (await laura.signs_in()).token
    before = await laura.one(select(BrowserSession.seen_at))
    await laura.is_seen_as(token)
    assert await laura.one(select(BrowserSession.seen_at)) == before


async def test_leaving_ends_the_session_at_once(laura):
    token = (await laura.signs_in()).token
    async with laura.sessions.begin() as db:
        await sign_in.leave(db, await sign_in.actor_of(db, token, idle=IDLE))
    assert await laura.is_seen_as(token) == Visitor()
    assert await laura.one(select(Trace.allowed).where(Trace.action == Action.SIGN_OUT))


async def test_somebody_half_way_may_leave_too(laura):
    started = await laura.starts()
    async with laura.sessions.begin() as db:
        await sign_in.leave(db, Visitor(half=started.session_id))
        await sign_in.leave(db, Visitor())
    assert await laura.count(BrowserSession) == 0
    assert await laura.count(Challenge) == 0


async def test_an_unknown_token_is_nobody(laura):
    assert await laura.is_seen_as("whatever") == Visitor()
    assert (await laura.enters(uuid4(), "123456")).reason is Reason.UNUSABLE


async def test_sessions_that_ended_are_forgotten(laura):
    await laura.starts()
    async with session_moved(laura, BrowserSession.ends_at, -EIGHT_HOURS):
        await laura.waits(60)
        await laura.signs_in()
    assert await laura.count(BrowserSession) == 1


async def test_an_old_hash_is_made_anew_at_the_next_sign_in(laura, vault):
    old = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    stored = old.hash(vault.mac("password", PASSWORD.encode()))
    async with laura.sessions.begin() as db:
        await db.execute(text("UPDATE account SET password_hash = :hash"), {"hash": stored})
    assert isinstance(await laura.types(), Started)
    fresh = await laura.one(select(Account.password_hash))
    assert "m=47104,t=1,p=1" in fresh
    assert await accounts.verify_password(vault, fresh, PASSWORD)


async def test_a_stolen_hash_is_worth_nothing_without_the_key(laura, vault):
    stored = await laura.one(select(Account.password_hash))
    assert await accounts.verify_password(vault, stored, PASSWORD)
    assert not await accounts.verify_password(Vault(bytes(32)), stored, PASSWORD)
    with pytest.raises(Exception, match="does not match"):
        accounts.HASHER.verify(stored, PASSWORD)


async def test_a_flood_of_passwords_is_told_to_come_back(vault, monkeypatch):
    answers = await asyncio.gather(
        *(accounts.verify_password(vault, None, "x") for _ in range(accounts.LANES + 40)),
        return_exceptions=True,
    )
    assert [type(answer).__name__ for answer in answers].count("Unavailable") == 8
    assert await accounts.verify_password(vault, None, "x") is False


async def test_an_identifier_is_taken_once(laura):
    with pytest.raises(Refused, match="déjà pris"):
        async with laura.sessions.begin() as db:
            record = await db.get_one(Record, laura.record_id)
            await accounts.create_account(
                db,
                Robot("demo"),
                record,
                identifier="LAURA.BERNARD",
                password="la-loire-au-petit-matin-84",
                email="laura@courriel.example",
            )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "laura.bernard"}, "trop facile"),
        ({"identifier": "nadia.c"}, "identifiant a 8"),
        ({"email": ""}, "adresse e-mail ou un numéro"),
        ({"email": "nadia@x,evil@y"}, "adresse e-mail n’est pas valide"),
    ],
)
async def test_an_account_is_made_of_good_parts(laura, given, said):
    parts = {
        "identifier": "laura.bernard2",
        "password": "la-loire-au-petit-matin-84",
        "email": "laura@courriel.example",
    }
    with pytest.raises(Refused, match=said):
        async with laura.sessions.begin() as db:
            record = await db.get_one(Record, laura.record_id)
            await accounts.create_account(db, Robot("demo"), record, **(parts | given))


async def test_every_limiter_has_a_line():
    assert all(limiter.burst > 0 for limiter in limits.LIMITERS.values())
    assert not limits.LIMITERS["otp-verify"].fail_open
