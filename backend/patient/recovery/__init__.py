"""Retrouver l’accès: a forgotten password or identifier, without a session."""

from litestar import Router

from backend.access.doors import PUBLIC
from backend.patient.recovery import identifier, letter, password

router = Router(
    "/",
    route_handlers=[*password.handlers, *identifier.handlers, *letter.handlers],
    opt={"door": PUBLIC},
)
