"""A new password."""

from litestar import get, post
from litestar.response import Redirect, Template

from backend.domain.errors import Refused
from backend.domain.sign_in import read_typed_password
from backend.patient.security.common import AnyRequest, done, form_page
from backend.services import credentials
from backend.services.sign_in import Rejected
from backend.web import At, Db, Neighbours, Person
from backend.web.forms import Draft
from backend.web.fresh import step_up_first
from backend.web.shedding import PASSWORDS

PATH = "/compte/securite/mot-de-passe"
OLD, NEW = "ancien", "nouveau"


@get("/compte/securite/mot-de-passe", name="patient.security.password")
async def password(db: Db, actor: Person) -> Template:
    """The one of now, and the next."""
    await step_up_first(db, actor, PATH)
    return form_page("password", form=Draft(fields=()))


@post("/compte/securite/mot-de-passe", name="patient.security.change_password", lane=PASSWORDS)
async def change_password(
    request: AnyRequest, actor: Person, at: At, outside: Neighbours
) -> Template | Redirect:
    """Changed, and the other browsers leave; or what is wrong."""
    sessions = request.app.state.sessions
    async with sessions.begin() as db:
        await step_up_first(db, actor, PATH)
    sent = dict(await request.form())
    draft = Draft(sent, fields=(OLD, NEW))
    draft.typed.clear()  # neither is given back
    old, new = draft.take(OLD, read_typed_password), draft.take(NEW, _read_new)
    rejected: Rejected | None = None
    if old is not None and new is not None:
        try:
            rejected = await credentials.change_password(
                sessions, actor, at, old=old, new=new, breaches=outside.breaches
            )
            if rejected is None:
                return done("mot-de-passe")
        except Refused as refusal:
            draft.errors[NEW] = refusal.message
    return form_page("password", 422, rejected=rejected, form=draft)


def _read_new(text: str) -> str:
    if not text:
        raise Refused("Choisissez un nouveau mot de passe.")
    return text


handlers = (password, change_password)
