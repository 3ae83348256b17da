"""Accueil."""

from litestar import Router, get
from litestar.response import Template

from backend.services import home
from backend.web import At, Db, Person, patient_page


@get("/", name="patient.home.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """What is new, then the whole record, one live fact a row."""
    seen = await home.look_in(db, actor, at)
    return await patient_page(
        db,
        actor,
        at,
        "patient/home/index.html",
        fresh=seen.fresh,
        latest=seen.latest,
        last_login=seen.last_login,
        notices=seen.notices,
        pinned=seen.pinned,
        medical=seen.medical,
        last_measure=seen.last_measure,
    )


router = Router("/", route_handlers=[index])
