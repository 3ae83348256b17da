"""Whose space is on the screen; the children’s profiles, and sharing them."""

from litestar import Router

from backend.patient.profiles import choosing, refusing, sharing

router = Router("/", route_handlers=[*choosing.handlers, *refusing.handlers, *sharing.handlers])
