"""« Mes aidants »: whom one lets in, and whom one helps. Only where the operator wants it."""

from asyncio import to_thread
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from backend.access.scopes import Moment
from backend.domain.activation import read_nir
from backend.domain.caregiving import Mandate, check_last_day
from backend.domain.dates import read_birth_date, read_date
from backend.domain.errors import NotFound, Refused
from backend.domain.sharing import Invitee, read_family_name
from backend.patient.profiles.choosing import PROFILES, chosen
from backend.services import caregiving
from backend.services.sign_in.refusals import Rejected
from backend.services.typed import typed_before
from backend.web import At, Db, Person, patient_page
from backend.web.forms import Draft, first_of, texts_of
from backend.web.fresh import step_up_first

PAGE = "/compte/aidants"
NAME, BORN, NIR, MANDATE, UNTIL = FIELDS = ("nom", "naissance", "numero", "droit", "fin")
AnyRequest = Request[Any, Any, Any]


@get(PAGE, name="patient.caregivers.index")
async def index(db: Db, actor: Person, at: At, repris: FromQuery[str] = "") -> Template:
    """One's own aidants, whoever's record is on the screen; asking one more."""
    before = typed_before(db, actor, repris)
    draft = Draft({MANDATE: Mandate.READ} | first_of(before), fields=FIELDS)
    return await _page(db, actor, at, draft, to_finish=bool(before))


@post(PAGE, name="patient.caregivers.ask")
async def ask(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    """Asked, or the form again with what was typed."""
    _must_be_on(at)
    form = await request.form()
    await step_up_first(db, actor, PAGE, texts_of(form, *FIELDS))
    draft = Draft(dict(form), fields=FIELDS)
    name, born = draft.take(NAME, _read_name), draft.take(BORN, read_birth_date)
    nir, mandate = draft.take(NIR, read_nir), draft.take(MANDATE, _read_mandate)
    until = draft.take(UNTIL, lambda text: _read_last_day(text, at))
    if name is None or born is None or nir is None or mandate is None or until is None:
        return await _page(db, actor, at, draft, status=422)
    try:
        invitee = Invitee(name, born, nir)
        refused = await caregiving.ask(db, actor, at, invitee, mandate=mandate, until=until)
    except Refused as refusal:
        return await _page(db, actor, at, draft, refusal.message, status=422)
    if refused:
        return await _wait(db, actor, at, draft, refused)
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/arreter", name="patient.caregivers.end")
async def end(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Either side ends it, at once."""
    _must_be_on(at)
    await caregiving.end(db, actor, at, await chosen(request))
    helping = (await request.form()).get("cote") == "aidant"
    return Redirect(PROFILES if helping else PAGE, status_code=303)


@post(f"{PAGE}/repondre", name="patient.caregivers.answer")
async def answer(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Accepted or refused, from the list of profiles."""
    _must_be_on(at)
    accept = (await request.form()).get("reponse") == "accepter"
    if accept:
        await step_up_first(db, actor, PROFILES)
    await caregiving.answer(db, actor, at, await chosen(request), accept=accept)
    return Redirect(PROFILES, status_code=303)


@get(f"{PAGE}/{{delegation_id:uuid}}/attestation.pdf", name="patient.caregivers.attest")
async def attest(delegation_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Response[bytes]:
    """The paper that either side shows."""
    facts = await caregiving.attestation(db, actor, at, delegation_id)
    return Response(
        await to_thread(_on_paper, facts, at.now),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="attestation-aidant.pdf"'},
    )


def _on_paper(facts: caregiving.Attestation, at: datetime) -> bytes:
    """In a thread, the loading too: fpdf and its fonts weigh 25 MB, and others wait meanwhile."""
    from backend.web.papers import attestation_of_aidant

    return attestation_of_aidant(
        (facts.aided, facts.aided_born),
        (facts.aidant, facts.aidant_born),
        may_keep=facts.mandate is Mandate.KEEP,
        lasts=(facts.since, facts.until),
        at=at,
    )


async def _page(
    db: Db,
    actor: Person,
    at: At,
    draft: Draft,
    message: str | None = None,
    *,
    to_finish: bool = False,
    status: int = 200,
) -> Template:
    _must_be_on(at)
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/caregivers/index.html",
        form=draft,
        message=message,
        to_finish=to_finish,
        aidants=await caregiving.mine(db, actor, at),
    )
    shown.status_code = status
    return shown


async def _wait(db: Db, actor: Person, at: At, draft: Draft, refused: Rejected) -> Template:
    shown = await _page(db, actor, at, draft, refused.message, status=429)
    shown.headers["Retry-After"] = str(refused.retry_after)
    return shown


def _must_be_on(at: Moment) -> None:
    if not at.policy.caregivers:
        raise NotFound


def _read_name(text: str) -> str:
    return read_family_name(text, "Écrivez le nom de famille de votre aidant.")


def _read_mandate(text: str) -> Mandate:
    try:
        return Mandate(text)
    except ValueError as error:
        raise Refused("Choisissez ce que votre aidant pourra faire.") from error


def _read_last_day(text: str, at: Moment) -> date:
    return check_last_day(read_date(text, "Écrivez une date comme 31/12/2026."), at.today)


router = Router("/", route_handlers=[index, ask, end, answer, attest])
