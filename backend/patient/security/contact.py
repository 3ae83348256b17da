"""A new e-mail address or mobile, which counts once its code has come back."""

from collections.abc import Callable

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from backend.domain.activation import masked_phone
from backend.domain.contact import read_email, read_mobile
from backend.domain.credentials import Kind
from backend.domain.errors import NotFound, Refused
from backend.domain.sign_in import read_code
from backend.patient.security.common import INDEX, AnyRequest, done, form_page
from backend.services import credentials
from backend.services.sign_in import Rejected
from backend.web import Db, Person
from backend.web.callers import client_address
from backend.web.forms import Draft
from backend.web.fresh import step_up_first

CHANNEL, PROOF, CODE = f"{INDEX}/joindre/", f"{INDEX}/preuve", "code"


class Way(Struct, frozen=True):
    """One of the two ways to reach somebody."""

    kind: Kind
    read: Callable[[str], str]


WAYS = {"email": Way(Kind.EMAIL, read_email), "mobile": Way(Kind.PHONE, read_mobile)}
NAMES = {way.kind: name for name, way in WAYS.items()}


@get("/compte/securite/joindre/{name:str}", name="patient.security.channel")
async def channel(name: FromPath[str], db: Db, actor: Person) -> Template:
    """The new address."""
    _asked(name)
    await step_up_first(db, actor, CHANNEL + name)
    await credentials.refuse_if_cooling(db, actor)
    return form_page("channel", name=name, form=Draft(fields=(name,)))


@post("/compte/securite/joindre/{name:str}", name="patient.security.choose_channel")
async def choose_channel(
    name: FromPath[str], request: AnyRequest, db: Db, actor: Person
) -> Template | Redirect:
    """A code leaves for it."""
    way = _asked(name)
    await step_up_first(db, actor, CHANNEL + name)
    draft, rejected = Draft(dict(await request.form()), fields=(name,)), None
    to = draft.take(name, way.read)
    if to is not None:
        try:
            rejected = await credentials.begin_channel(
                db, actor, way.kind, to, address=client_address(request)
            )
            if rejected is None:
                return Redirect(PROOF, status_code=303)
        except Refused as refusal:
            draft.errors[name] = refusal.message
            draft.typed[name] = ""  # it is the one of now: nothing of it to correct
    return form_page("channel", 422, rejected=rejected, name=name, form=draft)


@get("/compte/securite/preuve", name="patient.security.proof")
async def proof(db: Db, actor: Person) -> Template | Redirect:
    """The code that was sent there."""
    return await _proof_page(db, actor, Draft(fields=(CODE,)))


@post("/compte/securite/preuve", name="patient.security.verify")
async def verify(request: AnyRequest, db: Db, actor: Person) -> Template | Redirect:
    """The new address counts, or one try less."""
    draft, rejected = Draft(dict(await request.form()), fields=(CODE,)), None
    typed = draft.take(CODE, read_code)
    if typed is not None:
        answer = await credentials.finish_channel(db, actor, typed)
        if not isinstance(answer, Rejected):
            return done(NAMES[answer])
        rejected = answer
    return await _proof_page(db, actor, draft, rejected, status=422)


@post("/compte/securite/renvoyer", name="patient.security.resend")
async def resend(request: AnyRequest, db: Db, actor: Person) -> Template | Redirect:
    """Another code to the same new address."""
    rejected = await credentials.resend_channel(db, actor, address=client_address(request))
    draft = Draft(fields=(CODE,))
    return await _proof_page(db, actor, draft, rejected, sent=rejected is None)


def _asked(name: str) -> Way:
    if name not in WAYS:
        raise NotFound
    return WAYS[name]


async def _proof_page(
    db: Db,
    actor: Person,
    draft: Draft,
    rejected: Rejected | None = None,
    *,
    status: int = 200,
    sent: bool = False,
) -> Template | Redirect:
    pending = await credentials.pending_channel(db, actor)
    if pending is None:
        return Redirect(INDEX, status_code=303)
    by_mail = pending.kind is Kind.EMAIL
    return form_page(
        "proof",
        status,
        rejected=rejected,
        form=draft,
        by_mail=by_mail,
        to=pending.to if by_mail else masked_phone(pending.to),
        name=NAMES[pending.kind],
        resend_in=pending.resend_in,
        sent=sent,
    )


handlers = (channel, choose_channel, proof, verify, resend)
