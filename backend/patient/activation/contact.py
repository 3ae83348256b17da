"""Where the codes of each sign-in will go: chosen, then proved by a code."""

from litestar import get, post
from litestar.response import Redirect, Template

from backend.domain.activation import masked_phone
from backend.domain.contact import read_email, read_mobile
from backend.domain.sign_in import read_code
from backend.patient.activation.common import (
    CONTACT,
    MEANS,
    PROOF,
    RETURN,
    VISIBILITY,
    AnyRequest,
    go,
    opening_of,
    start_again,
    step_page,
)
from backend.services import enrolment
from backend.services.enrolment import Way
from backend.services.sign_in import Rejected
from backend.web import Config, Db
from backend.web.callers import client_address
from backend.web.forms import Draft

EMAIL, PHONE, CODE = "email", "mobile", "code"
NEITHER = "Donnez une adresse e-mail, un numéro de mobile, ou les deux."


@get("/activer/contact", name="patient.activation.contact")
async def contact(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """E-mail, mobile, or both."""
    way = await opening_of(request, db)
    if way is None:
        return start_again(config)
    given = {EMAIL: way.typed.email, PHONE: way.typed.phone}
    return _contact_page(Draft(given, fields=(EMAIL, PHONE)))


@post("/activer/contact", name="patient.activation.choose_contact")
async def choose_contact(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """Kept, and a code leaves for the first one."""
    way = await opening_of(request, db)
    if way is None:
        return start_again(config)
    draft = Draft(dict(await request.form()), fields=(EMAIL, PHONE))
    email = draft.take(EMAIL, lambda text: read_email(text) if text.strip() else "")
    phone = draft.take(PHONE, lambda text: read_mobile(text) if text.strip() else "")
    if email is None or phone is None:
        return _contact_page(draft, status=422)
    if not (email or phone):
        draft.errors[EMAIL] = NEITHER
        return _contact_page(draft, status=422)
    chosen = await enrolment.choose(
        db, way, email=email, phone=phone, address=client_address(request)
    )
    if isinstance(chosen, Rejected):
        return _contact_page(draft, chosen, 422)
    return go(after_contact(chosen))


@get("/activer/preuve", name="patient.activation.proof")
async def proof(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """The code that was sent there."""
    way = await opening_of(request, db)
    if way is None:
        return start_again(config)
    return await _proof_page(db, way, Draft(fields=(CODE,)))


@post("/activer/preuve", name="patient.activation.verify")
async def verify(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """One channel more is theirs, or one try less."""
    way = await opening_of(request, db)
    if way is None:
        return start_again(config)
    draft = Draft(dict(await request.form()), fields=(CODE,))
    typed = draft.take(CODE, read_code)
    if typed is None:
        return await _proof_page(db, way, draft, status=422)
    proved = await enrolment.verify(db, way, typed, address=client_address(request))
    if isinstance(proved, Rejected):
        return await _proof_page(db, way, draft, proved, status=422)
    return go(after_contact(proved))


@post("/activer/renvoyer", name="patient.activation.resend")
async def resend(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """Another code to the same channel."""
    way = await opening_of(request, db)
    if way is None:
        return start_again(config)
    refused = await enrolment.send_again(db, way, address=client_address(request))
    return await _proof_page(db, way, Draft(fields=(CODE,)), refused, sent=refused is None)


def after_contact(way: Way) -> str:
    """Where this way goes on."""
    if not (way.typed.email or way.typed.phone):
        return CONTACT
    if not enrolment.is_reachable(way):
        return PROOF
    if way.returns:
        return RETURN
    return MEANS if way.comes_back else VISIBILITY


def _contact_page(draft: Draft, rejected: Rejected | None = None, status: int = 200) -> Template:
    return step_page("contact", "contact", status, rejected=rejected, form=draft)


async def _proof_page(
    db: Db,
    way: Way,
    draft: Draft,
    rejected: Rejected | None = None,
    *,
    status: int = 200,
    sent: bool = False,
) -> Template | Redirect:
    asked = await enrolment.asked(db, way)
    if asked is None:
        return go(after_contact(way))
    by_mail = asked.channel == "email"
    return step_page(
        "proof",
        "contact",
        status,
        rejected=rejected,
        form=draft,
        by_mail=by_mail,
        to=asked.to if by_mail else masked_phone(asked.to),
        resend_in=asked.resend_in,
        sent=sent,
    )


handlers = (contact, choose_contact, proof, verify, resend)
