"""« Accès »: who may see the record, who opened it, and what its person decides about that."""

from litestar import Router

from backend.access.doors import HOLDERS
from backend.patient.access import emergency, professionals, reporting, seeing, timeline

router = Router(
    "/",
    route_handlers=[
        *(*timeline.handlers, *professionals.handlers, *emergency.handlers),
        *(*seeing.handlers, *reporting.handlers),
    ],
    opt={"door": HOLDERS},
)
