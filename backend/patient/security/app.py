"""An authenticator application: added after one of its codes, removed."""

from litestar import get, post
from litestar.response import Redirect, Template

from backend.domain.sign_in import read_code
from backend.patient.security.common import INDEX, AnyRequest, done, form_page
from backend.services import credentials
from backend.services.credentials import Offer
from backend.services.sign_in import Rejected
from backend.web import Db, Person
from backend.web.forms import Draft
from backend.web.fresh import step_up_first
from backend.web.squares import square

PATH, REMOVE, CODE = f"{INDEX}/application", f"{INDEX}/application/retirer", "code"
GROUP = 4


@get("/compte/securite/application", name="patient.security.app")
async def app(db: Db, actor: Person) -> Template | Redirect:
    """The square to photograph, its letters, and the field for a code."""
    await step_up_first(db, actor, PATH)
    offer = await credentials.offer_app(db, actor)
    return _page(offer, Draft(fields=(CODE,))) if offer else Redirect(REMOVE, status_code=303)


@post("/compte/securite/application", name="patient.security.add_app")
async def add_app(request: AnyRequest, db: Db, actor: Person) -> Template | Redirect:
    """Added, or the same square again."""
    await step_up_first(db, actor, PATH)
    draft, rejected = Draft(dict(await request.form()), fields=(CODE,)), None
    typed = draft.take(CODE, read_code)
    if typed is not None:
        rejected = await credentials.add_app(db, actor, typed)
        if rejected is None:
            return done("application")
    offer = await credentials.offer_app(db, actor)
    return _page(offer, draft, rejected, 422) if offer else Redirect(INDEX, status_code=303)


@get("/compte/securite/application/retirer", name="patient.security.ask_remove_app")
async def ask_remove_app(db: Db, actor: Person) -> Template:
    """What removing it means."""
    await step_up_first(db, actor, REMOVE)
    return form_page("remove_app")


@post("/compte/securite/application/retirer", name="patient.security.remove_app")
async def remove_app(db: Db, actor: Person) -> Redirect:
    """Codes come by e-mail or SMS again."""
    await step_up_first(db, actor, REMOVE)
    await credentials.remove_app(db, actor)
    return done("application-retiree")


def _page(
    offer: Offer, draft: Draft, rejected: Rejected | None = None, status: int = 200
) -> Template:
    letters = [offer.secret[i : i + GROUP] for i in range(0, len(offer.secret), GROUP)]
    return form_page(
        "app",
        status,
        rejected=rejected,
        form=draft,
        square=square(offer.uri),
        letters=letters,
        uri=offer.uri,
    )


handlers = (app, add_app, ask_remove_app, remove_app)
