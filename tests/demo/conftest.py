from datetime import date

import pytest

from backend.demo.reports import DemoDeposit, demo_reports, write_message

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def deposits() -> dict[str, DemoDeposit]:
    return {sent.name: sent for sent in demo_reports(TODAY)}


@pytest.fixture(scope="session")
def messages(deposits: dict[str, DemoDeposit]) -> dict[str, bytes]:
    return {name: write_message(sent) for name, sent in deposits.items()}
