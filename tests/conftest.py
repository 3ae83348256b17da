"""What every test may ask for."""

pytest_plugins = [
    "tests.fixtures.alarm",
    "tests.fixtures.database",
    "tests.fixtures.logs",
    "tests.fixtures.patience",
    "tests.fixtures.application",
    "tests.fixtures.twins",
]
