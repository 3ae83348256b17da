"""The neighbours that a demonstration plays itself, when no real one is configured."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from backend.demo.antivirus import open_scanner
from backend.demo.insi import open_insi
from backend.demo.listening import LOOPBACK
from backend.demo.people import LAURA
from backend.demo.vitale import FakeReader, card_of, open_reader, origins_of
from backend.settings import InsiAccess, Settings
from backend.settings.parts import EVERYWHERE

USUAL_PORT = 9982
"""Where the reader of cards answers, unless another demonstration is there."""


def reader_for(settings: Settings) -> FakeReader:
    """Laura’s card is in it when somebody first presses the button."""
    return FakeReader(card_of(LAURA), origins=origins_of(settings))


@asynccontextmanager
async def open_emulators(settings: Settings, reader: FakeReader) -> AsyncIterator[Settings]:
    """The same settings, with the address of an emulator for each neighbour that is missing."""
    if not settings.is_demo:
        yield settings
        return
    async with AsyncExitStack() as stack:
        if not settings.insi:
            address = await stack.enter_async_context(open_insi())
            settings = replace(settings, insi=InsiAccess(address, idam="DEMO", instance="demo"))
        if not settings.clamav_url:
            address = await stack.enter_async_context(open_scanner())
            settings = replace(settings, clamav_url=address)
        if not settings.vitale_url:
            everywhere = settings.host in EVERYWHERE  # a container, whose ports are published
            host = settings.host if everywhere else LOOPBACK
            url = await _enter(stack, reader, host)
            settings = replace(settings, vitale_url=url)
        yield settings


async def _enter(stack: AsyncExitStack, reader: FakeReader, host: str) -> str:
    """The usual port, or any other one."""
    try:
        return await stack.enter_async_context(open_reader(reader, port=USUAL_PORT, host=host))
    except OSError:
        return await stack.enter_async_context(open_reader(reader, host=host))
