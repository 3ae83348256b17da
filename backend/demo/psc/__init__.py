"""Pro Santé Connect for demonstrations and tests: a provider of our own, with fictional people.

It answers under `/demo/psc` as the real one does, and can misbehave on purpose (`ways`).
"""

from typing import Any

import httpx2
from litestar import Litestar

from backend.demo.psc.emulator import Emulator
from backend.settings import Psc, Settings
from backend.settings.psc import WELL_KNOWN

__all__ = ["Emulator", "emulator_for", "neighbour"]


def emulator_for(settings: Settings) -> Emulator | None:
    """Only in a demonstration that has no real one."""
    if settings.psc or not settings.is_demo:
        return None
    return Emulator(settings.public_url)


def neighbour(
    app: Litestar, emulator: Emulator | None, settings: Settings
) -> tuple[Psc | None, httpx2.AsyncBaseTransport | None]:
    """Whom to call, and by which way: the emulator is in this very process."""
    if emulator is None:
        return settings.psc, None
    served: Any = app
    given = Psc(emulator.client_id, emulator.issuer + WELL_KNOWN, emulator.secret)
    return given, httpx2.ASGITransport(served, raise_app_exceptions=False)
