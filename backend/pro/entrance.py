"""`/pro`: one button, Pro Santé Connect; then for which activity; and the way out."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.response import Redirect, Template

from backend.access.actors import Professional, Unplaced
from backend.access.doors import ARRIVED, PUBLIC
from backend.domain.errors import NotFound, Unavailable
from backend.services import pro_sign_in
from backend.services.sign_in import Rejected
from backend.settings import Settings
from backend.web import Config, Db, Me, page
from backend.web.callers import client_address
from backend.web.cookies import (
    PRO,
    PRO_ENTRY,
    PRO_NEXT,
    end_cookie,
    make_cookie,
    read_cookie,
    safe_path,
)
from backend.web.shedding import ABROAD

AnyRequest = Request[Any, Any, Any]
ENTRANCE, HOME, ACTIVITY = "/pro", "/pro/accueil", "/pro/activite"
ENTRY_SECONDS = 600


@get("/", name="pro.entrance.show")
async def show(request: AnyRequest, actor: Me, config: Config) -> Template | Redirect:
    """The button; on to their page for whoever is in. That a session has ended is said once."""
    if isinstance(actor, Professional | Unplaced):
        return Redirect(HOME if isinstance(actor, Professional) else ACTIVITY, status_code=303)
    ended = bool(read_cookie(request, PRO))
    shown = entrance_page(request, ended=ended)
    shown.cookies = [end_cookie(config, PRO)] if ended else []
    return shown


@post("/connexion", name="pro.entrance.leave_for_psc", lane=ABROAD)
async def leave_for_psc(request: AnyRequest, config: Config) -> Template:
    """To Pro Santé Connect, with a mark in this browser; or the button again, and why."""
    try:
        begun = await pro_sign_in.start(
            request.app.state.sessions, request.app.state.psc, address=client_address(request)
        )
    except (pro_sign_in.NotIdentified, Unavailable):
        return entrance_page(request, down=True, status=503)
    if isinstance(begun, Rejected):
        shown = entrance_page(request, message=begun.message, status=429)
        shown.headers["Retry-After"] = str(begun.retry_after)
        return shown
    mark = make_cookie(config, PRO_ENTRY, begun.browser, max_age=ENTRY_SECONDS)
    return leading(begun.address, coming=True, cookies=[mark])


@get("/activite", name="pro.entrance.activities")
async def activities(db: Db, actor: Me) -> Template:
    """For which activity?"""
    places = await pro_sign_in.places_of(db, placed(actor))
    return page("pro/entrance/activities.html", places=places, section="")


@post("/activite", name="pro.entrance.choose")
async def choose(request: AnyRequest, db: Db, actor: Me, config: Config) -> Redirect:
    """Work for it, under another token."""
    chosen = str((await request.form()).get("activite", ""))
    structure, _, profession = chosen.partition(" ")
    try:
        structure_id = UUID(structure)
    except ValueError as error:
        raise NotFound from error
    token = await pro_sign_in.choose(db, placed(actor), structure_id, profession)
    return let_in(request, config, token)


@post("/deconnexion", name="pro.entrance.leave", lane=ABROAD)
async def leave(request: AnyRequest, actor: Me, config: Config) -> Template | Redirect:
    """Out of here, then out of Pro Santé Connect."""
    state = request.app.state
    there = await pro_sign_in.depart(state.sessions, state.psc, placed(actor))
    cookies = [end_cookie(config, PRO), end_cookie(config, PRO_NEXT)]
    if not there:
        return Redirect(ENTRANCE, status_code=303, cookies=cookies)
    return leading(there, coming=False, cookies=cookies)


def placed(actor: Me) -> Professional | Unplaced:
    """The door let nobody else in."""
    if not isinstance(actor, Professional | Unplaced):
        raise NotFound
    return actor


def let_in(request: AnyRequest, config: Settings, token: str) -> Redirect:
    """On under the new token, where they were going: `/pro` sees if a choice is to be made."""
    wanted = safe_path(read_cookie(request, PRO_NEXT))
    to = wanted if wanted.startswith(f"{ENTRANCE}/") else ENTRANCE
    cookies = [
        make_cookie(config, PRO, token),
        end_cookie(config, PRO_ENTRY),
        end_cookie(config, PRO_NEXT),
    ]
    return Redirect(to, status_code=303, cookies=cookies)


def entrance_page(
    request: AnyRequest,
    *,
    ended: bool = False,
    down: bool = False,
    message: str = "",
    status: int = 200,
) -> Template:
    """The button, or that the door is closed."""
    closed = request.app.state.psc is None
    return page(
        "pro/entrance/index.html", status, ended=ended, down=down, closed=closed, message=message
    )


def leading(address: str, *, coming: bool, cookies: list[Any]) -> Template:
    """A page that leads elsewhere at once: a form may not (`form-action 'self'`), a page may."""
    shown = page("pro/entrance/leading.html", address=address, coming=coming)
    shown.cookies = cookies
    shown.headers["Refresh"] = f"0; url={address}"
    return shown


router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[show, leave_for_psc], opt={"door": PUBLIC}),
        Router("/", route_handlers=[activities, choose, leave], opt={"door": ARRIVED}),
    ],
)
