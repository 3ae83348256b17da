"""What every page shares. Handlers import from here and from services, nothing lower."""

from typing import Any

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.plugins.htmx import HTMXRequest
from litestar.response import Redirect, Template

from backend.access import Actor
from backend.access.actors import Guest, Machine, Patient, Professional
from backend.access.scopes import Moment
from backend.domain.sign_in import WARNED_BEFORE
from backend.gateways.outside import Outside
from backend.services import conversations
from backend.services.people import profile_of
from backend.settings import Settings
from backend.storage.db import AsyncSession
from backend.web.addresses import url
from backend.web.htmx import wants_fragment

__all__ = [
    "At",
    "Config",
    "Db",
    "HTMXRequest",
    "Me",
    "Neighbours",
    "Person",
    "Reader",
    "Staff",
    "System",
    "answer",
    "page",
    "patient_page",
    "url",
]

Db = NamedDependency[SkipValidation[AsyncSession]]
"""`db`: the transaction of this request."""
Me = NamedDependency[SkipValidation[Actor]]
"""`actor`: who asks."""
Person = NamedDependency[SkipValidation[Patient]]
"""`actor` behind a door that opens to patients only."""
Reader = NamedDependency[SkipValidation[Guest]]
"""`actor` behind a door that opens to guests only."""
Staff = NamedDependency[SkipValidation[Professional]]
"""`actor` behind a door that opens to professionals only."""
System = NamedDependency[SkipValidation[Machine]]
"""`actor` behind a door that opens to machines only."""
At = NamedDependency[SkipValidation[Moment]]
"""`at`: when, and under which policy."""
Neighbours = NamedDependency[SkipValidation[Outside]]
"""`outside`: the gateways."""
Config = NamedDependency[SkipValidation[Settings]]
"""`config`: what the operator decided."""


def page(template: str, status: int = 200, **context: Any) -> Template:
    """A whole page, or a fragment when the file name starts with an underscore."""
    return Template(template, context=context, status_code=status)


async def patient_page(
    db: AsyncSession, actor: Patient, at: Moment, template: str, **context: Any
) -> Template:
    """A page of the person's space: whose record is on the screen, and if the visit soon ends."""
    soon = actor.ends_at is not None and actor.ends_at - at.now < WARNED_BEFORE
    ending = actor.ends_at if soon else None
    return page(
        template,
        profile=await profile_of(db, actor, at),
        unread=await conversations.waiting(db, actor, at),
        ending=ending,
        **context,
    )


def answer(
    request: HTMXRequest, fragment: Template, *, to: str, **path: Any
) -> Template | Redirect:
    """After a POST: the changed fragment for htmx, else see-other to a page."""
    if wants_fragment(request):
        return fragment
    return Redirect(url(to, **path), status_code=303)
