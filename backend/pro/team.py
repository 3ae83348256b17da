"""`/pro/equipe`: who works at this site; its administrator attaches and detaches people."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.errors import Refused
from backend.domain.laboratory import (
    ROLE_NAMES,
    Ability,
    can,
    read_name,
    read_national_id,
    read_role,
)
from backend.pro.frame import pro_page
from backend.services import teams
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PAGE = "/pro/equipe"
NUMBER, FAMILY, GIVEN, ROLE = FIELDS = ("identifiant", "nom", "prenom", "role")
AnyRequest = Request[Any, Any, Any]


@get("/equipe", name="pro.team.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """Everybody, and the form for one more."""
    return await _page(db, actor, at, Draft(fields=FIELDS))


@post("/equipe", name="pro.team.attach")
async def attach(request: AnyRequest, db: Db, actor: Staff, at: At) -> Template | Redirect:
    """One more, or the form again with what was typed."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    number, role = draft.take(NUMBER, read_national_id), draft.take(ROLE, read_role)
    family, given = draft.take(FAMILY, read_name), draft.take(GIVEN, read_name)
    if number is None or role is None or family is None or given is None:
        return await _page(db, actor, at, draft, status=422)
    try:
        await teams.attach(db, actor, teams.Newcomer(number, family, given, role))
    except Refused as refusal:
        return await _page(db, actor, at, draft, refusal.message, status=422)
    return Redirect(PAGE, status_code=303)


@get("/equipe/{seat_id:uuid}/retirer", name="pro.team.ask")
async def ask(seat_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """Is it meant? What will happen is said."""
    seat = await teams.look(db, actor, seat_id)
    template = "pro/team/detach.html"
    return await pro_page(db, actor, at, template, section="team", seat=seat, message=None)


@post("/equipe/{seat_id:uuid}/retirer", name="pro.team.detach")
async def detach(seat_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template | Redirect:
    """Out, at once."""
    try:
        await teams.detach(db, actor, seat_id)
    except Refused as refusal:
        seat = await teams.look(db, actor, seat_id)
        return await pro_page(
            db,
            actor,
            at,
            "pro/team/detach.html",
            422,
            section="team",
            seat=seat,
            message=refusal.message,
        )
    return Redirect(PAGE, status_code=303)


async def _page(
    db: Db, actor: Staff, at: At, draft: Draft, message: str | None = None, *, status: int = 200
) -> Template:
    return await pro_page(
        db,
        actor,
        at,
        "pro/team/index.html",
        status,
        section="team",
        team=await teams.list_team(db, actor),
        manages=can(actor.roles, Ability.MANAGE_TEAM),
        roles=ROLE_NAMES,
        form=draft,
        message=message,
    )


router = Router("/", route_handlers=[index, attach, ask, detach])
