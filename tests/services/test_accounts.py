import asyncio

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text

from backend.access.actors import Robot
from backend.domain.errors import Refused
from backend.services import accounts
from backend.services.sign_in import Started
from backend.storage.accounts import (
    Account,
)
from backend.storage.records import Record
from backend.storage.vault import Vault
from tests.services.laura import PASSWORD, Laura


async def test_an_old_hash_is_made_anew_at_the_next_sign_in(laura: Laura, vault: Vault) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    stored = old.hash(vault.mac("password", PASSWORD.encode()))
    async with laura.sessions.begin() as db:
        await db.execute(text("UPDATE account SET password_hash = :hash"), {"hash": stored})
    assert isinstance(await laura.types(), Started)
    fresh = await laura.one(select(Account.password_hash))
    assert "m=47104,t=1,p=1" in fresh
    assert await accounts.verify_password(vault, fresh, PASSWORD)


async def test_a_stolen_hash_is_worth_nothing_without_the_key(laura: Laura, vault: Vault) -> None:
    stored = await laura.one(select(Account.password_hash))
    assert await accounts.verify_password(vault, stored, PASSWORD)
    assert not await accounts.verify_password(Vault(bytes(32)), stored, PASSWORD)
    with pytest.raises(Exception, match="does not match"):
        accounts.HASHER.verify(stored, PASSWORD)


async def test_a_flood_of_passwords_is_told_to_come_back(vault: Vault) -> None:
    answers = await asyncio.gather(
        *(accounts.verify_password(vault, None, "x") for _ in range(accounts.LANES + 40)),
        return_exceptions=True,
    )
    assert [type(answer).__name__ for answer in answers].count("Unavailable") == 8
    assert await accounts.verify_password(vault, None, "x") is False


async def another_account(laura: Laura, **parts: str) -> None:
    good = {
        "identifier": "laura.bernard2",
        "password": "la-loire-au-petit-matin-84",
        "email": "laura@courriel.example",
    }
    async with laura.sessions.begin() as db:
        record = await db.get_one(Record, laura.record_id)
        await accounts.create_account(db, Robot("demo"), record, **(good | parts))


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("identifier", "LAURA.BERNARD", "déjà pris"),
        ("identifier", "nadia.c", "identifiant a 8"),
        ("password", "laura.bernard", "trop facile"),
        ("email", "", "adresse e-mail ou un numéro"),
        ("email", "nadia@x,evil@y", "adresse e-mail n’est pas valide"),
    ],
)
async def test_an_account_is_made_of_good_parts(
    laura: Laura, part: str, value: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        await another_account(laura, **{part: value})
