"""Every door of the professionals’ space."""

from litestar import Router

from backend.access.doors import PROFESSIONALS
from backend.pro import (
    announcements,
    anomalies,
    cards,
    contracts,
    conversations,
    day,
    deposits,
    dispatch_changes,
    dispatches,
    entrance,
    home,
    identity,
    kit,
    misfilings,
    models,
    patients,
    policies,
    records,
    returning,
    reviews,
    sessions,
    station,
    team,
)
from backend.web.bodies import FORM_BYTES

router = Router(
    "/pro",
    route_handlers=[
        entrance.router,
        returning.router,
        Router(
            "/",
            route_handlers=[
                home.router,
                sessions.router,
                team.router,
                patients.router,
                cards.router,
                day.router,
                identity.router,
                contracts.router,
                anomalies.router,
                misfilings.router,
                kit.router,
                dispatches.router,
                dispatch_changes.router,
                models.router,
                conversations.router,
                announcements.router,
                policies.router,
                station.router,
                deposits.router,
                records.router,
                reviews.router,
            ],
            opt={"door": PROFESSIONALS},
        ),
    ],
    opt={"professionals": True},
    request_max_body_size=FORM_BYTES,
)
