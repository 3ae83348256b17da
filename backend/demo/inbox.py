"""The letter box of the demonstration: what real SMTP and the SMS webhook brought."""

from typing import Any

from litestar import Request, Router, get
from litestar.response import Template

from backend.web import page


@get("/boite", name="demo.inbox.index")
async def index(request: Request[Any, Any, Any]) -> Template:
    """For people, the newest first."""
    return page("demo/inbox.html", messages=request.app.state.outside.inbox.messages())


@get("/boite.json", name="demo.inbox.data")
async def data(request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    """For programs: channel, to, subject, text, sent_at (ISO 8601)."""
    return [
        {
            "channel": message.channel,
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "sent_at": message.sent_at.isoformat(),
        }
        for message in request.app.state.outside.inbox.messages()
    ]


router = Router("/", route_handlers=[index, data])
