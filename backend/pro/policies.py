"""`/pro/regles`: what the laboratory chose for all its deposits."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.response import Redirect, Template

from backend.domain.withheld_families import read_families
from backend.pro.frame import pro_page
from backend.services import policies
from backend.web import At, Db, Staff

PAGE = "/pro/regles"


@get("/regles", name="pro.policies.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """The families of tests, ticked or not."""
    choices = await policies.choices(db, actor)
    return await pro_page(
        db, actor, at, "pro/policies/index.html", section="policies", choices=choices
    )


@post("/regles", name="pro.policies.choose")
async def choose(request: Request[Any, Any, Any], db: Db, actor: Staff) -> Redirect:
    """These, from now on."""
    ticked = (await request.form()).getall("famille", [])
    await policies.choose(db, actor, read_families(str(one) for one in ticked))
    return Redirect(PAGE, status_code=303)


router = Router("/", route_handlers=[index, choose])
