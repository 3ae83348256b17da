"""« Je n’ai pas de code »: another one leaves for the channel on file, and for no other."""

from litestar import get, post
from litestar.response import Template

from backend.domain.activation import read_nir, read_serial
from backend.domain.errors import Refused
from backend.patient.activation.common import AnyRequest
from backend.services import enrolment
from backend.web import page
from backend.web.callers import client_address
from backend.web.forms import Draft
from backend.web.shedding import PASSWORDS

NIR, SERIAL, CHANNEL = "numero", "carte", "canal"
CHANNELS = frozenset({"email", "sms", "letter"})
FORM, DONE = "patient/activation/again.html", "patient/activation/sent.html"


@get("/activer/nouveau-code", name="patient.activation.again")
async def again() -> Template:
    """Who it is for, and how it should come."""
    return page(FORM, form=Draft(fields=(NIR, SERIAL, CHANNEL)), message=None)


@post("/activer/nouveau-code", name="patient.activation.send_again", lane=PASSWORDS)
async def send_again(request: AnyRequest) -> Template:
    """The same page whoever it is: a code is on its way if the two go together."""
    draft = Draft(dict(await request.form()), fields=(NIR, SERIAL, CHANNEL))
    nir, serial = draft.take(NIR, read_nir), draft.take(SERIAL, read_serial)
    channel = draft.take(CHANNEL, _read_channel)
    if nir is None or serial is None or channel is None:
        return page(FORM, 422, form=draft, message=None)
    refused = await enrolment.send_code_again(
        request.app.state.sessions,
        nir=nir,
        serial=serial,
        by=channel,
        address=client_address(request),
    )
    if refused:
        shown = page(FORM, 429, form=draft, message=refused.message)
        shown.headers["Retry-After"] = str(refused.retry_after)
        return shown
    return page(DONE, channel=channel)


def _read_channel(text: str) -> str:
    if text not in CHANNELS:
        raise Refused("Choisissez comment recevoir le code.")
    return text


handlers = (again, send_again)
