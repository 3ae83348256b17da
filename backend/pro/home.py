"""The first page of a professional: who they are here, and what there is to do."""

from litestar import Router, get
from litestar.response import Redirect, Template

from backend.pro.frame import pro_page
from backend.services import announcements
from backend.services.duties import duties
from backend.services.identification import misfilings
from backend.web import At, Db, Staff


@get("/accueil", name="pro.home.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """« Vous êtes connecté en tant que… »"""
    return await pro_page(
        db,
        actor,
        at,
        "pro/home/index.html",
        section="home",
        announcements=await announcements.pressing(db, actor),
        misfiled=await misfilings.waiting(db, actor),
        duties=await duties(db, actor, at),
    )


@get("/rester", name="pro.home.stay")
async def stay() -> Redirect:
    """« Rester connecté »: asking is enough, a request counts as a click."""
    return Redirect("/pro/accueil", status_code=303)


router = Router("/", route_handlers=[index, stay])
