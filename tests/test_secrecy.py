"""A stolen dump, the files, the logs: nothing about anybody. And nothing that can be moved."""

from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.settings import Settings
from tests.laboratory import Laboratory
from tests.pages import Browser

Reports = Mapping[str, DemoDeposit]
CANARIES = (
    *(LAURA.traits.birth_name, LAURA.traits.birth_name.title(), LAURA.traits.matricule),
    *(LAURA.email, LAURA.phone, LAURA.identifier, LAURA.password),
    *("Glycémie", "Hémoglobine", "cholestérol", "Bilan sanguin", "Prescrit", "Paul Martin"),
    *("second dosage", "ClinicalDocument", "4548-4", "%PDF"),
)


def dump(url: str) -> bytes:
    """Every row of every table, as stored."""
    address = make_url(url)
    out = bytearray()
    with psycopg.connect(
        host=str(address.query["host"]), user=address.username, dbname=address.database
    ) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                for chunk in copy:
                    out += bytes(chunk)
    return bytes(out)


def contents(folder: Path) -> tuple[bytes, bytes]:
    """All bytes of all files, and all their names."""
    places = sorted(folder.rglob("*"))
    files = b"".join(place.read_bytes() for place in places if place.is_file())
    return files, "\n".join(map(str, places)).encode()


async def visit(
    reader: Browser, laboratory: Laboratory, reports: Reports, *names: str
) -> list[str]:
    """Deposits, then a whole visit of Laura; the paths of what she read."""
    for name in names:
        assert "MSA|AA" in await laboratory.send(write_message(reports[name]))
    await reader.sign_in(LAURA)
    listed = (await reader.get("/documents")).text
    paths = [
        part.split('"')[0] for part in listed.split('href="')[1:] if "/documents/" in part[:12]
    ]
    for path in paths:
        assert (await reader.get(path)).status_code == 200
    return paths


async def test_the_database_the_files_and_the_logs_say_nothing_about_anybody(
    settings: Settings,
    reader: Browser,
    laboratory: Laboratory,
    reports: Reports,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await visit(reader, laboratory, reports, "laura-bilan-sanguin-v1", "laura-ecbu-v1")
    assert settings.database_url
    stored = dump(settings.database_url)
    folder = Path(settings.storage_url.removeprefix("file://"))
    files, names = contents(folder)
    captured = capfd.readouterr()
    logs = (captured.out + captured.err).encode()
    assert len(stored) > 10_000
    assert len(files) > 10_000
    for canary in CANARIES:
        for where, content in (
            ("the database", stored),
            ("the files", files),
            ("the names of files", names),
            ("the logs", logs),
        ):
            assert canary.encode() not in content, f"{canary} in {where}"


async def test_a_flag_changed_behind_our_back_shows_nothing(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    (path,) = await visit(reader, laboratory, reports, "laura-bilan-sanguin-v1")
    await run(app, "UPDATE document SET masked = NOT masked")
    answer = await reader.get(path)
    assert answer.status_code == 500
    assert "Glycémie" not in answer.text


@pytest.mark.parametrize("column", ["sealed_summary", "sealed_report"])
async def test_what_is_moved_from_one_row_to_another_does_not_open(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports, column: str
) -> None:
    names = ("laura-bilan-sanguin-v1", "laura-ecbu-v1")
    paths = await visit(reader, laboratory, reports, *names)
    await run(
        app,
        f"UPDATE version SET {column} = other.{column} FROM version AS other "
        "WHERE other.id <> version.id",
    )
    for path in paths:
        answer = await reader.get(path)
        assert answer.status_code == 500
        assert "Glycémie" not in answer.text


async def run(app: Litestar, statement: str) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement))
