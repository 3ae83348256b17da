"""`/pro/poste`: what the laboratory is connected to, and how to try a deposit."""

from litestar import Router, get
from litestar.response import Template

from backend import VERSION
from backend.gateways.annuaire import NoAnnuaire
from backend.gateways.insi import NoInsi
from backend.gateways.mssante import NoMssante
from backend.gateways.outside import Outside
from backend.pro.frame import pro_page
from backend.services.station import open_station
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
        station=await open_station(db, actor, at),
        joined=joined(outside),
        demonstration=config.is_demo,
        version=VERSION,
        public_url=config.public_url,
    )


def joined(outside: Outside) -> dict[str, bool]:
    """Which neighbours the operator configured, or a demonstration plays."""
    return {
        "insi": not isinstance(outside.insi, NoInsi),
        "annuaire": not isinstance(outside.annuaire, NoAnnuaire),
        "out": not isinstance(outside.mssante, NoMssante),
        "back": outside.mailbox is not None,
        "cards": bool(outside.connector),
    }


router = Router("/", route_handlers=[index])
