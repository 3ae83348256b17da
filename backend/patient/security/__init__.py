"""Sécurité et appareils: means to sign in, browsers, and the link that undoes a change."""

from litestar import Router

from backend.access.doors import PATIENTS, PUBLIC
from backend.patient.security import app, contact, keys, overview, password, undo

router = Router(
    "/",
    route_handlers=[
        Router(
            "/",
            route_handlers=[
                *overview.handlers,
                *password.handlers,
                *contact.handlers,
                *app.handlers,
                *keys.handlers,
            ],
            opt={"door": PATIENTS},
        ),
        Router("/", route_handlers=[*undo.handlers], opt={"door": PUBLIC}),
    ],
)
