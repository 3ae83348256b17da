"""Pages that exist in a demonstration only."""

from litestar import Router

from backend.access.doors import DEMO
from backend.demo import accounts, cards, inbox, samples
from backend.demo.psc import routes as psc

router = Router(
    "/demo",
    route_handlers=[inbox.router, accounts.router, cards.router, psc.router, samples.router],
    opt={"door": DEMO},
)
