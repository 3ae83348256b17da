"""« En urgence »: three switches."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.emergency import Switches
from backend.services import emergency, masking
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.fresh import step_up_first

PAGE = "/acces/urgence"
SAMU, ANYONE, MASKED = "samu", "professionnels", "masques"


@get(PAGE, name="patient.access.emergency")
async def show(db: Db, actor: Person, at: At, fait: FromQuery[str] = "") -> Template:
    """What is allowed now."""
    return await patient_page(
        db,
        actor,
        at,
        "patient/access/emergency.html",
        switches=await emergency.switches(db, actor, at),
        masks=await masking.standing(db, actor, at),
        done=bool(fait),
    )


@post(PAGE, name="patient.access.set_emergency")
async def choose(request: Request[Any, Any, Any], db: Db, actor: Person, at: At) -> Redirect:
    """Saved together; opening more than before asks who is there."""
    form = await request.form()
    chosen = Switches(*(form.get(name) == "oui" for name in (SAMU, ANYONE, MASKED)))
    if chosen.widen(await emergency.switches(db, actor, at)):
        await step_up_first(db, actor, PAGE)
    await about_this(request, actor)
    await emergency.set_switches(db, actor, at, chosen)
    return Redirect(f"{PAGE}?fait=oui", status_code=303)


handlers = (show, choose)
