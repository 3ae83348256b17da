"""What the tests of the gateways share."""

from collections.abc import AsyncIterator

import pytest

from backend.gateways.pdf import PdfWorkers


@pytest.fixture(scope="session")
async def workers() -> AsyncIterator[PdfWorkers]:
    async with PdfWorkers(inspectors=1) as opened:
        yield opened
