"""Pages that exist in a demonstration only."""

from litestar import Router

from backend.access.doors import DEMO
from backend.demo import accounts, inbox

router = Router("/demo", route_handlers=[inbox.router, accounts.router], opt={"door": DEMO})
