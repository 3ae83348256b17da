"""Operators give a laboratory’s system its way in, change what proves it, and take it back."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from time import time

import pytest
from click.testing import CliRunner, Result
from httpx import AsyncClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import func, select

from backend.cli import main
from backend.demo.certificates import make
from backend.demo.people import ESTUAIRE
from backend.demo.reports import DemoDeposit
from backend.domain.reports import Identifier, Organisation
from backend.gateways.oauth import ASSERTION_TYPE
from backend.services import clients
from backend.storage.structures import MachineCertificate, MachineClient, Structure
from backend.storage.traces import Trace
from tests.fixtures.application import client_of, settings_for
from tests.laboratory import Laboratory

FINESS, NAME, CITY = "990000017", "Laboratoire du Parc", "Nantes"
PARC = Organisation(f"1{FINESS}", NAME, CITY)
KEY, NEXT = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("2026", "2027"))
BIG = RSAKey.generate_key(2048, {"kid": "big"})
HERE = "http://127.0.0.1:8000/oauth/token"
Command = Callable[..., Result]


def command(url: str, folder: Path) -> Command:
    settings = settings_for(url, folder)
    env = {"REPERES_DATABASE_URL": url, "REPERES_VAR_DIR": str(settings.var_dir)}
    return lambda *words: CliRunner().invoke(main, words, env=env)


@pytest.fixture
def reperes(world_url: str, tmp_path: Path) -> Command:
    return command(world_url, tmp_path)


async def done(reperes: Command, *words: str) -> str:
    """What a command says beside a service at work."""
    result = await asyncio.to_thread(reperes, *words)
    assert result.exit_code == 0, result.output
    return result.output


def secret_in(output: str) -> str:
    (found,) = re.findall(r"secret, shown once: ([\w-]{43})$", output, re.MULTILINE)
    return str(found)


def public(*keys: ECKey | RSAKey) -> str:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


async def answer_to(client: AsyncClient, name: str, secret: str) -> tuple[int, str]:
    """The status, and the token or the error."""
    form = {"grant_type": "client_credentials"}
    answer = await client.post("/oauth/token", data=form, auth=(name, secret))
    said = answer.json()
    return answer.status_code, said.get("access_token") or said["error"]


async def signed(client: AsyncClient, name: str, key: ECKey) -> int:
    claims: dict[str, object] = {"iss": name, "sub": name, "aud": HERE, "jti": token_urlsafe(12)}
    claims["exp"] = int(time()) + 50
    header = {"alg": "ES256", "kid": key.kid}
    proof = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(header, claims, key),
    }
    form = {"grant_type": "client_credentials"} | proof
    return (await client.post("/oauth/token", data=form)).status_code


async def deposit(app: Litestar, token: str, sent: DemoDeposit) -> str:
    """The ACK to a report of the laboratory of the park."""
    system = Laboratory(client_of(app), ESTUAIRE.client_id)
    system._token = token
    number = Identifier(f"2.25.{int(time() * 1e6)}")
    header = replace(
        sent.report.header,
        id=number,
        set_id=number,
        custodian=PARC,
        author_organisation=PARC,
        performer=PARC,
    )
    return await system.deposit(replace(sent.report, header=header))


async def counted(app: Litestar) -> tuple[int, ...]:
    async with app.state.sessions() as db:
        kinds = (Structure, MachineClient, MachineCertificate, Trace)
        return tuple([await db.scalar(select(func.count()).select_from(kind)) for kind in kinds])


async def test_a_new_system_of_a_new_structure_deposits_until_it_is_revoked(
    app: Litestar, tmp_path: Path, reports: dict[str, DemoDeposit]
) -> None:
    reperes, client = command(app.state.settings.database_url, tmp_path), client_of(app)
    sent = reports["laura-bilan-sanguin-v1"]
    assert await done(reperes, "structure", FINESS, NAME, CITY) == f"{FINESS} is known\n"
    said = await done(reperes, "machines", "create", "sgl-du-parc", FINESS)
    assert f"sgl-du-parc deposits for {NAME}\n" in said
    assert "It is a laboratory now" in said
    await done(reperes, "team", FINESS, "899900000011", "MOREL", "Claire")
    secret = secret_in(said)
    status, token = await answer_to(client, "sgl-du-parc", secret)
    assert status == 200
    assert "MSA|AA" in await deposit(app, token, sent)
    assert (await answer_to(client, "sgl-du-parc", "another"))[0] == 401
    listed = await done(reperes, "machines")
    assert f"sgl-du-parc  FINESS {FINESS}  {NAME}  deposit:bio  secret\n" in listed
    assert secret not in listed
    await done(reperes, "machines", "revoke", "sgl-du-parc")
    assert await raw(client, token) == 401
    assert await answer_to(client, "sgl-du-parc", secret) == (401, "invalid_client")
    assert re.search(
        r"^sgl-du-parc .* revoked \d{4}-\d\d-\d\d$", await done(reperes, "machines"), re.MULTILINE
    )


async def raw(client: AsyncClient, token: str) -> int:
    """What the door of deposits answers to this token."""
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.post("/api/hl7v2", content=b"bonjour", headers=headers)).status_code


async def test_a_rotated_secret_ends_with_its_tokens_at_once(app: Litestar, tmp_path: Path) -> None:
    reperes, client = command(app.state.settings.database_url, tmp_path), client_of(app)
    made = await done(reperes, "machines", "create", "sgl-2", ESTUAIRE.structure.finess)
    assert "It is a laboratory now" not in made
    old = secret_in(made)
    _, token = await answer_to(client, "sgl-2", old)
    _, other = await answer_to(client, ESTUAIRE.client_id, ESTUAIRE.client_secret)
    new = secret_in(await done(reperes, "machines", "rotate", "sgl-2"))
    assert (await answer_to(client, "sgl-2", old))[0] == 401
    assert await raw(client, token) == 401
    assert (await answer_to(client, "sgl-2", new))[0] == 200
    assert await raw(client, other) == 200, "another client’s token goes on"
    async with app.state.sessions() as db:
        said = await db.execute(
            select(Trace.action, Trace.reason, Trace.actor_kind)
            .where(Trace.action.startswith("machine:"))
            .order_by(Trace.at)
        )
        assert [tuple(line) for line in said] == [
            ("machine:create", "sgl-2", "Robot"),
            ("machine:rotate", "sgl-2", "Robot"),
        ]
        rows = await db.scalars(select(MachineClient).where(MachineClient.client_id == "sgl-2"))
        assert new.encode() not in (rows.one().secret_mac or b"")


async def test_a_secret_that_is_being_changed_gives_no_token_once_it_is(
    app: Litestar, tmp_path: Path
) -> None:
    reperes, client = command(app.state.settings.database_url, tmp_path), client_of(app)
    old = secret_in(await done(reperes, "machines", "create", "sgl-2", ESTUAIRE.structure.finess))
    async with app.state.sessions.begin() as db:
        await clients.rotate(db, "sgl-2")
        asked = asyncio.create_task(answer_to(client, "sgl-2", old))
        await asyncio.sleep(0.5)  # it waits for us by now, or reads what we committed
    assert await asked == (401, "invalid_client")


async def test_keys_take_the_place_of_a_secret_and_the_old_one_may_stay_beside_the_new(
    app: Litestar, tmp_path: Path
) -> None:
    reperes, client = command(app.state.settings.database_url, tmp_path), client_of(app)
    file = tmp_path / "keys.json"
    file.write_text(public(KEY))
    made = await done(
        reperes, "machines", "create", "sgl-3", ESTUAIRE.structure.finess, "--keys", str(file)
    )
    assert "secret" not in made
    assert (await signed(client, "sgl-3", KEY), await signed(client, "sgl-3", NEXT)) == (200, 401)
    file.write_text(public(KEY, NEXT))
    await done(reperes, "machines", "rotate", "sgl-3", "--keys", str(file))
    assert (await signed(client, "sgl-3", KEY), await signed(client, "sgl-3", NEXT)) == (200, 200)
    assert "deposit:bio  2 keys\n" in await done(reperes, "machines")
    file.write_text(public(NEXT, BIG))
    await done(reperes, "machines", "rotate", "sgl-3", "--keys", str(file))
    assert (await signed(client, "sgl-3", KEY), await signed(client, "sgl-3", NEXT)) == (401, 200)
    less = await asyncio.to_thread(reperes, "machines", "rotate", "sgl-3")
    assert (less.exit_code, "--keys" in less.output) == (1, True)
    assert await signed(client, "sgl-3", NEXT) == 200


async def test_a_revoked_client_gives_its_certificates_back_and_has_no_other(
    app: Litestar, tmp_path: Path
) -> None:
    reperes = command(app.state.settings.database_url, tmp_path)
    make(tmp_path / "mllp")
    finess = ESTUAIRE.structure.finess
    certificate = next(
        str(one) for one in (tmp_path / "mllp").glob("*.crt") if ESTUAIRE.client_id in one.name
    )
    for name in ("sgl-4", "sgl-5"):
        await done(reperes, "machines", "create", name, finess)
    await done(reperes, "machines", "bind", "sgl-4", certificate)
    await done(reperes, "machines", "revoke", "sgl-4")
    async with app.state.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(MachineCertificate)) == 0
    await done(reperes, "machines", "bind", "sgl-5", certificate)
    for words in (("bind", "sgl-4", certificate), ("reads", "sgl-4", "psc-4"), ("rotate", "sgl-4")):
        result = await asyncio.to_thread(reperes, "machines", *words)
        assert (result.exit_code, "sgl-4 was revoked on" in result.output) == (1, True)


WRONG = {
    "too short": ("machines create ab {here}", "3 to 64"),
    "capitals": ("machines create SGL-9 {here}", "3 to 64"),
    "a space": ("machines create sgl·9 {here}", "3 to 64"),
    "taken": ("machines create {client} {here}", "already"),
    "no FINESS": ("machines create sgl-9 12", "neuf caractères"),
    "nowhere": ("machines create sgl-9 990000099", "No structure 990000099"),
    "rotate nobody": ("machines rotate sgl-9", "No client is called sgl-9"),
    "revoke nobody": ("machines revoke sgl-9", "No client is called sgl-9"),
    "known": ("structure {here} Parc Nantes", "known already"),
    "no number": ("structure 12345678X Parc Nantes", "neuf caractères"),
}


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_one_sentence_and_changes_nothing(
    app: Litestar, tmp_path: Path, words: str, says: str
) -> None:
    reperes, before = command(app.state.settings.database_url, tmp_path), await counted(app)
    named = words.format(here=ESTUAIRE.structure.finess, client=ESTUAIRE.client_id)
    result = await asyncio.to_thread(reperes, *named.split())
    assert (result.exit_code, says in result.output) == (1, True), result.output
    assert result.output.count("\n") == 1
    assert await counted(app) == before


def files() -> dict[str, str]:
    small = BIG.as_dict(private=False) | {"n": str(BIG.as_dict()["n"])[:171]}
    other = ECKey.generate_key("P-384").as_dict(private=False)
    twice = KEY.as_dict(private=False)
    return {
        "nothing": "",
        "no JSON": "-----BEGIN PUBLIC KEY-----",
        "no set": json.dumps(twice),
        "none": '{"keys": []}',
        "no key": '{"keys": [1]}',
        "private": json.dumps({"keys": [KEY.as_dict(private=True)]}),
        "shared": json.dumps({"keys": [OctKey.generate_key(256).as_dict()]}),
        "too small": json.dumps({"keys": [small]}),
        "another curve": json.dumps({"keys": [other]}),
        "half of one": json.dumps({"keys": [twice | {"x": 7}]}),
        "one name for two": json.dumps({"keys": [twice, twice]}),
    }


FILES = files()


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_keys_that_could_prove_nothing_are_refused(
    reperes: Command, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    words = ("create", "sgl-9", ESTUAIRE.structure.finess, "--keys", str(file))
    result = reperes("machines", *words)
    assert (result.exit_code, result.output.count("\n")) == (1, 1), result.output
    assert "sgl-9" not in reperes("machines").output
