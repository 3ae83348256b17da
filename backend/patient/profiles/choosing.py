"""The list of profiles: choosing one is a page change, never a detail of a page."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Redirect, Template

from backend.domain.errors import NotFound
from backend.services import caregiving, profiles, sharing
from backend.web import At, Config, Db, Person, patient_page
from backend.web.cookies import SESSION, make_cookie
from backend.web.fresh import step_up_first

PROFILES, HOME = "/profils", "/"
AnyRequest = Request[Any, Any, Any]


@get(PROFILES, name="patient.profiles.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """One's own space, the children’s, what may be opened, and what others ask."""
    return await patient_page(
        db,
        actor,
        at,
        "patient/profiles/index.html",
        choices=await profiles.choices(db, actor, at),
        attachable=await profiles.attachable(db, actor, at),
        received=await sharing.received(db, actor, at),
        asked=await caregiving.asked_of(db, actor, at),
        helped=await caregiving.helped_by(db, actor, at),
    )


@post("/profils/choisir", name="patient.profiles.choose")
async def choose(request: AnyRequest, db: Db, actor: Person, at: At, config: Config) -> Redirect:
    """To the home page of that profile, under a new token."""
    token = await profiles.switch(db, actor, at, await chosen(request))
    return Redirect(HOME, status_code=303, cookies=[make_cookie(config, SESSION, token)])


@post("/profils/ouvrir", name="patient.profiles.attach")
async def attach(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """A child’s profile, opened by the parent to whom the Assurance maladie attaches it."""
    await step_up_first(db, actor, PROFILES)
    await profiles.attach(db, actor, at, await chosen(request))
    return Redirect(PROFILES, status_code=303)


async def chosen(request: AnyRequest) -> UUID:
    """The id that a button sends; NotFound when it is none."""
    try:
        return UUID(str((await request.form()).get("id", "")))
    except ValueError as error:
        raise NotFound from error


handlers = (index, choose, attach)
