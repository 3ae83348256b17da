"""`/pro/poste`: what the laboratory is connected to, and how to try a deposit."""

from litestar import Router, get
from litestar.response import Template

from backend import VERSION
from backend.pro.frame import pro_page
from backend.services import station
from backend.web import At, Config, Db, Neighbours, Staff


@get("/poste", name="pro.station.index")
async def index(db: Db, actor: Staff, at: At, outside: Neighbours, config: Config) -> Template:
    """What is known already: no neighbour is asked by opening a page."""
    return await pro_page(
        db,
        actor,
        at,
        "pro/station/index.html",
        section="station",
        station=await station.open_station(db, actor, at),
        joined=station.joined(outside),
        demonstration=config.is_demo,
        version=VERSION,
    )


router = Router("/", route_handlers=[index])
