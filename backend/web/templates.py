"""The Jinja environment: French filters, drawings, icons and assets. Templates hold no logic."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context
from markupsafe import Markup

from backend.storage.db import utcnow
from backend.web import drawings, french
from backend.web.assets import asset
from backend.web.cookies import READING, read_cookie

TEMPLATES = Path(__file__).parents[2] / "frontend" / "templates"


@cache
def make_environment(*, demo: bool, idle_minutes: int = 15) -> Environment:
    """One for the process's whole life; sessions end after `idle_minutes` without a click."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Typography],
        auto_reload=False,  # looking whether a file changed costs more than rendering it
    )
    environment.filters.update(
        day=_day,
        short_day=french.short_day,
        hour=french.hour,
        day_and_hour=_day_and_hour,
        month_year=french.month_year,
        ago=_ago,
        spaced=french.spaced,
    )
    environment.globals.update(
        demo=demo,
        idle_minutes=idle_minutes,
        asset=asset,
        simple=simple,
        icon=icon,
        plural=french.plural,
        number_line=drawings.number_line,
        mini_bar=drawings.mini_bar,
        trend=drawings.trend,
        spark=drawings.spark,
        beads=drawings.beads,
    )
    return environment


class Typography(Extension):
    """French spaces for the words of pages: « : », « ? » or « » » never start a line."""

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterator[Token]:
        """Only what templates say themselves, neither values nor the plain text of letters."""
        if not (stream.name or "").endswith(".html"):
            return stream
        return (
            Token(token.lineno, token.type, french.spaced(token.value))
            if token.type == "data"
            else token
            for token in stream
        )


@pass_context
def simple(context: Context) -> bool:
    """Whether this browser asked for « Lecture simple »."""
    request = context.get("request")
    return request is not None and read_cookie(request, READING) == "simple"


def icon(name: str, more: str = "") -> Markup:
    """A decorative icon of the sprite; words always stand beside it."""
    return Markup('<svg class="ico {}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        more, asset("icons.svg"), name
    )


def _day(moment: datetime) -> str:
    """A day and its month stay on one line."""
    return french.day(moment).replace(" ", "\u00a0", 1)


def _day_and_hour(moment: datetime) -> str:
    return french.day_and_hour(moment).replace(" ", "\u00a0", 1)


def _ago(moment: datetime) -> str:
    return french.ago(moment, utcnow())
