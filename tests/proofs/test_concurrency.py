"""Everything that must happen once, or one after the other, attacked by many at once.

Each attack is also run on a naive variant (read, then write what was read), with the readers held
until enough of them have read: it must win there, or it would prove nothing here.
"""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import cycle
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from time import perf_counter, time
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient, Request, Response
from joserfc import jwt
from joserfc.jwk import ECKey
from msgspec.structs import replace
from sqlalchemy import Select, delete, event, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from backend.access.scopes import deposited_by
from backend.demo.people import ESTUAIRE, JULIE, KARIM, LAURA, LEA, NADIA
from backend.demo.reports import DemoDeposit
from backend.domain.activation import CODE_TRIES as LETTER_TRIES
from backend.domain.activation import Purpose
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Identifier, Report
from backend.domain.sign_in import CODE_TRIES
from backend.gateways.oauth import ASSERTION_TYPE, OAuthError
from backend.services import documents, enrolment, journal, limits, machines
from backend.services.deposits import lookup
from backend.services.sign_in import challenges, sessions, totp
from backend.storage import traces
from backend.storage.accounts import Account, Ceremony, Challenge, Limit
from backend.storage.db import AsyncSession, utcnow
from backend.storage.documents import Document, Version
from backend.storage.structures import MachineClient, UsedAssertion
from backend.storage.traces import record_trace
from backend.web.cookies import SESSION
from tests.fixtures.alarm import watched
from tests.fixtures.database import Databases
from tests.laboratory import Laboratory
from tests.pages import text_of
from tests.patient.changing import record_of
from tests.proofs import once
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crowds import PATIENCE, Crowd, Doors, open_doors, serving

Patch = pytest.MonkeyPatch
Reports = dict[str, DemoDeposit]
ROOT = Path(__file__).parents[2]
ATTACKING = ContextVar("attacking", default=False)
"""Set in a test and in the requests that it sends, not in the worker."""
RECEIPT = re.compile(r"R-\d{8}-[0-9A-F]{10}")
GUESSES, REDEMPTIONS = 60, 50
deposits: Any = import_module("backend.services.deposits")
actions: Any = import_module("backend.services.deposits.actions")
desk: Any = import_module("backend.interop.desk")
passkeys: Any = import_module("backend.services.sign_in.passkeys")
proving: Any = import_module("backend.services.enrolment.proving")
"""Modules whose names are replaced by naive ones."""


@pytest.fixture(scope="module")
async def doors(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    url = databases.copy(world_template)
    async with open_doors(url, tmp_path_factory.mktemp("doors")) as doors:
        yield doors
    databases.drop(url)


@pytest.fixture
async def bare_doors(
    databases: Databases, world_template: str, tmp_path: Path
) -> AsyncIterator[Doors]:
    """The same, on a database that has forgotten what must be unique: for naive variants."""
    url = databases.copy(world_template)
    async with open_doors(url, tmp_path) as doors:
        for table, name in (
            ("version", "uq_version_unique_index"),
            ("version", "uq_version_document_id_number"),
            ("document", "uq_document_record_id_set_index"),
            ("visibility_change", "uq_visibility_change_document_id_number"),
            ("receipt", "uq_receipt_message_index"),
            ("trace", "uq_trace_lane_number"),
        ):
            async with doors.state.sessions.begin() as db:
                await db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        yield doors
    databases.drop(url)


# --- guesses of a one-time code


async def guess(doors: Doors) -> tuple[int, bool]:
    """How many of sixty guesses at once were compared; whether the code still opens after them."""
    cookies, code = await doors.half_way(LAURA)
    wrong = [f"{number:06}" for number in range(GUESSES + 1) if f"{number:06}" != code]
    forms = [doors.form("/connexion/code", cookies, code=typed) for typed in wrong[:GUESSES]]
    answers = await doors.at_once(forms)
    (late,) = await doors.at_once([doors.form("/connexion/code", cookies, code=code)])
    compared = sum("n’est pas le bon" in text_of(answer) for answer in answers)
    return compared, late.headers.get("location") == "/"


async def test_parallel_guesses_share_five_tries(
    doors: Doors, scale: Scale, figure: Figure
) -> None:
    guessed = [await guess(doors) for _ in range(scale.of(2, 80))]
    assert set(guessed) == {(CODE_TRIES, False)}
    figure(f"{GUESSES} guesses of a code at once: compared", max(guessed)[0])


@pytest.mark.parametrize("wall", ["the session is locked", "the try is one statement"])
async def test_either_wall_holds_alone(doors: Doors, monkeypatch: Patch, wall: str) -> None:
    if wall == "the session is locked":
        count_naively(monkeypatch, Crowd(8))
    else:
        unlock_half_sessions(monkeypatch)
    assert await guess(doors) == (CODE_TRIES, False)


async def test_guesses_beat_a_counter_that_is_read_then_written(
    doors: Doors, monkeypatch: Patch
) -> None:
    unlock_half_sessions(monkeypatch)
    count_naively(monkeypatch, Crowd(8))
    assert (await guess(doors))[0] > CODE_TRIES


def unlock_half_sessions(monkeypatch: Patch) -> None:
    halfway = sessions.halfway

    async def unlocked(db: Any, half: UUID) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(sessions, "select", lambda *what: unlocking(select(*what)))
            return await halfway(db, half)

    monkeypatch.setattr(sessions, "halfway", unlocked)


def count_naively(monkeypatch: Patch, crowd: Crowd) -> None:
    """The classic: read how many tries there were, check, write one more."""

    async def take_a_try(db: Any, errand: challenges.Errand) -> Challenge | None:
        live = select(Challenge).where(
            errand.here,
            Challenge.consumed_at.is_(None),
            Challenge.superseded_at.is_(None),
            Challenge.tries < CODE_TRIES,
        )
        found: Challenge | None = await db.scalar(live)
        await crowd.gather()
        if found:
            tries = update(Challenge).where(Challenge.id == found.id).values(tries=found.tries + 1)
            await db.execute(tries, execution_options={"synchronize_session": False})
        return found

    async def consume(db: Any, challenge: Challenge) -> bool:
        used = update(Challenge).where(Challenge.id == challenge.id).values(consumed_at=utcnow())
        await db.execute(used, execution_options={"synchronize_session": False})
        return True

    monkeypatch.setattr(challenges, "_take_a_try", take_a_try)
    monkeypatch.setattr(challenges, "_consume", consume)


class Unlocked(Select[Any]):
    """A query whose author forgot the lock."""

    inherit_cache = True

    def with_for_update(self, **_: Any) -> "Unlocked":
        return self


def unlocking(query: Select[Any]) -> Select[Any]:
    query.__class__ = Unlocked
    return query


# --- guesses of a password


async def try_passwords(doors: Doors) -> int:
    """How many of sixty wrong passwords at once, from sixty addresses, were compared."""
    await doors.forget_limits()
    (shown,) = await doors.at_once([doors.page("/connexion", {})])
    cookies = dict(shown.cookies)

    async def send(number: int) -> Response:
        app: Any = watched(doors.apps[number % 2])
        transport = ASGITransport(app=app, client=(f"192.0.2.{number}", 1))
        request = doors.form(
            "/connexion", cookies, identifiant=NADIA.identifier, mot_de_passe=f"pas-{number}-le-bon"
        )
        async with AsyncClient(transport=transport) as client:
            return await client.send(request)

    answers = await asyncio.wait_for(asyncio.gather(*map(send, range(GUESSES))), PATIENCE)
    return sum("ne convient pas" in text_of(answer) for answer in answers)


async def test_parallel_passwords_share_five_tries(
    doors: Doors, scale: Scale, figure: Figure
) -> None:
    compared = [await try_passwords(doors) for _ in range(scale.of(2, 80))]
    assert set(compared) == {limits.LIMITERS["login-account"].burst}
    figure(f"{GUESSES} passwords at once: compared", max(compared))


async def test_passwords_beat_a_limiter_that_is_read_then_written(
    doors: Doors, monkeypatch: Patch
) -> None:
    crowd = Crowd(8)

    async def count(db: Any, limiter: limits.Limiter, key: bytes, now: datetime) -> int:
        arrival = await db.scalar(select(Limit.arrival).where(Limit.key == key))
        if limiter is limits.LIMITERS["login-account"]:
            await crowd.gather()
        if arrival and arrival > now + limiter.every * (limiter.burst - 1):
            return 60
        later = max(arrival or now, now) + limiter.every
        row = insert(Limit).values(key=key, arrival=later)
        await db.execute(
            row.on_conflict_do_update(index_elements=[Limit.key], set_={"arrival": later})
        )
        return 0

    monkeypatch.setattr(limits, "_count", count)
    assert await try_passwords(doors) > limits.LIMITERS["login-account"].burst


# --- what may be used once


async def redeem(doors: Doors) -> int:
    """How often fifty uses at once of the right code give a session.

    The clicks that come second are led home, to the session that the first one opened.
    """
    cookies, code = await doors.half_way(KARIM)
    forms = [doors.form("/connexion/code", cookies, code=code) for _ in range(REDEMPTIONS)]
    answers = await doors.at_once(forms)
    opened = [answer for answer in answers if answer.cookies.get(SESSION)]
    assert all(answer.headers["location"] == "/" for answer in opened)
    if len(opened) == 1:
        await _check_rotation(doors, cookies, cookies | dict(opened[0].cookies))
    return len(opened)


async def _check_rotation(doors: Doors, old: dict[str, str], new: dict[str, str]) -> None:
    """The half session's token is dead everywhere; the new one is the only one."""
    by_door = [doors.page("/", old), doors.page("/", old), doors.page("/", new)]
    *gone, home = await doors.at_once([*by_door, doors.page("/", new)])
    assert [answer.status_code for answer in gone[:2]] == [303, 303]
    assert (gone[2].status_code, home.status_code) == (200, 200)


async def test_a_code_opens_once(doors: Doors, scale: Scale, figure: Figure) -> None:
    logins = await doors.ask("SELECT count(*) FROM login")
    rounds = scale.of(2, 80)
    opened = [await redeem(doors) for _ in range(rounds)]
    assert set(opened) == {1}
    assert await doors.ask("SELECT count(*) FROM login") == logins + rounds
    figure(f"{REDEMPTIONS} uses of a code at once: opened", max(opened))


async def test_a_code_that_is_checked_then_used_opens_several_times(
    doors: Doors, monkeypatch: Patch
) -> None:
    unlock_half_sessions(monkeypatch)
    count_naively(monkeypatch, Crowd(8))
    assert await redeem(doors) > 1


SIGNING_KEY = ECKey.generate_key("P-256", {"kid": "2026"})
MODERN = "sgl-moderne"


@pytest.fixture(scope="module")
async def modern(doors: Doors) -> str:
    """A laboratory system that proves itself with a signature."""
    async with doors.state.sessions.begin() as db:
        first = select(MachineClient).where(MachineClient.client_id == ESTUAIRE.client_id)
        db.add(
            MachineClient(
                client_id=MODERN,
                structure_id=(await db.scalars(first)).one().structure_id,
                jwks={"keys": [SIGNING_KEY.as_dict(private=False)]},
            )
        )
    return MODERN


async def sign_once(doors: Doors, client_id: str) -> int:
    """How many tokens fifty uses at once of one assertion give."""
    await doors.forget_limits()
    claims: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": "http://127.0.0.1:8000/oauth/token",
    }
    claims |= {"jti": token_urlsafe(12), "exp": int(time()) + 50}
    signed = jwt.encode({"alg": "ES256", "kid": "2026"}, claims, SIGNING_KEY)
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    form["client_assertion"] = signed
    tokens = "SELECT count(*) FROM machine_token"
    before = await doors.ask(tokens)
    answers = await doors.at_once(
        [doors.clients[0].build_request("POST", "/oauth/token", data=form) for _ in range(50)]
    )
    given = sum(answer.status_code == 200 for answer in answers)
    assert await doors.ask(tokens) == before + given
    return given


async def test_an_assertion_is_used_once(
    doors: Doors, modern: str, scale: Scale, figure: Figure
) -> None:
    given = [await sign_once(doors, modern) for _ in range(scale.of(3, 80))]
    assert set(given) == {1}
    figure(f"{REDEMPTIONS} uses of an assertion at once: tokens", max(given))


async def test_an_assertion_that_is_checked_then_noted_is_used_several_times(
    doors: Doors, modern: str, monkeypatch: Patch
) -> None:
    crowd = Crowd(8)

    async def use_once(db: Any, client: MachineClient, claims: Any, _now: datetime) -> None:
        used = select(UsedAssertion).where(UsedAssertion.jti == claims.jti)
        if await db.scalar(used):
            raise OAuthError("invalid_client", "", 401)
        await crowd.gather()
        row = insert(UsedAssertion).values(
            client_id=client.id, jti=claims.jti, expires_at=claims.exp
        )
        await db.execute(row.on_conflict_do_nothing())

    monkeypatch.setattr(machines, "_use_once", use_once)
    assert await sign_once(doors, modern) > 1


@pytest.mark.parametrize("name", once.WAYS)
async def test_whatever_serves_once_serves_once(doors: Doors, name: str, figure: Figure) -> None:
    way = once.WAYS[name]
    async with once.put_back(doors):
        assert await serve(doors, way) == 1
    figure(f"{once.USES} uses at once of {name}: served", 1)


def test_each_column_that_remembers_it_is_attacked_or_says_why_not() -> None:
    attacked = {column for way in once.WAYS.values() for column in way.columns}
    assert once.columns_like_it() == attacked | once.ELSEWHERE.keys() | once.OFTEN.keys()


def test_a_new_column_that_remembers_it_is_noticed() -> None:
    for name in ("consumed_at", "used_at", "token_hash", "redeemed_at", "last_step_used"):
        assert once.LOOKS_LIKE_IT.search(name), name
    for name in ("created_at", "expires_at", "wrapped_key", "sha256", "caused_by"):
        assert not once.LOOKS_LIKE_IT.search(name), name


@pytest.mark.parametrize("name", [name for name, way in once.WAYS.items() if way.barrier])
async def test_what_is_looked_at_then_used_serves_several_times(
    doors: Doors, monkeypatch: Patch, name: str
) -> None:
    way = once.WAYS[name]
    async with once.put_back(doors):
        requests = await way.get(doors)
        nothing_is_counted(monkeypatch)
        with without_locks(Crowd(8), reading_waits=way.barrier == once.LOCK):
            if naive := NAIVE.get(way.barrier):
                naive(monkeypatch, Crowd(8))
            assert await serve(doors, way, requests) > 1


async def serve(doors: Doors, way: once.Way, requests: Sequence[Request] | None = None) -> int:
    """How often one thing serves that is used fifty times at once."""
    requests = requests or await way.get(doors)
    await doors.forget_limits()
    before = await doors.ask(way.served)
    copies = [request for request, _ in zip(cycle(requests), range(once.USES), strict=False)]
    await doors.at_once([again(request) for request in copies])
    return int(await doors.ask(way.served) - before)


def again(request: Request) -> Request:
    return Request(request.method, request.url, headers=request.headers, content=request.content)


def nothing_is_counted(monkeypatch: Patch) -> None:
    """Tries of one person, number or address wait for each other where they are counted, too."""

    async def allowed(*_: Any) -> int:
        return 0

    monkeypatch.setattr(limits, "hit", allowed)


@contextmanager
def without_locks(crowd: Crowd, *, reading_waits: bool) -> Iterator[None]:
    """Rows are read without being held, and whoever has read waits for others who read them too.

    The journal keeps its own locks: what is attacked is what it tells of.
    """
    lock, refresh = Select.with_for_update, AsyncSession.refresh

    def unlocked(self: Select[Any], **how: Any) -> Select[Any]:
        return lock(self, **how) if traces.HEADS in self.get_final_froms() else self

    async def refreshed(self: AsyncSession, row: Any, **_: Any) -> None:
        await refresh(self, row)

    def wait(session: Any, *_: Any) -> None:
        if ATTACKING.get() and not session.info.setdefault("has waited", False):
            session.info["has waited"] = True
            await_only(crowd.gather())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Select, "with_for_update", unlocked)
        patch.setattr(AsyncSession, "refresh", refreshed)
        ATTACKING.set(reading_waits)
        event.listen(Session, "before_flush", wait)
        try:
            yield
        finally:
            event.remove(Session, "before_flush", wait)
            ATTACKING.set(False)


def use_naively(monkeypatch: Patch, crowd: Crowd) -> None:
    """A ceremony that is looked for, then deleted."""

    async def use_ceremony(db: Any, challenge: bytes, _actor: Any) -> bool:
        found = await db.scalar(select(Ceremony.id).where(Ceremony.challenge == challenge))
        await crowd.gather()
        await db.execute(delete(Ceremony).where(Ceremony.challenge == challenge))
        return found is not None

    monkeypatch.setattr(passkeys, "use_ceremony", use_ceremony)


def take_naively(monkeypatch: Patch, crowd: Crowd) -> None:
    """A step that is compared with the last one, then written."""

    async def take(db: Any, account: Account, step: int) -> bool:
        last = await db.scalar(select(Account.totp_used).where(Account.id == account.id))
        await crowd.gather()
        table: Any = Account.__table__
        await db.execute(update(table).where(table.c.id == account.id).values(totp_used=step))
        return bool(last < step)

    monkeypatch.setattr(totp, "_take", take)


NAIVE = {once.CODES: count_naively, once.CEREMONY: use_naively, once.STEP: take_naively}


# --- guesses of a provisional code


async def guess_letters(doors: Doors, monkeypatch: Patch, guesses: int) -> tuple[int, int]:
    """How many guesses at once were compared with Julie's code; the status of the right one after.

    Nothing else counts them: neither by number nor by address.
    """
    nothing_is_counted(monkeypatch)
    verify, compared = proving.verify_password, list[str]()

    async def verifying(vault: Any, stored: str | None, typed: str) -> bool:
        compared.extend([stored] if stored else [])
        return bool(await verify(vault, stored, typed))

    monkeypatch.setattr(proving, "verify_password", verifying)
    (shown,) = await doors.at_once([doors.page("/activer", {})])
    wrong = [
        f"2345ABCD{number:04}".replace("0", "Z").replace("1", "Y") for number in range(guesses)
    ]
    forms = [await _typed(doors, dict(shown.cookies), code) for code in (*wrong, JULIE.code)]
    await doors.at_once(forms[:-1])
    tried = len(compared)
    (late,) = await doors.at_once(forms[-1:])
    return tried, late.status_code


async def _typed(doors: Doors, cookies: dict[str, str], code: str) -> Request:
    """The three answers given, in a browser of its own; to be sent."""
    async with doors.state.sessions.begin() as db:
        token = await enrolment.begin(db, Purpose.ACTIVATION)
    async with doors.state.sessions.begin() as db:
        way = await enrolment.find(db, token)
        assert way
        nir, serial = JULIE.traits.matricule, JULIE.vitale
        await enrolment.keep(db, way, code=code, nir=nir, serial=serial)
    return doors.form("/activer/verifier", cookies | {"parcours": token})


async def test_parallel_provisional_codes_share_five_tries(
    doors: Doors, monkeypatch: Patch, figure: Figure
) -> None:
    async with once.put_back(doors):
        assert await guess_letters(doors, monkeypatch, GUESSES) == (LETTER_TRIES, 422)
    figure(f"{GUESSES} provisional codes at once: compared", LETTER_TRIES)


async def test_provisional_codes_beat_a_count_that_is_read_then_written(
    doors: Doors, monkeypatch: Patch
) -> None:
    async with once.put_back(doors):
        with without_locks(Crowd(8), reading_waits=True):
            tried, _ = await guess_letters(doors, monkeypatch, 24)
    assert tried > LETTER_TRIES


# --- the same document by several doors


def fresh(sent: DemoDeposit) -> Report:
    """The same report as a document that nobody has."""
    return numbered(sent.report, f"2.25.{uuid4().int}", 1)


def numbered(report: Report, root: str, version: int) -> Report:
    own, group = Identifier(root, str(version)), Identifier(root, "set")
    header = replace(report.header, id=own, set_id=group, version=version)
    return replace(report, header=header)


@dataclass
class Twins:
    """What came of one document sent many times at once."""

    receipts: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    documents: int = 0
    versions: int = 0


async def deposit_twins(
    doors: Doors, report: Report, more: Callable[[], Any] | None = None
) -> Twins:
    """The same CDA: one message sent again and again, other messages, the other kind."""
    laboratory = Laboratory(doors.clients[0], "sgl-estuaire")
    token, content = await laboratory.token(), write_cda(report)
    again = laboratory.message(report, content=content)
    messages = [again] * 4
    messages += [laboratory.message(report, content=content) for _ in range(4)]
    messages += [laboratory.message(report, content=content, mdm=True) for _ in range(4)]
    Random(1).shuffle(messages)
    counts = [await doors.ask(f"SELECT count(*) FROM {table}") for table in ("document", "version")]
    acks, others = await asyncio.gather(
        doors.at_once([_deposit(doors, token, message) for message in messages]),
        more() if more else asyncio.sleep(0, []),
    )
    told = [*(ack.content.decode() for ack in acks), *others]
    found = Twins()
    for ack in told:
        receipt = RECEIPT.search(ack)
        found.receipts |= {receipt[0]} if receipt else set()
        found.refused += [] if receipt else [ack]
    found.documents = await doors.ask("SELECT count(*) FROM document") - counts[0]
    found.versions = await doors.ask("SELECT count(*) FROM version") - counts[1]
    return found


def _deposit(doors: Doors, token: str, message: bytes) -> Request:
    headers = {"Authorization": f"Bearer {token}"}
    return doors.clients[0].build_request("POST", "/api/hl7v2", content=message, headers=headers)


SAME = "noe-sport-v1"


async def test_one_document_by_many_doors_is_one_document(
    doors: Doors, reports: Reports, scale: Scale, figure: Figure
) -> None:
    most = 0
    for _ in range(scale.of(4, 200)):
        twins = await deposit_twins(doors, fresh(reports[SAME]))
        assert (twins.documents, twins.versions, twins.refused) == (1, 1, [])
        assert len(twins.receipts) == 1
        most = max(most, twins.documents)
    figure("one document sent 12 times at once: documents", most)


async def test_the_command_and_the_doors_agree_on_one_receipt(
    doors: Doors, reports: Reports, tmp_path: Path
) -> None:
    """`reperes deposit`, twice, in processes of their own, while both doors get the same."""
    report, file = fresh(reports[SAME]), tmp_path / "report.xml"
    file.write_bytes(write_cda(report))
    async with serving(doors.apps[1]) as url:

        async def command() -> str:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "backend", "deposit", str(file), "--url", url),
                env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
                stdout=PIPE,
            )
            out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
            return out.decode()

        twins = await deposit_twins(doors, report, lambda: asyncio.gather(command(), command()))
    assert (twins.documents, twins.versions, twins.refused) == (1, 1, [])
    assert len(twins.receipts) == 1


async def test_a_document_that_is_looked_for_then_inserted_is_there_twice(
    bare_doors: Doors, reports: Reports, monkeypatch: Patch
) -> None:
    crowd, find_known = Crowd(2), deposits.find_known

    async def find(db: Any, batch: Any) -> Any:
        known = await find_known(db, batch)
        await crowd.gather()
        return known

    monkeypatch.setattr(deposits, "find_known", find)
    twins = await deposit_twins(bare_doors, fresh(reports[SAME]))
    assert twins.documents > 1
    assert len(twins.receipts) > 1


# --- replacements of one document at once


async def replace_at_once(doors: Doors, sent: DemoDeposit, seed: int) -> list[str]:
    """What is wrong with a document that eight replacements reached at the same time."""
    laboratory, root = Laboratory(doors.clients[0], "sgl-estuaire"), f"2.25.{uuid4().int}"
    token = await laboratory.token()
    first = RECEIPT.search(await laboratory.deposit(numbered(sent.report, root, 1)))
    assert first
    versions = [2, 2, 3, 4, 5, 5, 6, 7]
    Random(seed).shuffle(versions)
    new = [numbered(sent.report, f"{root}.{place}", n) for place, n in enumerate(versions)]
    named = [_of_set(report, root) for report in new]
    messages = [laboratory.message(report, Action.REPLACE) for report in named]
    acks = await doors.at_once([_deposit(doors, token, message) for message in messages])
    accepted = sum(b"MSA|AA" in ack.content for ack in acks)
    assert {ack.status_code for ack in acks} == {200}
    return await _faults(doors, first[0], accepted)


def _of_set(report: Report, root: str) -> Report:
    return replace(report, header=replace(report.header, set_id=Identifier(root, "set")))


async def _faults(doors: Doors, receipt: str, accepted: int) -> list[str]:
    async with doors.state.sessions() as db:
        its = text(
            "SELECT v.document_id FROM receipt r JOIN version v ON v.id = r.version_id "
            "WHERE r.number = :number"
        )
        document = await db.get_one(Document, await db.scalar(its, {"number": receipt}))
        query = select(Version).where(Version.document_id == document.id)
        versions = list(await db.scalars(query.order_by(Version.received_at)))
    numbers = [version.number for version in versions]
    current = [version for version in versions if version.superseded_at is None]
    wrong = {
        f"{len(current)} current versions": len(current) != 1,
        f"versions in the order {numbers}": numbers != sorted(set(numbers)),
        "another version is shown": [v.id for v in current] != [document.version_id],
        "the last one is not shown": versions[-1].id != document.version_id,
        f"{accepted} receipts, {len(versions)} versions": len(versions) != accepted + 1,
        "an acknowledged change is missing": document.visibility_number != accepted,
    }
    return [words for words, true in wrong.items() if true]


async def test_replacements_at_once_stay_in_line(
    doors: Doors, reports: Reports, scale: Scale, figure: Figure
) -> None:
    rounds = scale.of(4, 200)
    for number in range(rounds):
        assert await replace_at_once(doors, reports[SAME], number) == []
    figure("rounds of 8 replacements at once, all in line", rounds)


async def test_replacements_without_a_lock_do_not(
    bare_doors: Doors, reports: Reports, monkeypatch: Patch
) -> None:
    crowd, find = Crowd(2), actions.find

    async def find_unlocked(db: Any, sent: Any, record: Any) -> Any:
        found = await find(db, sent, record)
        await crowd.gather()
        return found

    monkeypatch.setattr(lookup, "deposited_by", lambda actor: unlocking(deposited_by(actor)))
    monkeypatch.setattr(actions, "find", find_unlocked)
    assert await replace_at_once(bare_doors, reports[SAME], 0)


# --- what readers see of a document that goes away


@dataclass
class Reading:
    """Readers of one document, on both doors, and what was served to them too late."""

    doors: Doors
    cookies: dict[str, str]
    document: UUID
    gone_at: float = float("inf")
    """The instant after the commit."""
    before: int = 0
    after: int = 0
    late: list[str] = field(default_factory=list)

    async def read(self, path: str, door: int, stop: asyncio.Event, *, only_after: bool) -> None:
        while not stop.is_set():
            started = perf_counter()
            if only_after and started < self.gone_at:
                await asyncio.sleep(0.005)
                continue
            answer = await self.doors.clients[door].send(self.doors.page(path, self.cookies))
            served = answer.status_code == 200 and (
                path != "/documents" or str(self.document) in answer.text
            )
            self._note(path, started, served=served)

    def _note(self, path: str, started: float, *, served: bool) -> None:
        if started > self.gone_at:
            self.after += 1
            self.late += [path] if served else []
        else:
            self.before += served


async def make_it_go(doors: Doors, sent: DemoDeposit, cookies: dict[str, str], way: str) -> Reading:
    """Eight readers while the laboratory withholds, hides or withdraws what they read."""
    laboratory, root = Laboratory(doors.clients[0], "sgl-estuaire"), f"2.25.{uuid4().int}"
    assert "MSA|AA" in await laboratory.deposit(numbered(sent.report, root, 1))
    newest = "SELECT id FROM document ORDER BY deposited_at DESC LIMIT 1"
    reading = Reading(doors, cookies, await doors.ask(newest))
    drawn = "SELECT pages_state FROM version WHERE document_id = :id"
    for _ in range(PATIENCE * 20):
        if await doors.ask(drawn, id=reading.document) == "ready":
            break
        await asyncio.sleep(0.05)
    page, stop = f"/documents/{reading.document}", asyncio.Event()
    flag = FLAGS.get(way)
    paths = {  # what its patient has opened can no longer be withheld: they look without opening
        "/documents": False,
        f"{page}/original.pdf": flag is not None,
        f"{page}/page/1/800": False,
        page: flag is not None,
    }
    readers = [
        asyncio.create_task(reading.read(path, door, stop, only_after=late))
        for path, late in paths.items()
        for door in (0, 1)
    ]
    await _until(lambda: reading.before >= 6)
    if flag:
        later = _of_set(numbered(sent.report, f"{root}.2", 2), root)
        message = laboratory.message(later, Action.REPLACE, flags={flag: True})
    else:
        message = laboratory.message(numbered(sent.report, root, 1), Action.DELETE)
    with pytest.MonkeyPatch.context() as patch:
        note_commits(patch, reading)
        assert "MSA|AA" in await laboratory.send(message)
    await _until(lambda: reading.after >= 3 * len(readers))
    stop.set()
    await asyncio.wait_for(asyncio.gather(*readers), PATIENCE)
    return reading


def note_commits(patch: Patch, reading: Reading) -> None:
    """The instant at which the commit has returned, before anybody is told."""
    attempt = desk.attempt

    async def noting(*args: Any) -> Any:
        done = await attempt(*args)
        reading.gone_at = perf_counter()
        return done

    patch.setattr(desk, "attempt", noting)


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(PATIENCE * 100):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


READ = "laura-premier-bilan-v1"
FLAGS = {"withheld": "INVISIBLE_PATIENT", "hidden": "INVISIBLE_REP_LEGAUX"}
WAYS = {"withheld": READ, "withdrawn": READ, "hidden": "lea-bilan-v1"}
"""How a document goes away, and which: the last one is a child’s, read by her father."""


async def reader_of(doors: Doors, way: str) -> dict[str, str]:
    """Laura, or Karim with Léa’s record on his screen."""
    if way != "hidden":
        return await doors.signed_in(LAURA)
    karim = await once.inside(doors, KARIM)
    child = await record_of(doors.apps[0], LEA)
    answer = await karim.post("/profils/choisir", id=str(child.id))
    assert answer.headers["location"] == "/", answer.text
    return once.cookies_of(karim)


@pytest.mark.parametrize("way", WAYS)
async def test_after_the_commit_nobody_is_served_what_went_away(
    doors: Doors, reports: Reports, scale: Scale, figure: Figure, way: str
) -> None:
    cookies, after = await reader_of(doors, way), 0
    for number in range(scale.of(1, 60)):
        reading = await make_it_go(doors, reports[WAYS[way]], cookies, way)
        assert reading.late == []
        after += reading.after
        if number % 20 == 19:  # sessions end, however long the proof
            cookies = await reader_of(doors, way)
    figure(f"requests that began after a document was {way}", after)
    figure("of which were served the old content", 0)


@pytest.mark.parametrize("way", WAYS)
async def test_a_door_that_remembers_what_it_found_serves_it_too_late(
    doors: Doors, reports: Reports, monkeypatch: Patch, way: str
) -> None:
    found, find = dict[UUID, Any](), documents._find

    async def remembering(db: Any, actor: Any, at: Any, document_id: UUID, *more: Any) -> Any:
        if document_id not in found:
            found[document_id] = await find(db, actor, at, document_id, *more)
        return found[document_id]

    monkeypatch.setattr(documents, "_find", remembering)
    cookies = await reader_of(doors, way)
    assert (await make_it_go(doors, reports[WAYS[way]], cookies, way)).late


# --- the journal


async def write_lines(doors: Doors, lanes: list[UUID], writers: int) -> journal.Verification:
    """Many write in the same lanes at once, by both doors; then the journal is read again."""

    async def write(number: int) -> None:
        chosen = Random(number).sample(lanes, 2)
        async with doors.apps[number % 2].state.sessions.begin() as db:
            for lane in chosen:
                record_trace(
                    db,
                    actor_kind="Robot",
                    actor_id=lane,
                    action="proof",
                    allowed=True,
                    record_id=lane,
                )

    writing = asyncio.gather(*map(write, range(writers)), return_exceptions=True)
    for error in filter(None, await asyncio.wait_for(writing, PATIENCE)):
        raise error
    async with doors.state.sessions() as db:
        return await journal.verify(db)


async def test_lines_written_at_once_keep_every_chain_whole(
    doors: Doors, scale: Scale, figure: Figure
) -> None:
    """Lanes that do not exist yet, too: transactions that make them must not wait in a circle."""
    writers = scale.of(60, 400)
    for _ in range(scale.of(6, 60)):
        found = await write_lines(doors, [uuid4() for _ in range(4)], writers)
        assert found.ok, found.broken
    figure("lines written at once in four new lanes, chains whole", 2 * writers)


async def test_lines_written_without_a_lock_break_them(
    bare_doors: Doors, monkeypatch: Patch
) -> None:
    crowd, heads = Crowd(4), traces.HEADS

    def read_without_a_lock(session: Any, lanes: list[UUID]) -> dict[UUID, tuple[int, bytes]]:
        columns = heads.c.lane, heads.c.number, heads.c.hash
        rows = session.execute(select(*columns).where(heads.c.lane.in_(lanes)))
        found = {lane: (number, last) for lane, number, last in rows}
        await_only(crowd.gather())
        return found

    lanes = [uuid4() for _ in range(4)]
    assert (await write_lines(bare_doors, lanes, 20)).ok
    monkeypatch.setattr(traces, "_lock", read_without_a_lock)
    assert not (await write_lines(bare_doors, lanes, 20)).ok


async def test_locks_taken_out_of_order_wait_in_a_circle(doors: Doors, monkeypatch: Patch) -> None:
    """Existing lanes first, new ones afterwards: each time in order, and yet.

    PostgreSQL opens one circle a second: on a slow machine, who waits behind several gives up.
    """
    heads = traces.HEADS

    def lock(session: Any, lanes: list[UUID]) -> dict[UUID, tuple[int, bytes]]:
        columns = heads.c.lane, heads.c.number, heads.c.hash
        these = select(*columns).where(heads.c.lane.in_(lanes)).order_by(heads.c.lane)
        rows = session.execute(these.with_for_update())
        return {lane: (number, last) for lane, number, last in rows}

    def existing_first(session: Any, lanes: list[UUID]) -> dict[UUID, tuple[int, bytes]]:
        found = lock(session, lanes)
        if missing := [lane for lane in lanes if lane not in found]:
            new = [{"lane": lane, "number": 0, "hash": bytes(32), "mac": b""} for lane in missing]
            session.execute(insert(heads).on_conflict_do_nothing(), new)
            found |= lock(session, missing)
        return found

    async def write_again_and_again() -> None:
        for _ in range(20):
            await write_lines(doors, [uuid4() for _ in range(4)], 60)

    monkeypatch.setattr(traces, "_lock_heads", existing_first)
    with pytest.raises(OperationalError, match=r"deadlock detected|canceling statement due to"):
        await write_again_and_again()
