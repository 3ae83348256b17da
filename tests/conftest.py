"""What every test may ask for."""

import gc

pytest_plugins = [
    "tests.fixtures.alarm",
    "tests.fixtures.database",
    "tests.fixtures.logs",
    "tests.fixtures.patience",
    "tests.fixtures.application",
    "tests.fixtures.twins",
]


def pytest_collection_finish() -> None:
    """What was imported stays until the end: no collection of garbage goes through it again."""
    gc.freeze()
