"""« En urgence »: three switches."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.emergency import Switches
from backend.services import emergency, masking
from backend.services.typed import typed_before
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import first_of, texts_of
from backend.web.fresh import step_up_first

PAGE = "/acces/urgence"
NAMES = ("samu", "professionnels", "masques")


@get(PAGE, name="patient.access.emergency")
async def show(
    db: Db, actor: Person, at: At, fait: FromQuery[str] = "", repris: FromQuery[str] = ""
) -> Template:
    """What is allowed now; or what was just ticked, once it is proved who did."""
    allowed, before = await emergency.switches(db, actor, at), typed_before(db, actor, repris)
    return await patient_page(
        db,
        actor,
        at,
        "patient/access/emergency.html",
        switches=_ticked(first_of(before)) if before else allowed,
        masks=await masking.standing(db, actor, at),
        done=bool(fait),
        to_finish=bool(before),
    )


@post(PAGE, name="patient.access.set_emergency")
async def choose(request: Request[Any, Any, Any], db: Db, actor: Person, at: At) -> Redirect:
    """Saved together; opening more than before asks who is there."""
    await about_this(request, actor)
    typed = texts_of(await request.form(), *NAMES)
    chosen = _ticked(first_of(typed))
    if chosen.widen(await emergency.switches(db, actor, at)):
        await step_up_first(db, actor, PAGE, typed)
    await emergency.set_switches(db, actor, at, chosen)
    return Redirect(f"{PAGE}?fait=oui", status_code=303)


def _ticked(typed: Mapping[str, str]) -> Switches:
    return Switches(*(typed.get(name) == "oui" for name in NAMES))


handlers = (show, choose)
