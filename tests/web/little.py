"""A few routes with the whole kit around them: what pages share, without the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get, post
from litestar.config.csrf import CSRFConfig
from litestar.params import FromPath
from litestar.plugins.htmx import HTMXPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from litestar.testing import AsyncTestClient

from backend.access import Action, authorise
from backend.access.doors import HALFWAY, PATIENTS, PUBLIC, knock
from backend.access.scopes import Policy
from backend.domain.errors import NotFound, Refused, Unavailable
from backend.services.documents import Withdrawn
from backend.settings import Settings
from backend.storage.db import Sessions
from backend.web import Db, Me, Person, kit
from backend.web.callers import client_address
from backend.web.templates import make_environment

HOST = "reperes.example"
PROBLEMS = {
    "absent": NotFound,
    "refused": Refused,
    "withdrawn": Withdrawn,
    "down": Unavailable,
    "bug": RuntimeError,
}


@get("/who", name="little.who", door=PUBLIC)
async def who(request: Request[Any, Any, Any], actor: Me) -> dict[str, str]:
    return {"kind": type(actor).__name__, "address": client_address(request)}


@get("/static", name="little.static", door=PUBLIC, anonymous=True)
async def static(actor: Me) -> str:
    return type(actor).__name__


@get("/page", name="little.page", door=PUBLIC)
async def some_page() -> Template:
    return Template("errors/problem.html", context={"problem": Refused("Voilà."), "status": 200})


@get("/problem/{name:str}", name="little.problem", door=PUBLIC)
async def problem(name: FromPath[str]) -> None:
    raise PROBLEMS[name]("SELECT secret")


@get("/mine", name="little.mine", door=PATIENTS)
async def mine(actor: Person) -> str:
    return str(actor.record_id)


@get("/half", name="little.half", door=HALFWAY)
async def half() -> str:
    return "half"


@get("/denied", name="little.denied", door=PATIENTS)
async def denied(db: Db, actor: Me) -> None:
    authorise(db, actor, Action.DEPOSIT_DOCUMENT, None)


@post("/change", name="little.change", door=PUBLIC)
async def change() -> str:
    return "changed"


@post("/api/change", name="little.machine", door=PUBLIC, exclude_from_csrf=True)
async def machine_change() -> str:
    return "changed"


@get("/api/absent", name="little.machine_absent", door=PUBLIC, exclude_from_csrf=True)
async def machine_absent() -> None:
    raise NotFound


ROUTES = [
    who,
    static,
    some_page,
    problem,
    mine,
    half,
    denied,
    change,
    machine_change,
    machine_absent,
]


def little_settings(folder: Path, **given: str) -> Settings:
    """Over https, unless told otherwise."""
    return Settings.from_env(
        {
            "REPERES_VAR_DIR": str(folder),
            "REPERES_PUBLIC_URL": f"https://{HOST}",
            "REPERES_HOST": "127.0.0.1",
            **{f"REPERES_{name}": value for name, value in given.items()},
        }
    )


@asynccontextmanager
async def little_app(settings: Settings, sessions: Sessions) -> AsyncIterator[AsyncTestClient[Any]]:
    """A client of the little application; server errors are answers, as for a browser."""
    app = Litestar(
        ROUTES,
        dependencies=kit.dependencies(),
        guards=[knock],
        middleware=kit.middleware(settings),
        before_send=[kit.add_headers(settings)],
        after_exception=[kit.note_denied],
        exception_handlers=kit.exception_handlers(),
        plugins=[HTMXPlugin()],
        template_config=TemplateConfig(
            instance=JinjaTemplateEngine.from_environment(make_environment(demo=False))
        ),
        csrf_config=CSRFConfig(
            secret="for tests",
            cookie_name=kit.cookie_name(settings, "csrf"),
            cookie_secure=kit.is_https(settings),
            cookie_httponly=True,
            exclude_from_csrf_key="exclude_from_csrf",
        ),
        openapi_config=None,
        logging_config=None,
    )
    app.state.settings, app.state.sessions, app.state.readers = settings, sessions, sessions
    app.state.policy, app.state.outside = Policy(), None
    async with AsyncTestClient(
        app, base_url=settings.public_url, raise_server_exceptions=False
    ) as client:
        yield client
