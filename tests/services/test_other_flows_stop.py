"""Between two steps of what a family does, of closing, of taking one's data away: the same stops.

`test_flows_stop.py` is about signing in and its means, one person alone. Here whoever does the next
step is locked, closed or changes their password meanwhile; then whoever asked the first.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.access.actors import Patient
from backend.access.doors import SignInFirst
from backend.access.scopes import Moment, Policy
from backend.demo.people import KARIM, LAURA, LEA, NADIA, NOE, Someone
from backend.domain.caregiving import Mandate
from backend.domain.errors import Problem
from backend.domain.sharing import Invitee
from backend.gateways.breaches import Breaches
from backend.gateways.files import Files, open_files
from backend.services import caregiving, closure, credentials, even, exports, profiles, sharing
from backend.settings import Settings
from backend.storage.db import Sessions, make_engine, make_sessions, utcnow
from backend.storage.records import ins_index
from backend.storage.vault import Vault

NEW = "quatre-mots-que-rien-ne-lie-88"
POLICY = Policy(caregivers=True)
WORDS = Breaches(None)
HOUR = timedelta(hours=1)


class Stopped(Exception):
    """A step said no."""


@dataclass
class Family:
    """The demonstration's people, straight through the services, and what they keep on the way."""

    sessions: Sessions
    vault: Vault
    files: Files
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> Moment:
        return Moment.at(utcnow(), POLICY)

    async def ask(self, statement: str, **values: Any) -> Any:
        async with self.sessions.begin() as db:
            return (await db.execute(text(statement), values)).scalar()

    async def record(self, someone: Someone) -> UUID:
        index = ins_index(self.vault, someone.traits.oid, someone.traits.matricule)
        found: UUID = await self.ask("SELECT record_id FROM identity WHERE ins_index = :i", i=index)
        return found

    async def enters(self, someone: Someone) -> Patient:
        """In a browser of their own, their own record on the screen."""
        record, session = await self.record(someone), uuid4()
        account = await self.ask("SELECT id FROM account WHERE record_id = :r", r=record)
        await self.ask(
            "INSERT INTO browser_session (id, token_hash, account_id, created_at, seen_at, ends_at,"
            " complete, browser, means) VALUES (:id, :token, :account, :now, :now, :end, true, '',"
            " '') RETURNING 1",
            id=session,
            token=session.bytes,
            account=account,
            now=utcnow(),
            end=utcnow() + HOUR,
        )
        return Patient(account, record, record, session)

    async def effects(self) -> tuple[Any, ...]:
        """What these flows are for: who represents, who helps, which spaces are open."""
        counts = [
            await self.ask(f"SELECT count(*) FROM {table} WHERE {which}")
            for table, which in (
                ("guardianship", "revoked_at IS NULL"),
                ("delegation", "accepted_at IS NOT NULL"),
                ("invitation", "answered_at IS NOT NULL"),
            )
        ]
        states = await self.ask("SELECT array_agg(state ORDER BY id) FROM record")
        return (*counts, *states)


@pytest.fixture
async def family(world_url: str, settings: Settings, tmp_path: Path) -> AsyncIterator[Family]:
    """Noé's profile is not opened yet; everybody is signed in."""
    engine = make_engine(world_url)
    vault = Vault(settings.root_key)
    family = Family(make_sessions(engine, vault), vault, open_files(f"file://{tmp_path / 'blobs'}"))
    noe = await family.record(NOE)
    await family.ask("DELETE FROM guardianship WHERE record_id = :r RETURNING 1", r=noe)
    await family.ask(
        "UPDATE record SET state = 'ouvert', attached_to = :k WHERE id = :r RETURNING 1",
        k=await family.record(KARIM),
        r=noe,
    )
    for someone in (LAURA, KARIM, NADIA):
        family.kept[someone.key] = await family.enters(someone)
    yield family
    await engine.dispose()


# --- the flows


def invitee(someone: Someone) -> Invitee:
    assert someone.traits.birth_date
    return Invitee(someone.traits.birth_name, someone.traits.birth_date, someone.traits.matricule)


async def invites(family: Family) -> None:
    karim = replace(family.kept["karim"], record_id=await family.record(LEA))
    async with family.sessions.begin() as db:
        await sharing.invite(db, karim, family.now, invitee(NADIA))


async def accepts(family: Family) -> None:
    nadia, at = family.kept["nadia"], family.now
    async with family.sessions.begin() as db:
        for asked in await sharing.received(db, nadia, at):
            return await sharing.answer(db, nadia, at, asked.id, accept=True)
    raise Stopped


async def sees_a_child(family: Family) -> None:
    async with family.sessions.begin() as db:
        found = await profiles.attachable(db, family.kept["karim"], family.now)
    family.kept["child"] = found[0].id


async def opens_its_profile(family: Family) -> None:
    async with family.sessions.begin() as db:
        await profiles.attach(db, family.kept["karim"], family.now, family.kept["child"])


async def asks_for_help(family: Family) -> None:
    at = family.now
    async with family.sessions.begin() as db:
        until = at.today + timedelta(days=30)
        laura, nadia = family.kept["laura"], invitee(NADIA)
        await caregiving.ask(db, laura, at, nadia, mandate=Mandate.READ, until=until)


async def helps(family: Family) -> None:
    nadia, at = family.kept["nadia"], family.now
    async with family.sessions.begin() as db:
        for asked in await caregiving.asked_of(db, nadia, at):
            return await caregiving.answer(db, nadia, at, asked.id, accept=True)
    raise Stopped


async def reads_what_closing_means(family: Family) -> None:
    async with family.sessions.begin() as db:
        assert await closure.may_close(db, family.kept["laura"], family.now)


async def closes(family: Family) -> None:
    async with family.sessions.begin() as db:
        await closure.close(db, family.kept["laura"], family.now, erase=True)


async def wants_her_data(family: Family) -> None:
    async with family.sessions.begin() as db:
        assert await exports.ask(db, family.kept["laura"], family.now) is None
    family.kept["export"] = await family.ask("SELECT id FROM export")


async def it_is_made(family: Family) -> None:
    """By the worker."""
    async with family.sessions.begin() as db:
        if not await exports.make(db, family.now, family.files, family.kept["export"]):
            raise Stopped


async def takes_it(family: Family) -> None:
    laura, export = family.kept["laura"], family.kept["export"]
    async with family.sessions.begin() as db:
        assert await exports.take(db, laura, family.now, family.files, export)


@dataclass(frozen=True)
class Flow:
    first: Someone
    """Who does the first step."""
    last: Someone
    """Who does those after it."""
    steps: tuple[Callable[[Family], Awaitable[None]], ...]


FLOWS = {
    "sharing": Flow(KARIM, NADIA, (invites, accepts)),
    "attaching": Flow(KARIM, KARIM, (sees_a_child, opens_its_profile)),
    "aidant": Flow(LAURA, NADIA, (asks_for_help, helps)),
    "closing": Flow(LAURA, LAURA, (reads_what_closing_means, closes)),
    "export": Flow(LAURA, LAURA, (wants_her_data, it_is_made, takes_it)),
}
PLACES = [(name, place) for name, flow in FLOWS.items() for place in range(1, len(flow.steps))]
BY_TWO = [name for name, flow in FLOWS.items() if flow.first is not flow.last]


# --- what happens meanwhile


async def locked(family: Family, someone: Someone) -> None:
    account = family.kept[someone.key].id
    await family.ask("UPDATE account SET state = 'suspendu' WHERE id = :a RETURNING 1", a=account)


async def closed(family: Family, someone: Someone) -> None:
    actor = family.kept[someone.key]
    await family.ask(
        "UPDATE record SET state = 'ferme' WHERE id = :r RETURNING 1", r=actor.own_record_id
    )
    await family.ask("UPDATE account SET state = 'ferme' WHERE id = :a RETURNING 1", a=actor.id)


async def password_changed(family: Family, someone: Someone) -> None:
    """From another browser of theirs."""
    other, old = await family.enters(someone), someone.password
    changed = await credentials.change_password(
        family.sessions, other, family.now, old=old, new=NEW, breaches=WORDS
    )
    assert changed is None


EVENTS = {"lock": locked, "close": closed, "password": password_changed}


async def goes_on(family: Family, steps: tuple[Callable[[Family], Awaitable[None]], ...]) -> bool:
    """Whether all of these steps succeed."""
    try:
        for step in steps:
            await step(family)
    except (Stopped, Problem, SignInFirst):
        return False
    return True


@pytest.mark.parametrize("name", FLOWS)
async def test_a_flow_that_nothing_stops_goes_to_its_end(family: Family, name: str) -> None:
    before = await family.effects()
    assert await goes_on(family, FLOWS[name].steps)
    assert (await family.effects() != before) is (name != "export")


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(("name", "place"), PLACES)
async def test_what_happens_to_whoever_goes_on_stops_the_flow(
    family: Family, name: str, place: int, event: str
) -> None:
    flow = FLOWS[name]
    assert await goes_on(family, flow.steps[:place])
    await EVENTS[event](family, flow.last)
    before = await family.effects()
    assert not await goes_on(family, flow.steps[place:])
    assert await family.effects() == before, "and it changed nothing"


@pytest.mark.parametrize("event", ["lock", "close"])
@pytest.mark.parametrize("name", BY_TWO)
async def test_what_happens_to_whoever_asked_stops_whoever_answers(
    family: Family, name: str, event: str
) -> None:
    """« Ce n’est pas moi » locks an account: what a thief asked from it is granted to nobody."""
    flow = FLOWS[name]
    assert await goes_on(family, flow.steps[:1])
    await EVENTS[event](family, flow.first)
    before = await family.effects()
    assert not await goes_on(family, flow.steps[1:])
    assert await family.effects() == before


@pytest.mark.parametrize(
    ("event", "sent"), [("", True), ("lock", True), ("password", True), ("close", False)]
)
async def test_a_forgotten_identifier_leaves_for_whoever_may_still_recover(
    family: Family, monkeypatch: pytest.MonkeyPatch, event: str, *, sent: bool
) -> None:
    """It opens nothing alone, and who is locked needs it: closing only stops it."""
    monkeypatch.setattr(even, "FLOOR", 0.0)
    laura, born = family.kept["laura"], LAURA.traits.birth_date
    assert born
    nir = LAURA.traits.matricule
    asked = await credentials.send_identifier(family.sessions, nir=nir, born=born, address="::1")
    assert asked is None
    waiting = "SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'tell-identifier/%'"
    assert await family.ask(waiting) == 1
    if event:
        await EVENTS[event](family, LAURA)
    async with family.sessions.begin() as db:
        letter = await credentials.identifier_letter(db, laura.id)
    assert (letter is not None) is sent
