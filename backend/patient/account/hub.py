"""The list of what one may settle."""

from litestar import get
from litestar.response import Template

from backend.services import closure
from backend.web import At, Db, Person, patient_page


@get("/compte", name="patient.account.index")
async def index(db: Db, actor: Person, at: At) -> Template:
    """One row a page."""
    return await patient_page(
        db,
        actor,
        at,
        "patient/account/index.html",
        aidants=at.policy.caregivers,
        may_close=await closure.may_close(db, actor, at),
    )


handlers = (index,)
