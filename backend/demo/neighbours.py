"""The neighbours that a demonstration plays itself, when no real one is configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from backend.demo.insi import open_insi
from backend.settings import InsiAccess, Settings


@asynccontextmanager
async def open_emulators(settings: Settings) -> AsyncIterator[Settings]:
    """The same settings, with the address of an emulator for each neighbour that is missing."""
    if not settings.is_demo or settings.insi:
        yield settings
        return
    async with open_insi() as address:
        yield replace(settings, insi=InsiAccess(address, idam="DEMO", instance="demo"))
