"""A limit is worth something when it sends the same bytes and does the same work."""

import pytest

from benchmarks.bare import FIELDS, ROWS, Row, rows_of
from benchmarks.login import argon2id


def test_the_bare_page_is_the_real_one_in_pieces() -> None:
    page = "<p>Hémoglobine : 13,4 g/dL &amp; c’est tout.</p>\n" * 97

    rows = rows_of(page)

    assert len(rows) == ROWS
    assert whole(rows) == page
    assert all(len(row.one) <= len(page) // (ROWS * FIELDS) + 1 for row in rows)


def test_a_page_shorter_than_its_pieces_is_whole_too() -> None:
    rows = rows_of("<p>Bonjour</p>")

    assert whole(rows) == "<p>Bonjour</p>"


def test_the_limit_of_signing_in_checks_passwords(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.login.SECONDS", 0.01)

    assert argon2id(2).latencies


def whole(rows: list[Row]) -> str:
    return "".join(r.one + r.two + r.three + r.four + r.five + r.six for r in rows)
