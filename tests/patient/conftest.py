import pytest

from backend.services import even


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long answers take is for the proofs; here each test would wait for nothing."""
    monkeypatch.setattr(even, "FLOOR", 0.0)
