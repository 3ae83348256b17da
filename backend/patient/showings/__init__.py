"""« Partage ponctuel »: its two sides, whoever shows and whoever comes with the code."""

from litestar import Router

from backend.access.doors import GUESTS, HOLDERS, PUBLIC
from backend.patient.showings import entering, reading, showing

router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[*showing.handlers], opt={"door": HOLDERS}),
        Router("/", route_handlers=[*entering.handlers], opt={"door": PUBLIC, "guests": True}),
        Router("/", route_handlers=[*reading.handlers], opt={"door": GUESTS, "guests": True}),
    ],
)
