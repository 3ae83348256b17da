"""`/pro/envois` while it stays open: what changes is told at once, or asked for now and then."""

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, Router, get
from litestar.params import FromQuery
from litestar.response import Response, ServerSentEvent, ServerSentEventMessage, Template

from backend.pro.dispatches import SHOWN, stamp
from backend.services.dispatches import watching
from backend.services.dispatches.overseeing import Board
from backend.web import At, Db, Staff, page
from backend.web.live import rendered, stream
from backend.web.shedding import STREAMS

OLDEST = timedelta(days=1)
"""Whoever was away longer reads the page again."""
DIGITS = 16
"""Of an instant in milliseconds: beyond, it is none of ours."""
FRAGMENT = "pro/dispatches/_changes.html"
AnyRequest = Request[Any, Any, Any]


@get("/envois/direct", name="pro.dispatches.live", lane=STREAMS, unattended=True)
async def live(
    request: AnyRequest, db: Db, actor: Staff, at: At, depuis: FromQuery[int] = 0
) -> ServerSentEvent:
    """Until the reader leaves, or is no longer who they were."""
    last = request.headers.get("last-event-id", "")
    since = _moment(int(last) if last.isdecimal() and len(last) <= DIGITS else depuis, at.now)
    known: watching.Known = {}
    watching.begin(db, actor)

    async def look(db: Db, actor: Staff, now: datetime) -> ServerSentEventMessage | None:
        nonlocal since, known
        found = await watching.changes(db, actor, since, known)
        since = now
        if found is None:
            return None
        known = watching.still_needed(known, found, now)
        words = rendered(request, FRAGMENT, **_shown(found, now))
        return ServerSentEventMessage(words, id=stamp(now))

    return stream(request, actor, look)


@get("/envois/nouveautes", name="pro.dispatches.changes", unattended=True)
async def changes(
    db: Db, actor: Staff, at: At, depuis: FromQuery[int] = 0
) -> Template | Response[None]:
    """The same, once: for browsers that are told of nothing."""
    found = await watching.changes(db, actor, _moment(depuis, at.now))
    if found is None:
        return Response(None, status_code=204)
    watching.begin(db, actor)
    return page(FRAGMENT, **_shown(found, at.now))


def _shown(found: Board, now: datetime) -> dict[str, Any]:
    """The rows that changed and the counters."""
    return {"board": found, "stamp": stamp(now), **SHOWN}


def _moment(asked: int, now: datetime) -> datetime:
    """What an address or a browser says, between a day ago and now."""
    oldest = stamp(now - OLDEST)
    return datetime.fromtimestamp(min(max(asked, oldest), stamp(now)) / 1_000, UTC)


router = Router("/", route_handlers=[live, changes])
