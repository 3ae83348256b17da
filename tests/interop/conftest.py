"""Reports to deposit."""

from datetime import date

import pytest

from backend.demo.reports import DemoDeposit, demo_reports

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def reports() -> dict[str, DemoDeposit]:
    """The demonstration's deposits, by name."""
    return {sent.name: sent for sent in demo_reports(TODAY)}
