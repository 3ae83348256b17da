"""Accueil."""

from litestar import Router, get
from litestar.response import Template

from backend.domain.documents import DocumentLine
from backend.services import documents, home
from backend.web import At, Db, Me, patient_page
from backend.web.french import day


@get("/", name="patient.home.index")
async def index(db: Db, actor: Me, at: At) -> Template:
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
        notices=[],
        facts=[_documents_fact(seen.latest, len(seen.fresh))],
    )
