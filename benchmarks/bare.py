"""The limit: the same framework sending the same bytes, without database, people or rules."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get, post
from litestar.params import FromPath
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Response, Template
from litestar.template.config import TemplateConfig
from markupsafe import Markup

FOLDER = Path(os.environ.get("BARE", "."))
ROWS, FIELDS = 50, 6


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page: six pieces that Jinja puts together."""

    one: Markup
    two: Markup
    three: Markup
    four: Markup
    five: Markup
    six: Markup


@get("/page/{name:str}", sync_to_thread=False)
def page(name: FromPath[str]) -> Template:
    """The bytes of the real page: fifty rows of six fields."""
    return Template("bare.html", context={"rows": PAGES[name]})


@get("/bytes/{name:str}", sync_to_thread=False)
def content(name: FromPath[str]) -> Response[bytes]:
    """A page image from the disk."""
    return Response((FOLDER / name).read_bytes(), media_type="image/webp")


@get("/ready", sync_to_thread=False)
def ready() -> None:
    """It listens."""


@post("/body")
async def body(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A message is received, and nothing more."""
    return Response(str(len(await request.body())).encode(), status_code=200)


def rows_of(html: str) -> list[Row]:
    """A real page, cut into three hundred pieces of the same length."""
    pieces = ROWS * FIELDS
    cuts = [len(html) * number // pieces for number in range(pieces + 1)]
    parts = [Markup(html[cuts[number] : cuts[number + 1]]) for number in range(pieces)]
    return [Row(*parts[first : first + FIELDS]) for first in range(0, pieces, FIELDS)]


PAGES = {file.stem: rows_of(file.read_text()) for file in FOLDER.glob("*.html")}
app = Litestar(
    [page, content, body, ready],
    template_config=TemplateConfig(
        directory=Path(__file__).parent / "templates", engine=JinjaTemplateEngine
    ),
    openapi_config=None,
)
