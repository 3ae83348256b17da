"""A forgotten identifier: it leaves for the address on file."""

from litestar import get, post
from litestar.response import Template

from backend.domain.activation import read_nir
from backend.domain.dates import read_birth_date
from backend.patient.recovery.password import AnyRequest
from backend.services import credentials
from backend.web import page
from backend.web.callers import client_address
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS

NIR, BORN = "numero", "naissance"
FORM, SENT = "patient/recovery/identifier.html", "patient/recovery/sent.html"


@get("/retrouver/identifiant", name="patient.recovery.identifier")
async def identifier() -> Template:
    """Who it is for."""
    return page(FORM, form=Draft(fields=(NIR, BORN)), message=None)


@post("/retrouver/identifiant", name="patient.recovery.send_identifier", lane=PASSWORDS)
async def send_identifier(request: AnyRequest) -> Template:
    """The same page whoever it is: it is on its way if the two go together."""
    draft = Draft(dict(await request.form()), fields=(NIR, BORN))
    nir, born = draft.take(NIR, read_nir), draft.take(BORN, read_birth_date)
    if nir is None or born is None:
        return page(FORM, 422, form=draft, message=None)
    refused = await credentials.send_identifier(
        request.app.state.sessions, nir=nir, born=born, address=client_address(request)
    )
    if refused is None:
        return page(SENT)
    again = Draft(fields=(NIR, BORN))  # nothing to correct, so nothing is given back
    shown = page(FORM, 429, form=again, message=refused.message)
    shown.headers["Retry-After"] = str(refused.retry_after)
    return shown


handlers = (identifier, send_identifier)
