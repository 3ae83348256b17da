"""`/pro/envois`: what the laboratory sent by MSSanté, what became of it, sending it again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.domain.dispatches import words
from backend.domain.dispatches.reasons import SETTLED
from backend.domain.errors import Refused
from backend.pro.frame import pro_page
from backend.pro.proofs import taken
from backend.services.dispatches import overseeing, proving
from backend.web import At, Db, Neighbours, Staff

PAGE = "/pro/envois"
SHOWN: dict[str, Any] = {
    "words": words,
    "states": words.STATES,
    "icons": words.ICONS,
    "roles": words.ROLES,
}


@get("/envois", name="pro.dispatches.index")
async def index(
    db: Db, actor: Staff, at: At, voir: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Template:
    """How many of each, and the latest."""
    group = words.group_of(voir)
    return await pro_page(
        db,
        actor,
        at,
        "pro/dispatches/index.html",
        section="dispatches",
        board=await overseeing.board(db, actor, group, max(1, min(page, 1_000))),
        group=group,
        number=max(1, min(page, 1_000)),
        stamp=stamp(at.now),
        **SHOWN,
    )


@get("/envois/{dispatch_id:uuid}", name="pro.dispatches.show")
async def show(dispatch_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """The story of one, and what to do about it."""
    return await _show(db, actor, at, dispatch_id)


@post("/envois/{dispatch_id:uuid}/renvoyer", name="pro.dispatches.replay")
async def replay(
    dispatch_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: Db,
    actor: Staff,
    at: At,
    outside: Neighbours,
) -> Template | Redirect:
    """Once more, or why not with what was typed."""
    typed = str((await request.form()).get("adresse", ""))
    try:
        await overseeing.replay(db, actor, dispatch_id, typed, outside.mssante.domains)
    except Refused as refusal:
        return await _show(db, actor, at, dispatch_id, typed, refusal.message)
    return Redirect(f"{PAGE}/{dispatch_id}", status_code=303)


@post("/envois/{dispatch_id:uuid}/classer", name="pro.dispatches.settle")
async def settle(
    dispatch_id: FromPath[UUID], request: Request[Any, Any, Any], db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """It failed, and nothing is left to do: out of what « Accueil » counts."""
    why = str((await request.form()).get("motif", ""))
    try:
        await overseeing.settle(db, actor, dispatch_id, why)
    except Refused as refusal:
        return await _show(db, actor, at, dispatch_id, unsettled=refusal.message)
    return Redirect(f"{PAGE}/{dispatch_id}", status_code=303)


@get("/envois/{dispatch_id:uuid}/preuve", name="pro.dispatches.proof")
async def proof(dispatch_id: FromPath[UUID], db: Db, actor: Staff) -> Response[dict[str, Any]]:
    """The proof of what was sent and received, for another program."""
    found = await overseeing.follow(db, actor, dispatch_id)
    name = f'attachment; filename="envoi-{dispatch_id}.json"'
    return Response(proving.proof_of(found), headers={"Content-Disposition": name})


@get("/envois/{dispatch_id:uuid}/preuve/pdf", name="pro.dispatches.paper")
async def paper(dispatch_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Response[bytes]:
    """The same for a person, with the deposit that it carries."""
    found, deposited = await proving.prove(db, actor, dispatch_id)
    return await taken(deposited, found, f"envoi-{dispatch_id}", at.now)


async def _show(
    db: Db,
    actor: Staff,
    at: At,
    dispatch_id: UUID,
    typed: str | None = None,
    message: str = "",
    *,
    unsettled: str = "",
) -> Template:
    found = await overseeing.follow(db, actor, dispatch_id)
    return await pro_page(
        db,
        actor,
        at,
        "pro/dispatches/show.html",
        422 if message or unsettled else 200,
        section="dispatches",
        dispatch=found,
        typed=found.address if typed is None else typed,
        message=message,
        unsettled=unsettled,
        settled=SETTLED,
        **SHOWN,
    )


def stamp(moment: datetime) -> int:
    """Milliseconds: it says when a page was read, nothing of what is in it."""
    return int(moment.timestamp() * 1_000)


router = Router("/", route_handlers=[index, show, replay, settle, proof, paper])
