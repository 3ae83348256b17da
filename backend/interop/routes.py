"""Every door for machines. No cookie is read here, so nothing here needs a CSRF token."""

from litestar import Router

from backend.access.doors import MACHINES, PUBLIC
from backend.interop import acknowledgements, hl7v2, oauth, openapi
from backend.interop.fhir import describing, providing

router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[oauth.router], opt={"door": PUBLIC}),
        Router(
            "/api", route_handlers=[hl7v2.router, acknowledgements.router], opt={"door": MACHINES}
        ),
        Router("/api", route_handlers=[openapi.router], opt={"door": PUBLIC}),
        Router("/fhir", route_handlers=[providing.router], opt={"door": MACHINES}),
        Router("/fhir", route_handlers=[describing.router], opt={"door": PUBLIC}),
    ],
    opt={"exclude_from_csrf": True},
)
