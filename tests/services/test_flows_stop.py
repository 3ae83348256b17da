"""What locks, closes or changes an account between two steps stops whatever was under way.

Each flow is a list of steps, the last of which succeeds. For each event and each place between two
steps, the flow is walked from the beginning and none of the steps after the event may succeed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from pyotp import TOTP
from sqlalchemy import func, select, text

from backend.access.actors import Patient
from backend.access.scopes import Moment, Policy
from backend.domain.credentials import Kind
from backend.domain.errors import Problem
from backend.domain.jobs import SendCode
from backend.gateways.breaches import Breaches
from backend.services import credentials, sign_in
from backend.services.sign_in import Complete, Rejected, Site, Started
from backend.storage.accounts import Channel, CredentialChange
from backend.storage.db import Sessions, utcnow
from backend.storage.outbox import OutboxRow
from tests.authenticators import ORIGIN, SITE, Authenticator
from tests.services.laura import HOME, PASSWORD, Laura

NEW, OTHER = "quatre-mots-que-rien-ne-lie-88", "cinq-autres-mots-sans-lien-77"
NONE = Breaches(None)
WHERE = Site(SITE, ORIGIN)


class Stopped(Exception):
    """A step said no."""


@dataclass
class Visit:
    """One walk through one flow: what a browser and a letter box keep from step to step.

    Codes are read as soon as they are sent: whatever happens afterwards, the person has them.
    """

    laura: Laura
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def sessions(self) -> Sessions:
        return self.laura.sessions

    @property
    async def actor(self) -> Patient:
        found = await self.laura.is_seen_as(self.kept["token"])
        if not isinstance(found, Patient):
            raise Stopped
        return found

    async def code(self, channel: Channel | None = None) -> str:
        """The newest code that the worker would send."""
        async with self.sessions.begin() as db:
            newest = select(OutboxRow.job).order_by(OutboxRow.created_at.desc())
            for job in await db.scalars(newest):
                promised = msgspec.json.decode(job)
                if promised["type"] != "send-code":
                    continue
                asked = msgspec.json.decode(job, type=SendCode)
                code = await sign_in.send_code(db, asked.challenge_id)
                if code and channel in {None, code.channel}:
                    return code.code
        raise Stopped


def went_on(answer: Any) -> Any:
    """The answer of a step that succeeded."""
    if answer is False or isinstance(answer, Rejected):
        raise Stopped
    return answer


async def signed_in(visit: Visit) -> None:
    visit.kept["token"] = (await visit.laura.signs_in()).token
    await visit.laura.waits(3600)


# --- the flows


async def types_password(visit: Visit) -> None:
    started = went_on(await visit.laura.types())
    assert isinstance(started, Started)
    visit.kept |= {"half": started.session_id, "code": await visit.code()}


async def enters_code(visit: Visit) -> None:
    done = went_on(await visit.laura.enters(visit.kept["half"], visit.kept["code"]))
    assert isinstance(done, Complete)


async def confirms_password(visit: Visit) -> None:
    went_on(await sign_in.begin_step_up(visit.sessions, await visit.actor, PASSWORD, address=HOME))
    visit.kept["code"] = await visit.code()


async def confirms_code(visit: Visit) -> None:
    actor = await visit.actor
    async with visit.sessions.begin() as db:
        went_on(await sign_in.step_up(db, actor, visit.kept["code"]))


async def gives_address(visit: Visit) -> None:
    actor = await visit.actor
    async with visit.sessions.begin() as db:
        to = "laura.nouvelle@courriel.example"
        went_on(await credentials.begin_channel(db, actor, Kind.EMAIL, to, address=HOME))
    visit.kept["code"] = await visit.code()


async def proves_address(visit: Visit) -> None:
    actor = await visit.actor
    async with visit.sessions.begin() as db:
        went_on(await credentials.finish_channel(db, actor, visit.kept["code"]))


async def sees_square(visit: Visit) -> None:
    actor = await visit.actor
    async with visit.sessions.begin() as db:
        offer = await credentials.offer_app(db, actor)
    assert offer
    visit.kept["secret"] = offer.secret


async def gives_app_code(visit: Visit) -> None:
    actor = await visit.actor
    async with visit.sessions.begin() as db:
        code = TOTP(visit.kept["secret"]).at(utcnow())
        went_on(await credentials.add_app(db, actor, code))


async def asks_passkey(visit: Visit) -> None:
    actor = await visit.actor
    async with visit.sessions.begin() as db:
        visit.kept["asked"] = await credentials.offer_passkey(db, WHERE, actor)


async def makes_passkey(visit: Visit) -> None:
    actor = await visit.actor
    made = Authenticator().make(visit.kept["asked"])
    async with visit.sessions.begin() as db:
        await credentials.add_passkey(db, WHERE, actor, made, name="")


async def says_who(visit: Visit) -> None:
    began = await credentials.begin_recovery(visit.sessions, "laura.bernard", address=HOME)
    visit.kept["way"] = went_on(began)
    visit.kept["email"] = await visit.code(Channel.EMAIL)
    visit.kept["sms"] = await visit.code(Channel.SMS)


async def gives_two_codes(visit: Visit) -> None:
    email, sms = visit.kept["email"], visit.kept["sms"]
    answer = await credentials.prove_recovery(
        visit.sessions, visit.kept["way"], credentials.Codes(email, sms)
    )
    if answer is None:
        raise Stopped
    visit.kept["way"] = went_on(answer)


async def chooses_password(visit: Visit) -> None:
    went_on(
        await credentials.finish_recovery(visit.sessions, visit.kept["way"], NEW, breaches=NONE)
    )


Step = Callable[[Visit], Awaitable[None]]
FLOWS: dict[str, list[Step]] = {
    "sign-in": [types_password, enters_code],
    "step-up": [signed_in, confirms_password, confirms_code],
    "channel": [signed_in, gives_address, proves_address],
    "application": [signed_in, sees_square, gives_app_code],
    "passkey": [signed_in, asks_passkey, makes_passkey],
    "recovery": [says_who, gives_two_codes, chooses_password],
}


# --- what happens meanwhile


async def locked(laura: Laura) -> None:
    async with laura.sessions.begin() as db:
        await db.execute(text("UPDATE account SET state = 'suspendu'"))


async def closed(laura: Laura) -> None:
    async with laura.sessions.begin() as db:
        await db.execute(text("UPDATE record SET state = 'ferme'"))
        await db.execute(text("UPDATE account SET state = 'ferme'"))


async def password_changed(laura: Laura) -> None:
    """From another browser, by the page."""
    visit = Visit(laura)
    await laura.waits(3600)
    started = await laura.starts()
    done = await laura.enters(started.session_id, await visit.code())
    assert isinstance(done, Complete)
    actor = await laura.is_seen_as(done.token)
    at = Moment.at(utcnow(), Policy())
    changed = await credentials.change_password(
        laura.sessions, actor, at, old=PASSWORD, new=OTHER, breaches=NONE
    )
    assert changed is None


EVENTS = {"lock": locked, "close": closed, "password": password_changed}
PLACES = [(name, place) for name, steps in FLOWS.items() for place in range(1, len(steps))]


@pytest.mark.parametrize("name", FLOWS)
async def test_a_flow_that_nothing_stops_goes_to_its_end(laura: Laura, name: str) -> None:
    visit = Visit(laura)
    for step in FLOWS[name]:
        await step(visit)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(("name", "place"), PLACES)
async def test_what_happens_between_two_steps_stops_the_flow(
    laura: Laura, name: str, place: int, event: str
) -> None:
    visit, steps = Visit(laura), FLOWS[name]
    for step in steps[:place]:
        await step(visit)
    await EVENTS[event](laura)
    before = await means(laura)
    assert not await goes_on(visit, steps[place:])
    assert await means(laura) == before, "and it changed nothing"


async def goes_on(visit: Visit, steps: list[Step]) -> bool:
    """Whether all of these steps succeed."""
    try:
        for step in steps:
            await step(visit)
    except (Stopped, Problem):
        return False
    return True


async def means(laura: Laura) -> tuple[Any, ...]:
    """All by which Laura signs in, and whether she is signed in."""
    async with laura.sessions.begin() as db:
        columns = "password_hash, sealed_email, sealed_phone, sealed_totp, state"
        account = (await db.execute(text(f"SELECT {columns} FROM account"))).one()
        passkeys = await db.scalar(text("SELECT count(*) FROM passkey"))
        logins = await db.scalar(text("SELECT count(*) FROM login"))
        changes = await db.scalar(select(func.count()).select_from(CredentialChange))
    return (*account, passkeys, logins, changes)


async def test_the_token_changes_at_each_proof(laura: Laura) -> None:
    """Whoever fixed a token before a step holds nothing after it."""
    visit = Visit(laura)
    await signed_in(visit)
    first = visit.kept["token"]
    await confirms_password(visit)
    actor = await visit.actor
    async with laura.sessions.begin() as db:
        second = went_on(await sign_in.step_up(db, actor, visit.kept["code"]))
    assert second != first
    assert not isinstance(await laura.is_seen_as(first), Patient)
    assert isinstance(await laura.is_seen_as(second), Patient)
    await says_who(visit)
    before = visit.kept["way"]
    await gives_two_codes(visit)
    assert visit.kept["way"] != before
    assert not await credentials.finish_recovery(laura.sessions, before, NEW, breaches=NONE)
