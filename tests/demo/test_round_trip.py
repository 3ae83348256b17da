"""What the writers write, the readers read: every report of the demonstration, there and back."""

import pytest

from backend.demo.reports import DemoDeposit
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Report

Deposits = dict[str, DemoDeposit]

read_cda = pytest.importorskip("backend.domain.formats.cda").read_cda


def test_every_report_comes_back_as_it_was_written(deposits: Deposits) -> None:
    for sent in deposits.values():
        back: Report = read_cda(write_cda(sent.report))
        assert back.header == sent.report.header, sent.name
        assert back.results == sent.report.results, sent.name
        assert back == sent.report, sent.name
