"""« Refuser le profil » of a child: the ouvrant droit objects, and has a paper that says so."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.domain.activation import ERASE_AFTER
from backend.domain.calendar import civil_day
from backend.domain.errors import Refused
from backend.patient.profiles.choosing import PROFILES, chosen
from backend.services import refusing
from backend.services.credentials import refuse_if_cooling
from backend.web import At, Db, Person, patient_page
from backend.web.fresh import step_up_first
from backend.web.refusal_paper import refusal_on_paper

REFUSE = "/profils/refuser"
AnyRequest = Request[Any, Any, Any]


@get(REFUSE, name="patient.profiles.refusal")
async def refusal(db: Db, actor: Person, at: At, enfant: FromQuery[UUID]) -> Template:
    """What refusing means for the child; once the parent has proved who they are."""
    name = await refusing.refusable(db, actor, at, enfant)
    await step_up_first(db, actor, f"{REFUSE}?enfant={enfant}")
    return await _page(db, actor, at, enfant, name)


@post(REFUSE, name="patient.profiles.refuse")
async def refuse(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    """Refused; the proof is on the list of profiles for as long."""
    child, choice = await chosen(request), (await request.form()).get("choix")
    await step_up_first(db, actor, f"{REFUSE}?enfant={child}")
    try:
        await refuse_if_cooling(db, actor)
    except Refused as refusal:
        name = await refusing.refusable(db, actor, at, child)
        return await _page(db, actor, at, child, name, refusal.message)
    await refusing.refuse_child(db, actor, at, child, erase=choice == "effacer")
    return Redirect(PROFILES, status_code=303)


@get("/profils/refus/{child:uuid}/justificatif.pdf", name="patient.profiles.refusal_proof")
async def refusal_proof(db: Db, actor: Person, at: At, child: FromPath[UUID]) -> Response[bytes]:
    """The « justificatif d’opposition » of the child, as a PDF."""
    facts = await refusing.child_certificate(db, actor, at, child)
    return Response(
        await refusal_on_paper(facts, at.now),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="justificatif-opposition.pdf"'},
    )


async def _page(
    db: Db, actor: Person, at: At, child: UUID, name: str, message: str | None = None
) -> Template:
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/profiles/refuse.html",
        child=child,
        name=name,
        message=message,
        until=civil_day(at.now + ERASE_AFTER),
    )
    shown.status_code = 422 if message else 200
    return shown


handlers = (refusal, refuse, refusal_proof)
