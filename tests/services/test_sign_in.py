import pytest
from sqlalchemy import select, text

from backend.access.actions import Action
from backend.access.actors import Patient, Visitor
from backend.services import limits, sign_in
from backend.services.accounts import verify_password
from backend.services.sign_in import Complete, Reason, Started, passwords
from backend.storage.accounts import (
    AccountState,
    BrowserSession,
    Challenge,
    Channel,
)
from backend.storage.db import utcnow
from backend.storage.outbox import OutboxRow
from backend.storage.records import RecordState
from backend.storage.traces import Trace
from backend.storage.vault import Vault
from tests.services.laura import PASSWORD, Laura


async def test_laura_signs_in_in_two_steps(laura: Laura) -> None:
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


async def test_no_token_and_no_code_can_be_read_in_the_database(laura: Laura) -> None:
    started = await laura.starts()
    code = (await laura.receives()).code
    async with laura.sessions.begin() as db:
        for table in ("browser_session", "challenge", "outbox", "account"):
            rows = (await db.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            everything = " ".join(rows)
            for secret in (started.token, PASSWORD, "laura", code):
                assert secret not in everything
                assert secret.encode().hex() not in everything


async def test_an_unknown_identifier_and_a_wrong_password_look_the_same(laura: Laura) -> None:
    wrong = await laura.types(password="la-loire-au-petit-matin-84")
    unknown = await laura.types(identifier="nobody.at-all")
    nonsense = await laura.types(identifier="'; --")
    assert wrong == unknown == nonsense
    assert await laura.count(BrowserSession) == 0
    assert await laura.count(OutboxRow) == 0


async def test_an_unknown_identifier_costs_the_work_of_a_wrong_password(
    laura: Laura, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    async def counting(vault: Vault, stored: str | None, password: str) -> bool:
        hashed.append(password)
        return await verify_password(vault, stored, password)

    monkeypatch.setattr(passwords, "verify_password", counting)
    for identifier in ("laura.bernard", "nobody.at-all"):
        await laura.types(identifier=identifier, password="la-loire-au-petit-matin-84")
    assert len(hashed) == 2


async def test_wrong_passwords_are_in_the_journal(laura: Laura) -> None:
    await laura.types(password="la-loire-au-petit-matin-84")
    trace = await laura.one(select(Trace).where(Trace.action == Action.SIGN_IN_REFUSED))
    assert (trace.allowed, trace.record_id, trace.reason) == (False, laura.record_id, "password")


async def test_the_sixth_password_waits_even_if_it_is_right(laura: Laura) -> None:
    for _ in range(5):
        assert (await laura.types(password="wrong")).reason is Reason.PASSWORD
    refused = await laura.types()
    assert (refused.reason, refused.retry_after > 60) == (Reason.TOO_OFTEN, True)
    assert refused.message == "Trop d’essais. Réessayez dans 3 minutes."
    assert (await laura.types(identifier="nobody.at-all")).reason is Reason.PASSWORD


async def test_an_unknown_identifier_is_limited_like_a_known_one(laura: Laura) -> None:
    for _ in range(5):
        await laura.types(identifier="nobody.at-all", password="wrong")
    refused = await laura.types(identifier="nobody.at-all", password="wrong")
    assert refused.reason is Reason.TOO_OFTEN


async def test_strangers_cannot_keep_laura_out_of_her_own_device(laura: Laura) -> None:
    device = (await laura.signs_in()).device
    for _ in range(7):
        await laura.types(password="wrong", address="203.0.113.9")
    assert (await laura.types()).reason is Reason.TOO_OFTEN
    assert isinstance(await laura.types(device=device), Started)
    assert (await laura.types(device=f"{device}0")).reason is Reason.TOO_OFTEN


async def test_one_address_cannot_try_many_accounts(
    laura: Laura, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utcnow()  # on a slow machine twenty hashes last long enough for one more try
    monkeypatch.setattr(limits, "utcnow", lambda: now)
    reasons = []
    for number in range(21):
        refused = await laura.types(identifier=f"somebody-{number}", password="wrong")
        reasons.append(refused.reason)
    assert reasons == [Reason.PASSWORD] * 20 + [Reason.TOO_OFTEN]


async def test_signing_in_often_with_the_right_password_is_not_limited_as_wrong_ones(
    laura: Laura,
) -> None:
    for _ in range(7):
        await laura.signs_in()
        await laura.waits(3600)
    assert await laura.count(BrowserSession) == 5


STATES = [
    AccountState.SUSPENDED,
    AccountState.CLOSED,
    RecordState.SUSPENDED,
    RecordState.CLOSED,
    RecordState.OPPOSED,
    RecordState.DECEASED,
]


@pytest.mark.parametrize("state", STATES)
async def test_an_account_that_may_not_be_used_is_refused_at_every_step(
    laura: Laura, state: AccountState | RecordState
) -> None:
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
