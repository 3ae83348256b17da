"""Every door for machines. No cookie is read here, so nothing here needs a CSRF token."""

from litestar import Router
from litestar.routes import HTTPRoute

from backend.access.doors import BEHALF, MACHINES, PUBLIC
from backend.interop import acknowledgements, hl7v2, oauth, openapi
from backend.interop.fhir import describing, providing, retrieving

router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[oauth.router], opt={"door": PUBLIC}),
        Router(
            "/api", route_handlers=[hl7v2.router, acknowledgements.router], opt={"door": MACHINES}
        ),
        Router("/api", route_handlers=[openapi.router], opt={"door": PUBLIC}),
        Router("/fhir", route_handlers=[providing.router], opt={"door": MACHINES}),
        Router("/fhir", route_handlers=[retrieving.router], opt={"door": BEHALF}),
        Router("/fhir", route_handlers=[describing.router], opt={"door": PUBLIC}),
    ],
    opt={"exclude_from_csrf": True},
)


def _tell_methods(of: Router) -> None:
    """OPTIONS names every method of a path, also where two routers share it.

    The framework makes that answer with the first of them, and keeps it.
    """
    for number, one in enumerate(of.routes):
        assert isinstance(one, HTTPRoute)
        written = [each for each in one.route_handlers if each.http_methods != {"OPTIONS"}]
        of.routes[number] = HTTPRoute(path=one.path, route_handlers=written)


_tell_methods(router)
