"""Everything at a glance, and the browsers that can be made to leave."""

from datetime import timedelta
from uuid import UUID

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.contact import spelled
from backend.domain.errors import NotFound
from backend.patient.security.common import AnyRequest, done
from backend.services import credentials
from backend.web import At, Config, Db, Person, patient_page

DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Les autres appareils sont déconnectés.",
    "email": "Votre adresse e-mail est changée.",
    "mobile": "Votre numéro de mobile est changé.",
    "appareil": "L’appareil est déconnecté.",
    "appareils": "Les autres appareils sont déconnectés.",
    "application": "Votre application de codes est ajoutée.",
    "application-retiree": "Votre application de codes est retirée.",
    "cle": "Votre clé d’accès est ajoutée.",
    "cle-nommee": "Le nom est changé.",
    "cle-retiree": "La clé d’accès est retirée.",
}


@get("/compte/securite", name="patient.security.index")
async def index(
    db: Db, actor: Person, at: At, config: Config, fait: FromQuery[str] = ""
) -> Template:
    """Means to sign in, browsers, last sign-ins."""
    idle = timedelta(minutes=config.session_idle_minutes)
    means = await credentials.means_of(db, actor, idle=idle)
    phone = spelled(means.phone) if means.phone else ""
    template = "patient/security/index.html"
    return await patient_page(
        db, actor, at, template, means=means, phone=phone, done=DONE.get(fait)
    )


@post("/compte/securite/appareil", name="patient.security.end_session")
async def end_session(request: AnyRequest, db: Db, actor: Person) -> Redirect:
    """One browser leaves."""
    try:
        session_id = UUID(str((await request.form()).get("seance", "")))
    except ValueError as error:
        raise NotFound from error
    await credentials.end_session(db, actor, session_id)
    return done("appareil")


@post("/compte/securite/appareils", name="patient.security.end_others")
async def end_others(db: Db, actor: Person) -> Redirect:
    """Every other browser leaves."""
    await credentials.end_others(db, actor)
    return done("appareils")


handlers = (index, end_session, end_others)
