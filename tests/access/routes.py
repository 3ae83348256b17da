"""The inventory of routes: `routes.csv` beside what the application serves."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.routes import BaseRoute
from msgspec import Struct

from backend.access import doors

TABLE = Path(__file__).with_name("routes.csv")
DOORS = {door: name for name, door in vars(doors).items() if isinstance(door, doors.Door)}
AUTOMATIC = frozenset({"OPTIONS", "HEAD"})


class Line(Struct, frozen=True, order=True):
    """One line of the table, or one thing that the application answers."""

    name: str
    method: str
    door: str


def lines() -> dict[Line, dict[str, str]]:
    """The table as written."""
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {Line(row["name"], row["method"], row["door"]): row for row in rows}


def compared() -> frozenset[str]:
    """Names of the routes whose answers may not tell that a document is hidden."""
    return frozenset(line.name for line, row in lines().items() if row["compared"] == "yes")


def served(app: Litestar) -> Iterator[Line]:
    """What the application answers, but for what the framework adds by itself."""
    for route in app.routes:
        for handler in _handlers(route):
            door = DOORS.get(handler.opt.get("door", doors.SHUT), "none")
            methods = getattr(handler, "http_methods", {"*"})
            for method in methods - AUTOMATIC:
                yield Line(handler.name or f"(no name) {route.path}", str(method), door)


def _handlers(route: BaseRoute) -> list[Any]:
    return getattr(route, "route_handlers", None) or [getattr(route, "route_handler")]  # noqa: B009
