"""The limit: the same framework sending as many bytes, without database, people or rules."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get, post
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Response, Template
from litestar.template.config import TemplateConfig

FOLDER = Path(os.environ.get("BARE", "."))
ROWS, FIELDS = 50, 6


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page: six texts that Jinja escapes."""

    one: str
    two: str
    three: str
    four: str
    five: str
    six: str


@get("/page/{name:str}", sync_to_thread=False)
def page(name: str) -> Template:
    """A page as long as the real one: fifty rows of six fields."""
    return Template("bare.html", context={"rows": PAGES[name]})


@get("/bytes", sync_to_thread=False)
def content() -> Response[bytes]:
    """A page image from the disk."""
    return Response((FOLDER / "image").read_bytes(), media_type="image/webp")


@post("/body")
async def body(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A message is received, and nothing more."""
    return Response(str(len(await request.body())).encode(), status_code=200)


def _rows(length: int) -> list[Row]:
    return [Row(*["é" * (length // ROWS // FIELDS)] * FIELDS)] * ROWS


PAGES = {file.stem: _rows(len(file.read_text())) for file in FOLDER.glob("*.html")}
app = Litestar(
    [page, content, body],
    template_config=TemplateConfig(
        directory=Path(__file__).parent / "templates", engine=JinjaTemplateEngine
    ),
    openapi_config=None,
)
