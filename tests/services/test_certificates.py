"""A certificate speaks for one client, from an operator’s word to another."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access.actors import Robot
from backend.demo.certificates import bind_all, make
from backend.domain.errors import Refused
from backend.gateways.certificates import BadCertificate, Certificate, read_certificate
from backend.services.certificates import (
    bind,
    count_expiring,
    lets_read,
    listed,
    machine_of_certificate,
    unbind,
)
from backend.storage.db import utcnow
from backend.storage.structures import MachineClient, Structure
from backend.storage.traces import Trace

PRINT = bytes(range(32))
HELD = Certificate(PRINT, "CN=sgl-du-parc", utcnow() + timedelta(days=30))


@pytest.fixture
async def client(db: AsyncSession) -> MachineClient:
    """Of a laboratory, beside another one’s."""
    places = [Structure(finess=f"99000000{n}", name=f"Laboratoire {n}") for n in (1, 2)]
    db.add_all(places)
    await db.flush()
    clients = [
        MachineClient(client_id=f"sgl-{n}", structure_id=place.id) for n, place in enumerate(places)
    ]
    db.add_all(clients)
    await db.flush()
    return clients[0]


async def test_it_speaks_for_its_client_until_it_is_unbound(
    db: AsyncSession, client: MachineClient
) -> None:
    assert await machine_of_certificate(db, PRINT) is None
    await bind(db, "sgl-0", HELD)
    await bind(db, "sgl-0", HELD)  # twice is once
    machine = await machine_of_certificate(db, PRINT)
    assert machine
    assert (machine.id, machine.structure_id) == (client.id, client.structure_id)
    assert machine.scopes == {"deposit:bio"}
    assert [bool(row.certificate) for row in await listed(db)] == [True, False]
    assert await unbind(db, PRINT.hex()[:12].upper()) == HELD.subject
    await db.flush()
    assert await machine_of_certificate(db, PRINT) is None
    with pytest.raises(Refused):
        await unbind(db, PRINT.hex())


async def test_what_an_operator_does_is_in_the_journal(
    db: AsyncSession, client: MachineClient
) -> None:
    await bind(db, "sgl-0", HELD)
    await unbind(db, PRINT.hex())
    await db.commit()
    lines = await db.execute(
        select(Trace.action, Trace.reason, Trace.record_id).where(
            Trace.action.startswith("certificate:")
        )
    )
    assert sorted(tuple(line) for line in lines) == [
        ("certificate:bind", PRINT.hex()[:16], None),
        ("certificate:unbind", PRINT.hex()[:16], None),
    ]


async def test_neither_for_two_nor_for_nobody_nor_once_it_is_over(
    db: AsyncSession, client: MachineClient
) -> None:
    await bind(db, "sgl-0", HELD)
    over = Certificate(b"over", "CN=over", utcnow() - timedelta(seconds=1))
    for client_id, certificate in (("sgl-1", HELD), ("sgl-9", HELD), ("sgl-0", over)):
        with pytest.raises(Refused):
            await bind(db, client_id, certificate)
    client.disabled_at = utcnow()
    await db.flush()
    assert await machine_of_certificate(db, PRINT) is None


async def test_one_that_expires_speaks_for_nobody_any_more(
    db: AsyncSession, client: MachineClient
) -> None:
    await bind(db, "sgl-0", HELD)
    row = next(row.certificate for row in await listed(db) if row.certificate)
    row.expires_at = utcnow()
    await db.flush()
    assert await machine_of_certificate(db, PRINT) is None


async def test_a_client_whose_last_certificate_ends_is_noticed_in_time(
    db: AsyncSession, client: MachineClient
) -> None:
    soon = utcnow() + timedelta(days=31)
    await bind(db, "sgl-0", HELD)
    await db.flush()
    assert await count_expiring(db, soon) == 1
    await bind(db, "sgl-0", Certificate(b"next", "CN=next", utcnow() + timedelta(days=400)))
    await db.flush()
    assert await count_expiring(db, soon) == 0


async def test_a_client_reads_for_professionals_once_it_is_said_under_which_name(
    db: AsyncSession, client: MachineClient
) -> None:
    for name, why in (("nobody", "No client"), ("sgl-0", "no key")):
        with pytest.raises(Refused, match=why):
            await lets_read(db, name, "psc-0")
    client.jwks = {"keys": [{"kty": "EC"}]}
    await lets_read(db, "sgl-0", "psc-0")
    assert client.psc_client_id == "psc-0"
    await lets_read(db, "sgl-0", "")
    assert client.psc_client_id is None


async def test_the_demonstration_makes_its_own_once_and_keeps_no_way_to_make_more(
    db: AsyncSession, tmp_path: Path
) -> None:
    folder = tmp_path / "var" / "mllp"
    make(folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    make(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert "ca.key" not in before
    keys = [file for file in folder.iterdir() if file.suffix == ".key"]
    assert len(keys) == 3
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in keys)
    assert list(folder.parent.iterdir()) == [folder]
    await bind_all(db, folder)  # nobody is called so here: nothing happens
    with pytest.raises(BadCertificate):
        read_certificate(before["server.key"])


async def test_only_an_operator_or_a_demonstration_may(
    db: AsyncSession, client: MachineClient
) -> None:
    from backend.access import Denied

    with pytest.raises(Denied):
        await bind(db, "sgl-0", HELD, by=Robot("calendar"))
