from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, Request, Router, asgi, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.middleware.authentication import (
    AbstractAuthenticationMiddleware,
    AuthenticationResult,
)
from litestar.response import Response
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from backend.access.actors import (
    Actor,
    Agent,
    Machine,
    Patient,
    Professional,
    Robot,
    Unplaced,
    Visitor,
)
from backend.access.doors import (
    ARRIVED,
    DEMO,
    HALFWAY,
    HOLDERS,
    MACHINES,
    PATIENTS,
    PROFESSIONALS,
    PUBLIC,
    SHUT,
    SUPPORT,
    Door,
    check_every_route_has_a_door,
    knock,
)
from backend.domain.caregiving import Mandate
from backend.domain.errors import Problem

SOME = UUID(int=1)
ACTORS: dict[str, Actor] = {
    "visitor": Visitor(),
    "halfway": Visitor(half=SOME),
    "patient": Patient(SOME, SOME, SOME, SOME),
    "aidant": Patient(SOME, SOME, UUID(int=2), SOME, Mandate.KEEP),
    "professional": Professional(SOME, SOME, "10"),
    "agent": Agent(SOME),
    "machine": Machine(SOME, SOME, frozenset()),
    "robot": Robot("demo"),
    "unplaced": Unplaced(SOME, SOME),
}
DOORS: dict[str, Door] = {
    "/public": PUBLIC,
    "/demo": DEMO,
    "/halfway": HALFWAY,
    "/patients": PATIENTS,
    "/holders": HOLDERS,
    "/pro": PROFESSIONALS,
    "/arrived": ARRIVED,
    "/support": SUPPORT,
    "/machines": MACHINES,
    "/shut": SHUT,
}
ANSWERS = """
           visitor          halfway          patient          aidant           professional     agent            machine          robot            unplaced
/public    in               in               in               in               in               in               in               NotFound         in
/demo      in               in               in               in               in               in               in               NotFound         in
/halfway   SignInFirst      in               NotFound         NotFound         NotFound         NotFound         NotFound         NotFound         SignInFirst
/patients  SignInFirst      SignInFirst      in               in               NotFound         NotFound         NotFound         NotFound         SignInFirst
/holders   SignInFirst      SignInFirst      in               NotFound         NotFound         NotFound         NotFound         NotFound         SignInFirst
/pro       ProSignInFirst   ProSignInFirst   NotFound         NotFound         in               NotFound         NotFound         NotFound         ProSignInFirst
/arrived   ProSignInFirst   ProSignInFirst   NotFound         NotFound         in               NotFound         NotFound         NotFound         in
/support   NotFound         NotFound         NotFound         NotFound         NotFound         in               NotFound         NotFound         NotFound
/machines  Unauthenticated  Unauthenticated  Unauthenticated  Unauthenticated  Unauthenticated  Unauthenticated  in               Unauthenticated  Unauthenticated
/shut      NotFound         NotFound         NotFound         NotFound         NotFound         NotFound         NotFound         NotFound         NotFound
"""  # noqa: E501 - a table


class Settings:
    """What a door asks of the settings."""

    is_demo = True


class WhoIsIt(AbstractAuthenticationMiddleware):
    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        return AuthenticationResult(ACTORS[connection.headers["who"]], None)


def tell(_: Request[Any, Any, Any], problem: Problem) -> Response[str]:
    return Response(type(problem).__name__, status_code=400)


def page(path: str) -> Any:
    @get(path, sync_to_thread=False)
    def come_in() -> str:
        return "in"

    return come_in


@pytest.fixture
def house() -> Iterator[TestClient[Litestar]]:
    rooms = [Router("/", route_handlers=[page(at)], opt={"door": DOORS[at]}) for at in DOORS]
    app = Litestar(
        rooms,
        guards=[knock],
        middleware=[DefineMiddleware(WhoIsIt)],
        exception_handlers={Problem: tell},
        logging_config=None,
        openapi_config=None,
        state=State({"settings": Settings()}),
    )
    check_every_route_has_a_door(app)
    with TestClient(app) as client:
        yield client


def test_a_door_opens_to_its_own_and_tells_the_others_no_more_than_needed(
    house: TestClient[Litestar],
) -> None:
    header, *lines = [line.split() for line in ANSWERS.strip().splitlines()]
    for path, *answers in lines:
        found = {who: house.get(path, headers={"who": who}).text for who in ACTORS}
        assert found == dict(zip(header, answers, strict=True)), path


def test_a_demonstration_page_does_not_exist_elsewhere(house: TestClient[Litestar]) -> None:
    house.app.state.settings.is_demo = False
    assert house.get("/demo", headers={"who": "visitor"}).text == "NotFound"


def test_a_route_without_a_door_stops_the_application() -> None:
    with pytest.raises(RuntimeError, match="/forgotten"):
        check_every_route_has_a_door(
            Litestar([page("/forgotten")], logging_config=None, openapi_config=None)
        )


def test_so_does_a_mounted_application_without_one() -> None:
    @asgi("/mounted", copy_scope=True)
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing."""

    with pytest.raises(RuntimeError, match="/mounted"):
        check_every_route_has_a_door(Litestar([mounted], logging_config=None, openapi_config=None))


def test_and_a_door_that_is_not_one() -> None:
    painted = Router("/", route_handlers=[page("/painted")], opt={"door": "PUBLIC"})
    with pytest.raises(RuntimeError, match="/painted"):
        check_every_route_has_a_door(Litestar([painted], logging_config=None, openapi_config=None))
