"""`reperes fsck` says what it read and names faults by id; its exit status says: worry, or not."""

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from backend.cli import main
from tests.fixtures.application import settings_for

KEY_BROKEN = (
    "UPDATE record SET wrapped_key = '' WHERE id = (SELECT min(id::text)::uuid FROM record"
    " WHERE state = 'actif')"
)


def fsck(url: str, folder: Path, *options: str) -> Result:
    settings = settings_for(url, folder)
    env = {"REPERES_DATABASE_URL": url, "REPERES_VAR_DIR": str(settings.var_dir)}
    return CliRunner().invoke(main, ["fsck", *options], env=env)


def run(url: str, statement: str) -> None:
    address = make_url(url)
    with psycopg.connect(
        host=str(address.query["host"]), user=address.username, dbname=address.database
    ) as connection:
        connection.execute(statement.encode())


def test_a_sound_store_is_counted(world_url: str, tmp_path: Path) -> None:
    done = fsck(world_url, tmp_path)
    assert done.exit_code == 0, done.output
    assert "0 faults" in done.output
    assert " records\n" in done.output


def test_a_fault_is_a_line_and_an_exit_status(world_url: str, tmp_path: Path) -> None:
    run(world_url, KEY_BROKEN)
    done = fsck(world_url, tmp_path)
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "1 faults"
    fault, id_ = done.output.splitlines()[-2].split()
    assert (fault, len(id_)) == ("record-key-broken", 36)


def test_the_same_for_machines(world_url: str, tmp_path: Path) -> None:
    run(world_url, KEY_BROKEN)
    done = fsck(world_url, tmp_path, "--json", "--remove-leftovers")
    assert done.exit_code == 1
    found = json.loads(done.output)
    assert (found["faults"], found["removed"]) == (1, 0)
    assert [broken["fault"] for broken in found["broken"]] == ["record-key-broken"]
    assert found["counts"]["records"] > 0


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_it_explains_itself(option: str) -> None:
    done = CliRunner().invoke(main, ["fsck", option])
    assert done.exit_code == 0
    assert "--remove-leftovers" in done.output
