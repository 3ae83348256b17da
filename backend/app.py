"""The composition root: the only module that knows every other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from jinja2 import Environment
from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.plugins.htmx import HTMXPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template.config import TemplateConfig

from backend.access.doors import check_every_route_has_a_door, knock
from backend.access.scopes import Policy
from backend.demo import psc as demo_psc
from backend.demo import routes as demo
from backend.demo.mssante import emulated
from backend.demo.neighbours import open_emulators, reader_for
from backend.domain.pace import Pace, Span
from backend.gateways.outside import open_outside
from backend.gateways.psc import open_psc
from backend.interop import routes as interop
from backend.interop import unknown
from backend.interop.desk import Desk
from backend.jobs import calendar, dispatching
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import work
from backend.patient import routes as patient
from backend.pro import routes as pro
from backend.settings import Release, Settings, Worker
from backend.storage.db import make_engine, make_readers, make_sessions
from backend.storage.vault import Vault
from backend.web import assets, health, kit
from backend.web.letters import Letters
from backend.web.live import Watchers
from backend.web.templates import make_environment

STOP_SECONDS = 20
"""How long a stopping process waits for the work it has begun; the rest is done by the next one."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(settings: Settings, *, beside: Sequence[Lifespan] = ()) -> Litestar:
    """The application that these settings describe; its database is already migrated.

    What is `beside` it lives as long, and ends before what it is made of.
    """
    if settings.database_url is None:
        raise ValueError("start the embedded server first: its address goes in the settings")
    environment = _environment(settings)
    routers = [health.router, assets.router, patient.router, interop.router, pro.router]
    app = Litestar(
        [*routers, *([demo.router] if settings.is_demo else [])],
        dependencies=kit.dependencies(),
        guards=[knock],
        middleware=kit.middleware(settings),
        before_send=[kit.add_headers(settings)],
        after_exception=[kit.note_denied],
        exception_handlers={**kit.exception_handlers(), **unknown.HANDLERS},
        plugins=[HTMXPlugin()],
        lifespan=[_database, _neighbours, _worker, *beside],
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment)),
        csrf_config=CSRFConfig(
            secret=Vault(settings.root_key).mac("csrf", b"").hex(),
            cookie_name=kit.cookie_name(settings, "csrf"),
            cookie_secure=kit.is_https(settings),
            cookie_httponly=True,
            exclude_from_csrf_key="exclude_from_csrf",
        ),
        openapi_config=None,
        logging_config=None,  # ours, set by the command
        request_max_body_size=settings.deposit_max_bytes,
    )
    furnish(app, settings)
    check_every_route_has_a_door(app)
    return app


def furnish(app: Litestar, settings: Settings) -> None:
    """What the application must know before it starts; its lifespan opens the rest."""
    app.state.settings = settings
    app.state.policy = _policy(settings)
    app.state.letters = Letters(_environment(settings), settings.public_url)


def _policy(settings: Settings) -> Policy:
    """What the operator decided where the law leaves a choice."""
    return Policy(
        masked_visible_to_treating_physician=settings.masked_visible_to_treating_physician,
        blocked_author_reads=settings.blocked_author_reads,
        caregivers=settings.caregivers,
        released_by_law=settings.withheld_release is Release.LAW,
        paces={
            Span.HOUR: Pace(settings.records.told_hour, settings.records.hour),
            Span.DAY: Pace(settings.records.told_day, settings.records.day),
        },
    )


def _environment(settings: Settings) -> Environment:
    return make_environment(demo=settings.is_demo, idle_minutes=settings.session_idle_minutes)


@asynccontextmanager
async def _database(app: Litestar) -> AsyncIterator[None]:
    """The pool opens with the application and closes with it."""
    settings: Settings = app.state.settings
    app.state.engine = make_engine(settings.database_url or "", hurried=True)
    app.state.vault = Vault(settings.root_key)
    app.state.sessions = make_sessions(app.state.engine, app.state.vault)
    app.state.readers = make_readers(app.state.engine, app.state.vault)
    app.state.watchers = Watchers(app.state.engine)
    yield
    await app.state.watchers.close()
    await app.state.engine.dispose()


@asynccontextmanager
async def _neighbours(app: Litestar) -> AsyncIterator[None]:
    state = app.state
    state.reader = reader_for(state.settings)
    async with (
        emulated(state.settings) as (mailing, state.near),
        open_emulators(mailing, state.reader) as known,
        open_outside(known) as state.outside,
    ):
        state.desk = Desk(state.sessions, state.vault, state.outside)
        state.psc_emulator = demo_psc.emulator_for(state.settings)
        given, transport = demo_psc.neighbour(app, state.psc_emulator, state.settings)
        async with open_psc(given, state.settings.public_url, transport) as state.psc:
            yield


@asynccontextmanager
async def _worker(app: Litestar) -> AsyncIterator[None]:
    """Promised work, in this process when the settings say so."""
    if app.state.settings.worker is not Worker.INPROCESS:
        yield
        return
    state, operator = app.state, app.state.settings.reports_email
    handlers = make_handlers(state.outside, state.letters, state.policy, operator)
    stop = asyncio.Event()
    task = asyncio.create_task(work(app.state.sessions, app.state.engine, handlers, stop))
    sweeping = asyncio.create_task(
        calendar.keep(app.state.sessions, stop, calendar.sweeps_under(app.state.policy))
    )
    listening = asyncio.create_task(
        dispatching.keep(state.sessions, state.outside, stop, state.settings.mailbox_every)
    )
    yield
    stop.set()
    await asyncio.wait({task, sweeping, listening}, timeout=STOP_SECONDS)
    sweeping.cancel()
    listening.cancel()
    task.cancel()  # only if a neighbour keeps it from giving back its work
