"""« Compte »: the person's own pages, whoever's profile is on the screen."""

from litestar import Router

from backend.access.doors import HOLDERS, PATIENTS, PUBLIC
from backend.patient.account import data, hub, notices, reading

router = Router(
    "/",
    route_handlers=[
        Router(
            "/",
            route_handlers=[*hub.handlers, *notices.handlers],
            opt={"door": PATIENTS},
        ),
        Router(
            "/",
            route_handlers=[*data.handlers],
            opt={"door": HOLDERS},
        ),
        Router("/", route_handlers=[*reading.handlers], opt={"door": PUBLIC}),
    ],
)
