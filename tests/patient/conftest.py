from collections.abc import Mapping

import pytest
from litestar import Litestar

from backend.access.scopes import Policy
from backend.demo.reports import DemoDeposit
from backend.services import even
from tests.patient.test_profiles import file_for


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long answers take is for the proofs; here each test would wait for nothing."""
    monkeypatch.setattr(even, "FLOOR", 0.0)


@pytest.fixture
async def caring(app: Litestar, reports: Mapping[str, DemoDeposit]) -> Litestar:
    """The operator wants aidants, and Laura has a report."""
    app.state.policy = Policy(caregivers=True)
    await file_for(app, reports, "laura-premier-bilan-v1")
    return app
