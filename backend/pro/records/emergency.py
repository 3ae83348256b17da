"""An emergency: stop, prove who you are, write why; and its end."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from backend.domain.emergency import Purpose
from backend.domain.errors import Refused, Unavailable
from backend.pro.entrance import ENTRY_SECONDS, leading
from backend.pro.frame import pro_page
from backend.services import emergency, pro_sign_in, reviewing, threshold
from backend.services.keeping_out import KeptOut
from backend.services.sign_in import Rejected
from backend.web import At, Config, Db, Staff, page
from backend.web.callers import client_address
from backend.web.cookies import PRO_ENTRY, PRO_NEXT, make_cookie
from backend.web.forms import Draft
from backend.web.shedding import ABROAD

FIELDS = ("nature", "motif")
PURPOSES = {
    Purpose.ANY: (
        "La personne est en danger et ne peut pas dire ce qu’elle veut",
        "Bris de glace. Les documents masqués restent masqués, sauf si la personne l’a permis.",
    ),
    Purpose.SAMU: ("Régulation du Samu – Centre 15", "Pour le médecin qui répond à l’appel."),
}
DOWN = "Pro Santé Connect ne répond pas. Réessayez dans un instant."
STALE = "Votre identification a expiré ou a déjà servi. Identifiez-vous de nouveau."
AnyRequest = Request[Any, Any, Any]


@get("/{record_id:uuid}/urgence", name="pro.emergencies.show")
async def show(record_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Template:
    """Stop: what an emergency is, and what follows."""
    return await _page(db, actor, at, record_id, Draft(fields=FIELDS))


@post("/{record_id:uuid}/urgence/identification", name="pro.emergencies.identify", lane=ABROAD)
async def identify(
    record_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At, config: Config
) -> Template:
    """To Pro Santé Connect, which asks again; back to this page."""
    state, address = request.app.state, client_address(request)
    try:
        begun = await pro_sign_in.start(
            state.sessions, state.psc, address=address, again=actor.session_id, about=record_id
        )
    except (pro_sign_in.NotIdentified, Unavailable):
        return await _page(db, actor, at, record_id, Draft(fields=FIELDS), DOWN, status=503)
    if isinstance(begun, Rejected):
        draft = Draft(fields=FIELDS)
        return await _page(db, actor, at, record_id, draft, begun.message, status=429)
    back = f"/pro/dossiers/{record_id}/urgence"
    mark = make_cookie(config, PRO_ENTRY, begun.browser, max_age=ENTRY_SECONDS)
    wanted = make_cookie(config, PRO_NEXT, back, max_age=ENTRY_SECONDS)
    return leading(begun.address, coming=True, cookies=[mark, wanted])


@post("/{record_id:uuid}/urgence", name="pro.emergencies.declare")
async def declare(
    record_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Staff, at: At
) -> Template | Redirect:
    """Four hours, with a reason that the patient reads."""
    draft = Draft(dict(await request.form()), fields=FIELDS)
    purpose = draft.take("nature", _purpose)
    if purpose is None:
        return await _page(db, actor, at, record_id, draft, status=422)
    try:
        said = draft.typed["motif"]
        done = await threshold.open_in_emergency(
            db, actor, at, record_id, purpose=purpose, text=said
        )
    except Refused as refusal:
        draft.errors["motif"] = refusal.message
        return await _page(db, actor, at, record_id, draft, status=422)
    if isinstance(done, KeptOut):
        return page("pro/records/refused.html", 403, problem=done)
    if not done:
        return await _page(db, actor, at, record_id, draft, STALE, status=422)
    return Redirect(f"/pro/dossiers/{record_id}", status_code=303)


@post("/{record_id:uuid}/urgence/fin", name="pro.emergencies.end")
async def end(record_id: FromPath[UUID], db: Db, actor: Staff, at: At) -> Redirect:
    """It is over before its four hours."""
    await emergency.end(db, actor, at, record_id)
    return Redirect("/pro/dossiers", status_code=303)


def _purpose(text: str) -> Purpose:
    if text not in set(Purpose):
        raise Refused("Choisissez la nature de l’urgence.")
    return Purpose(text)


async def _page(
    db: Db,
    actor: Staff,
    at: At,
    record_id: UUID,
    draft: Draft,
    message: str = "",
    *,
    status: int = 200,
) -> Template:
    allowed = await emergency.purposes(db, actor)
    return await pro_page(
        db,
        actor,
        at,
        "pro/records/emergency.html",
        status,
        section="records",
        door=await threshold.look(db, actor, at, record_id),
        fresh=await pro_sign_in.is_fresh(db, actor, record_id),
        reviewed=await reviewing.is_reviewed(db, actor),
        purposes=[(one, *PURPOSES[one]) for one in allowed],
        form=draft,
        message=message,
    )


handlers = (show, identify, declare, end)
