"""Every route has a line that says what it reads and whether its answers are compared."""

from pathlib import Path

import pytest
from litestar import Litestar, get

from backend.access.doors import PUBLIC
from backend.app import create_app
from tests.access.routes import compared, lines, served
from tests.fixtures.application import settings_for

READS = {
    *("nothing", "account", "machine", "letters", "records"),
    *("documents", "versions", "results", "files", "notices", "documents of its structure"),
}


@pytest.fixture
def app(tmp_path: Path) -> Litestar:
    return create_app(settings_for("postgresql+psycopg://nobody@/nothing", tmp_path))


def test_the_table_and_the_application_say_the_same(app: Litestar) -> None:
    found = sorted(served(app))
    assert found == sorted(lines())
    assert len({line.name for line in found}) == len(found), "a name each"


def test_a_new_route_without_a_line_is_noticed(app: Litestar) -> None:
    @get("/nouveau", name="patient.new.show", opt={"door": PUBLIC}, sync_to_thread=False)
    def show() -> str:
        return ""

    app.register(show)
    (new,) = set(served(app)) - lines().keys()
    assert (new.name, new.method, new.door) == ("patient.new.show", "GET", "PUBLIC")


def test_each_line_says_what_is_read_and_why_an_answer_is_not_compared() -> None:
    for line, row in lines().items():
        read = row["reads"]
        assert read in READS or set(read.split()) <= READS, line
        assert row["compared"] in {"yes", "no"}, line
        assert row["because"], line


def test_whatever_reads_a_record_is_compared() -> None:
    reading = {line.name for line, row in lines().items() if "documents" in row["reads"]}
    assert reading
    assert reading <= compared()
