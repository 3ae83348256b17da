"""Tokens for laboratory systems: three proofs, one answer to whoever has none."""

import asyncio
from datetime import timedelta
from secrets import token_urlsafe
from time import time
from typing import Any

import pytest
from httpx import USE_CLIENT_DEFAULT, AsyncClient, Response
from joserfc import jwt
from joserfc.jwk import ECKey
from litestar import Litestar
from sqlalchemy import func, select, text, update

from backend.demo.people import ESTUAIRE
from backend.gateways.oauth import ASSERTION_TYPE
from backend.services.machines import TOKEN_LIFE
from backend.storage.db import utcnow
from backend.storage.structures import MachineClient, MachineToken, UsedAssertion
from backend.storage.traces import Trace
from tests.fixtures.application import client_of

GRANT = {"grant_type": "client_credentials"}
SECRET = (ESTUAIRE.client_id, ESTUAIRE.client_secret)
MODERN = "sgl-moderne"
KEY = ECKey.generate_key("P-256", {"kid": "2026"})
OTHER = ECKey.generate_key("P-256", {"kid": "2026"})
HERE = "http://127.0.0.1:8000/oauth/token"


@pytest.fixture
async def client(app: Litestar) -> AsyncClient:
    """Requests, once a second client that proves itself with a key is registered."""
    async with app.state.sessions.begin() as db:
        first = (
            await db.scalars(
                select(MachineClient).where(MachineClient.client_id == ESTUAIRE.client_id)
            )
        ).one()
        db.add(
            MachineClient(
                client_id=MODERN,
                structure_id=first.structure_id,
                jwks={"keys": [KEY.as_dict(private=False)]},
            )
        )
    return client_of(app)


async def ask(client: AsyncClient, auth: tuple[str, str] | None = None, /, **form: str) -> Response:
    return await client.post("/oauth/token", data=GRANT | form, auth=auth or USE_CLIENT_DEFAULT)


def assertion(key: ECKey = KEY, **changes: Any) -> dict[str, str]:
    """The form of a client that signs, one sound claim changed or removed."""
    claims = {"iss": MODERN, "sub": MODERN, "aud": HERE, "jti": token_urlsafe(12)}
    claims |= {"exp": int(time()) + 50} | changes
    signed = jwt.encode({"alg": "ES256", "kid": "2026"}, claims, key)
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


async def opens_the_door(client: AsyncClient, token: str) -> bool:
    """Whether the deposit door reads what comes with this token."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = await client.post("/api/hl7v2", content=b"bonjour", headers=headers)
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def count(app: Litestar, table: type) -> int:
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


async def lines(app: Litestar, action: str) -> list[Trace]:
    async with app.state.sessions() as db:
        return list(await db.scalars(select(Trace).where(Trace.action == action)))


async def test_a_secret_in_the_header_or_in_the_form_and_a_signature_each_give_a_token(
    app: Litestar, client: AsyncClient
) -> None:
    posted = {"client_id": SECRET[0], "client_secret": SECRET[1]}
    answers = [
        await ask(client, SECRET),
        await ask(client, **posted),
        await ask(client, **assertion()),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        said = answer.json()
        assert await opens_the_door(client, said.pop("access_token"))
        assert said == {"token_type": "Bearer", "expires_in": 300, "scope": "deposit:bio"}
    assert len({answer.json()["access_token"] for answer in answers}) == 3
    assert [line.allowed for line in await lines(app, "token:issue")] == [True] * 3


async def test_an_unknown_client_and_a_wrong_proof_get_one_and_the_same_answer(
    app: Litestar, client: AsyncClient
) -> None:
    refused = [
        await ask(client, (SECRET[0], "un-autre-secret")),
        await ask(client, ("personne", SECRET[1])),
        await ask(client, (MODERN, "un-secret")),
        await ask(client, client_id=SECRET[0], client_secret="un-autre-secret"),
        await ask(client),
        await ask(client, **assertion(OTHER)),
        await ask(client, **assertion(aud="https://ailleurs.example/oauth/token")),
        await ask(client, **assertion(exp=int(time()) - 60)),
        await ask(client, **assertion(iss=SECRET[0], sub=SECRET[0])),
        await ask(client, **assertion(iss="personne", sub="personne")),
    ]
    answers = {
        (each.status_code, each.content, each.headers["www-authenticate"]) for each in refused
    }
    assert len(answers) == 1
    assert refused[0].status_code == 401
    assert refused[0].json()["error"] == "invalid_client"
    assert await count(app, MachineToken) == 0
    journal = await lines(app, "token:refused")
    assert [(line.allowed, line.reason) for line in journal] == [(False, "invalid_client")] * len(
        refused
    )


async def test_a_disabled_client_gets_nothing_and_its_token_dies_with_it(
    app: Litestar, client: AsyncClient
) -> None:
    token = (await ask(client, SECRET)).json()["access_token"]
    assert await opens_the_door(client, token)
    async with app.state.sessions.begin() as db:
        await db.execute(update(MachineClient).values(disabled_at=utcnow()))
    assert not await opens_the_door(client, token)
    assert (await ask(client, SECRET)).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("error", "status", "form"),
    [
        ("unsupported_grant_type", 400, {"grant_type": "password"}),
        ("invalid_request", 400, {"grant_type": ""}),
        ("invalid_scope", 400, {"scope": "deposit:bio admin"}),
        ("invalid_request", 400, {"client_secret": SECRET[1]}),
    ],
)
async def test_other_requests_are_refused_in_the_words_of_the_standard_and_in_the_journal(
    app: Litestar, client: AsyncClient, error: str, status: int, form: dict[str, str]
) -> None:
    answer = await ask(client, SECRET, **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert [line.reason for line in await lines(app, "token:refused")] == [error]
    assert await count(app, MachineToken) == 0


async def test_a_scope_that_is_allowed_is_granted(client: AsyncClient) -> None:
    answer = await ask(client, SECRET, scope="deposit:bio")
    assert answer.json()["scope"] == "deposit:bio"


async def test_an_assertion_serves_once_even_fifty_times_at_once(
    app: Litestar, client: AsyncClient
) -> None:
    form = assertion()
    answers = await asyncio.gather(*(ask(client, **form) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 49
    assert (await count(app, MachineToken), await count(app, UsedAssertion)) == (1, 1)
    assert (await ask(client, **form)).status_code == 401
    assert (await ask(client, **assertion())).status_code == 200


async def test_a_token_lasts_five_minutes(app: Litestar, client: AsyncClient) -> None:
    token = (await ask(client, SECRET)).json()["access_token"]
    assert await opens_the_door(client, token)
    await pass_time(app, TOKEN_LIFE - timedelta(seconds=20))
    assert await opens_the_door(client, token)
    await pass_time(app, timedelta(seconds=20))
    assert not await opens_the_door(client, token)
    await ask(client, SECRET)
    assert await count(app, MachineToken) == 1, "the dead one is forgotten"


async def pass_time(app: Litestar, time: timedelta) -> None:
    async with app.state.sessions.begin() as db:
        await db.execute(update(MachineToken).values(expires_at=MachineToken.expires_at - time))


async def test_neither_tokens_nor_secrets_are_stored_or_logged(
    app: Litestar, client: AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    form = assertion()
    tokens = [
        answer.json()["access_token"]
        for answer in (await ask(client, SECRET), await ask(client, **form))
    ]
    await ask(client, (SECRET[0], "un-autre-secret"))
    said = capfd.readouterr()
    async with app.state.sessions() as db:
        rows = [
            str(row)
            for table in ("machine_token", "machine_client", "used_assertion", "trace")
            for row in await db.execute(text(f"SELECT {table}::text FROM {table}"))
        ]
    everything = "\n".join((said.out, said.err, *rows))
    assert len(rows) > 5
    for secret in (*tokens, SECRET[1], form["client_assertion"], "un-autre-secret"):
        assert secret not in everything
        assert secret.encode().hex() not in everything


async def test_beyond_so_many_tries_an_address_waits(client: AsyncClient) -> None:
    answers = await asyncio.gather(*(ask(client, SECRET) for _ in range(140)))
    late = [answer for answer in answers if answer.status_code == 429]
    assert late
    assert int(late[0].headers["retry-after"]) >= 1
    assert late[0].json()["error"] == "temporarily_unavailable"
