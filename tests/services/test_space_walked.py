"""A space walked at random through the real services: it is where the table says, or did not move.

And nobody is ever signed in without a second step (security.md §3.6): who holds a token is somebody
only if a code sent to their channel had been given with it, and nothing ended it since.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, text

from backend.access.actors import Patient
from backend.access.scopes import Moment, Policy
from backend.demo.people import JULIE
from backend.domain.activation import Purpose
from backend.domain.errors import Problem
from backend.domain.jobs import SendCode
from backend.domain.space import Event, State, after, allows
from backend.gateways.breaches import Breaches
from backend.services import closure, credentials, enrolment, even, sign_in
from backend.services.enrolment import Proved
from backend.services.enrolment.issuing import AGAIN, issue
from backend.services.sign_in import Complete, Rejected, Started
from backend.services.sign_in.sessions import hash_token
from backend.services.space import ENDED, hold
from backend.storage.accounts import BrowserSession, Channel, CredentialChange, Limit
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.outbox import OutboxRow
from backend.storage.records import ins_index
from backend.storage.vault import Vault
from tests.fixtures.application import settings_for
from tests.fixtures.database import Databases

IDENTIFIER, HOME = "julie.moreau", "192.0.2.35"
EMAIL, PHONE = "julie@courriel.example", "+33639980188"
PASSWORDS = [f"{number}-oiseaux-sur-le-fil-bleu" for number in ("quatre", "douze", "vingt")]
WORDS, LASTS = Breaches(None), timedelta(hours=8)
Walk = Callable[[], Awaitable[bool]]


class Julie(RuleBasedStateMachine):
    """Julie, from her letter on. What is refused raises, ends, or says so: all the same here."""

    databases: Databases
    template: str
    vault: Vault

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.url = self.databases.copy(self.template)
        self.engine = make_engine(self.url)
        self.sessions = make_sessions(self.engine, self.vault)
        self.state, self.password = State.OPEN, ""
        self.link, self.before = "", ""
        """Of the newest change, while it can be undone; the password before it."""
        self.halves: list[str] = []
        """Tokens of browsers that gave the password only."""
        self.inside: list[str] = []
        """Tokens of browsers that passed both steps, ended or not."""
        self.record_id = self.run(self.find())

    def teardown(self) -> None:
        self.run(self.engine.dispose())
        self.loop.close()
        self.databases.drop(self.url)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def find(self) -> UUID:
        index = ins_index(self.vault, JULIE.traits.oid, JULIE.traits.matricule)
        async with self.sessions.begin() as db:
            query = text("SELECT record_id FROM identity WHERE ins_index = :i")
            return UUID(str(await db.scalar(query, {"i": index})))

    def happens(self, event: Event, walk: Walk, *more: Event) -> bool:
        """The whole flow of one event: it goes to its end when the table says so, or not at all."""
        done: bool = self.run(self.tries(walk))
        assert done is all(allows(self.state, one) for one in (event, *more)), self.state
        if done:
            self.state = after(self.state, event)
        return done

    async def tries(self, walk: Walk) -> bool:
        """Whether it went to its end. Time passes first: no limit is met, no old code is there."""
        async with self.sessions.begin() as db:
            for table in (Limit, OutboxRow):
                await db.execute(delete(table))
        try:
            return await walk()
        except Problem:
            return False

    async def code(self, channel: Channel) -> str:
        """The newest that the worker would send there."""
        async with self.sessions.begin() as db:
            newest = select(OutboxRow.job).order_by(OutboxRow.created_at.desc())
            for job in (await db.scalars(newest)).all():
                if msgspec.json.decode(job)["type"] != "send-code":
                    continue
                promised = msgspec.json.decode(job, type=SendCode)
                code = await sign_in.send_code(db, promised.challenge_id)
                if code and code.channel is channel:
                    return code.code
        raise AssertionError("no code")

    # --- without a session

    async def proves_identity(self, purpose: Purpose) -> str:
        """A provisional code by post, then the three together; nothing when led elsewhere."""
        async with self.sessions.begin() as db:
            space = await hold(db, self.record_id)
            fresh = await issue(db, AGAIN, space.record, by="email", life=LASTS)
            letter = await enrolment.to_send(db, fresh.id)
            token = await enrolment.begin(db, purpose)
        async with self.sessions.begin() as db:
            way = await enrolment.find(db, token)
            assert way
            assert letter
            nir, serial = JULIE.traits.matricule, JULIE.vitale
            await enrolment.keep(db, way, code=letter.code, nir=nir, serial=serial)
        said = await enrolment.prove(self.sessions, token, address=HOME)
        return said.token if isinstance(said, Proved) else ""

    @rule(password=st.sampled_from(PASSWORDS))
    def activates_or_comes_back(self, password: str) -> None:
        async def walk() -> bool:
            if not (token := await self.proves_identity(Purpose.ACTIVATION)):
                return False
            for channel in (None, Channel.EMAIL, Channel.SMS):
                code = await self.code(channel) if channel else ""
                async with self.sessions.begin() as db:
                    way = await enrolment.find(db, token)
                    assert way
                    if channel:
                        said = await enrolment.verify(db, way, code, address=HOME)
                    else:
                        said = await enrolment.choose(
                            db, way, email=EMAIL, phone=PHONE, address=HOME
                        )
                    assert not isinstance(said, Rejected)
            done = await enrolment.finish(
                self.sessions,
                token,
                identifier=IDENTIFIER,
                password=password,
                breaches=WORDS,
                browser="",
                address=HOME,
                lasts=LASTS,
            )
            assert isinstance(done, Complete)
            self.inside.append(done.token)
            return True

        event = Event.REOPEN if self.state in ENDED else Event.ACTIVATE
        if self.happens(event, walk):
            self.password, self.link = password, ""

    @rule(erase=st.booleans())
    def refuses(self, *, erase: bool) -> None:
        async def walk() -> bool:
            if not (token := await self.proves_identity(Purpose.REFUSAL)):
                return False
            async with self.sessions.begin() as db:
                way = await enrolment.find(db, token)
                assert way
                await enrolment.refuse_space(db, way, erase=erase)
            return True

        if self.happens(Event.REFUSE, walk) and erase:
            self.state = after(self.state, Event.ASK_ERASURE)

    @rule(password=st.sampled_from(PASSWORDS))
    def recovers(self, password: str) -> None:
        async def walk() -> bool:
            token = await credentials.begin_recovery(self.sessions, IDENTIFIER, address=HOME)
            assert isinstance(token, str)
            if not allows(self.state, Event.RECOVER):  # nothing left for anybody
                codes = credentials.Codes("000000", "000000")
            else:
                email, sms = await self.code(Channel.EMAIL), await self.code(Channel.SMS)
                assert isinstance(
                    await credentials.prove_recovery(
                        self.sessions, token, credentials.Codes(email=email)
                    ),
                    Rejected,
                ), "one proof is none"
                codes = credentials.Codes(email, sms)
            proved = await credentials.prove_recovery(self.sessions, token, codes)
            return isinstance(proved, str) and await credentials.finish_recovery(
                self.sessions, proved, password, breaches=WORDS
            )

        if self.happens(Event.RECOVER, walk):
            self.run(self.changed(password))

    @precondition(lambda self: self.link)
    @rule()
    def says_that_it_was_somebody_else(self) -> None:
        async def walk() -> bool:
            async with self.sessions.begin() as db:
                return await credentials.cancel(db, self.link)

        if self.happens(Event.CANCEL_CHANGE, walk):
            self.password, self.link = self.before, ""

    # --- with one

    @rule()
    def gives_the_password_alone(self) -> None:
        async def walk() -> bool:
            return await self.types() is not None

        self.run(self.tries(walk))

    async def types(self) -> Started | None:
        started = await sign_in.start(self.sessions, IDENTIFIER, self.password, address=HOME)
        if not isinstance(started, Started):
            return None
        self.halves.append(started.token)
        return started

    async def comes_in(self) -> Patient | None:
        """Both steps, a wrong code first."""
        if (started := await self.types()) is None:
            return None
        code = await self.code(Channel.EMAIL)
        wrong = "000000" if code != "000000" else "000001"
        async with self.sessions.begin() as db:
            done = await sign_in.verify(db, started.session_id, wrong, lasts=LASTS)
            assert isinstance(done, Rejected)
        async with self.sessions.begin() as db:
            done = await sign_in.verify(db, started.session_id, code, lasts=LASTS)
        assert isinstance(done, Complete)
        self.inside.append(done.token)
        actor = await self.seen(done.token)
        assert isinstance(actor, Patient)
        return actor

    async def seen(self, token: str) -> Any:
        async with self.sessions.begin() as db:
            return await sign_in.actor_of(db, token, idle=LASTS, policy=Policy())

    @rule()
    def signs_in(self) -> None:
        async def walk() -> bool:
            return await self.comes_in() is not None

        self.happens(Event.SIGN_IN, walk)

    @rule()
    def changes_the_password(self) -> None:
        new = PASSWORDS[(PASSWORDS.index(self.password) + 1) % 3] if self.password else PASSWORDS[0]

        async def walk() -> bool:
            if (actor := await self.comes_in()) is None:
                return False
            at, old = Moment.at(utcnow(), Policy()), self.password
            said = await credentials.change_password(
                self.sessions, actor, at, old=old, new=new, breaches=WORDS
            )
            return said is None

        if self.happens(Event.CHANGE_CREDENTIAL, walk, Event.SIGN_IN):
            self.run(self.changed(new))

    async def changed(self, password: str) -> None:
        """Noted, and told on the channels of before: the link is in the letter."""
        self.before, self.password = self.password, password
        async with self.sessions.begin() as db:
            newest = select(CredentialChange.id).order_by(CredentialChange.at.desc()).limit(1)
            change = await db.scalar(newest)
            assert change
            letter = await credentials.letter_for(db, change, Channel.EMAIL)
            assert letter
            self.link = letter.token

    @rule(erase=st.booleans())
    def closes(self, *, erase: bool) -> None:
        """A day after the last change: before, it would have to wait."""

        async def walk() -> bool:
            async with self.sessions.begin() as db:
                await db.execute(text("UPDATE credential_change SET until = at"))
            self.link = ""
            if (actor := await self.comes_in()) is None:
                return False
            async with self.sessions.begin() as db:
                await closure.close(db, actor, Moment.at(utcnow(), Policy()), erase=erase)
            return True

        self.happens(Event.ASK_ERASURE if erase else Event.CLOSE, walk, Event.SIGN_IN)

    # --- always

    @invariant()
    def it_is_where_the_table_says(self) -> None:
        async def stored() -> State:
            async with self.sessions.begin() as db:
                return (await hold(db, self.record_id)).state

        assert self.run(stored()) is self.state

    @invariant()
    def nobody_is_in_without_a_second_step(self) -> None:
        async def complete() -> list[bytes]:
            async with self.sessions.begin() as db:
                query = select(BrowserSession.token_hash).where(BrowserSession.complete)
                return list(await db.scalars(query))

        assert {*self.run(complete())} <= {hash_token(token) for token in self.inside}
        for token in self.halves:
            assert not isinstance(self.run(self.seen(token)), Patient)
        if self.state is not State.ACTIVE:
            for token in self.inside:
                assert not isinstance(self.run(self.seen(token)), Patient)


@pytest.fixture
def julie(
    databases: Databases,
    world_template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> type[Julie]:
    monkeypatch.setattr(even, "FLOOR", 0.0)
    Julie.databases, Julie.template = databases, world_template
    Julie.vault = Vault(settings_for(world_template, tmp_path).root_key)
    return Julie


def test_a_space_walked_at_random_is_where_the_table_says(julie: type[Julie]) -> None:
    few = settings(
        max_examples=4,
        stateful_step_count=10,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(julie, settings=few)


def test_every_event_is_reached(julie: type[Julie]) -> None:
    """The control: these steps are not refused by something else than the table."""
    walked = julie()
    try:
        for step, state in (
            (lambda: walked.refuses(erase=False), State.OPPOSED),
            (lambda: walked.activates_or_comes_back(PASSWORDS[0]), State.ACTIVE),
            (walked.gives_the_password_alone, State.ACTIVE),
            (walked.signs_in, State.ACTIVE),
            (walked.changes_the_password, State.ACTIVE),
            (walked.says_that_it_was_somebody_else, State.LOCKED),
            (lambda: walked.recovers(PASSWORDS[2]), State.ACTIVE),
            (lambda: walked.closes(erase=False), State.CLOSED),
            (lambda: walked.activates_or_comes_back(PASSWORDS[1]), State.ACTIVE),
            (lambda: walked.closes(erase=True), State.ERASING),
        ):
            step()  # type: ignore[no-untyped-call]
            assert walked.state is state
            walked.it_is_where_the_table_says()
            walked.nobody_is_in_without_a_second_step()
    finally:
        walked.teardown()
