"""Which kinds of actor may knock at which routes. A route without a door stops the app."""

from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import BaseRoute

from backend.access.actors import (
    Actor,
    Agent,
    Guest,
    Machine,
    Patient,
    Professional,
    Unplaced,
    Visitor,
)
from backend.domain.caregiving import Mandate
from backend.domain.errors import Forbidden, NotFound, Problem


class SignInFirst(Problem):
    """Nobody is signed in: the page is for later. The web layer leads to `/connexion`."""

    message = "Connectez-vous pour voir cette page."


class ProSignInFirst(Problem):
    """No professional is signed in, or not for an activity yet. The web layer leads to `/pro`."""

    message = "Identifiez-vous avec Pro Santé Connect pour voir cette page."


class ShowingOver(Problem):
    """The code was taken back, its time is over, or the visit is: what was shown is no more."""

    title = "Partage terminé"
    message = "Ce partage est terminé. Demandez un nouveau code au patient."


class Unauthenticated(Problem):
    """A machine did not say who it is, or its token is no longer valid."""

    message = "Jeton d’accès absent, inconnu ou expiré."


class MachineAlone(Forbidden):
    """A system reads nothing by itself."""

    message = (
        "Un logiciel seul ne lit aucun dossier : échangez le jeton Pro Santé Connect du "
        "professionnel contre un jeton de lecture."
    )


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in, and what the others are told."""

    opens_to: tuple[type, ...] = ()
    halfway: bool = False
    """Opens to a visitor between password and code, and to no other visitor."""
    to_visitors: type[Problem] = NotFound
    """What somebody who is not signed in is told."""
    to_others: type[Problem] = NotFound
    """What an actor of another kind is told: as if there were nothing here."""
    demo: bool = False
    """Exists in a demonstration only."""
    aidants: bool = True
    """Opens to a person who looks at the record of somebody they help."""


EVERYONE = (Visitor, Patient, Guest, Professional, Unplaced, Agent, Machine)

SHUT = Door()
PUBLIC = Door(EVERYONE)
DEMO = Door(EVERYONE, demo=True)
HALFWAY = Door(halfway=True, to_visitors=SignInFirst)
PATIENTS = Door((Patient,), to_visitors=SignInFirst)
HOLDERS = Door((Patient,), to_visitors=SignInFirst, aidants=False)
"""People in their own record or in a child’s: what is done there is theirs to do."""
GUESTS = Door((Guest,), to_visitors=ShowingOver)
PROFESSIONALS = Door((Professional,), to_visitors=ProSignInFirst)
"""Signed in for one activity. Their routes have `professionals=True`: another cookie is asked."""
ARRIVED = Door((Professional, Unplaced), to_visitors=ProSignInFirst)
"""Known, whether they have said for which activity or not."""
SUPPORT = Door((Agent,))
MACHINES = Door((Machine,), to_visitors=Unauthenticated, to_others=Unauthenticated)
BEHALF = Door((Professional,), to_visitors=Unauthenticated, to_others=MachineAlone)
"""Systems that read for a professional. Their routes have `behalf=True`: no cookie is asked."""


def knock(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """App-level guard: the actor must be of a kind this route opens to."""
    door: Door = handler.opt.get("door", SHUT)
    if door.demo and not connection.app.state.settings.is_demo:
        raise NotFound
    actor: Actor = connection.user
    match actor:
        case Visitor() if Visitor not in door.opens_to:
            if not (door.halfway and actor.half):
                raise door.to_visitors
        case Unplaced() if Unplaced not in door.opens_to:
            raise door.to_visitors
        case Patient(mandate=Mandate()) if not door.aidants:
            raise door.to_others
        case _ if not isinstance(actor, door.opens_to):
            raise door.to_others


def check_every_route_has_a_door(app: Litestar) -> None:
    """Run at start-up: forgetting is not an option."""
    bare = [
        f"{route.path} {handler}"
        for route in app.routes
        for handler in _handlers(route)
        if not isinstance(handler.opt.get("door"), Door)
    ]
    if bare:
        raise RuntimeError(f"no door: {', '.join(bare)}")


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    """Those that somebody wrote: Litestar’s own answers to OPTIONS stay shut."""
    handlers = getattr(route, "route_handlers", None) or [getattr(route, "route_handler")]  # noqa: B009
    return [
        handler for handler in handlers if getattr(handler, "http_methods", set()) != {"OPTIONS"}
    ]
