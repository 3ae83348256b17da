"""Activer mon espace, or refuse it: one question a page, without a session."""

from litestar import Router

from backend.access.doors import PATIENTS, PUBLIC
from backend.patient.activation import again, contact, finish, refusal, secrets

router = Router(
    "/",
    route_handlers=[
        Router(
            "/",
            route_handlers=[
                *secrets.handlers,
                *contact.handlers,
                *finish.handlers,
                *again.handlers,
                *refusal.handlers,
            ],
            opt={"door": PUBLIC},
        ),
        Router("/", route_handlers=[finish.welcome], opt={"door": PATIENTS}),
    ],
)
