"""Sharing a child’s profile with the second parent, and answering when asked."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.domain.activation import read_nir
from backend.domain.dates import read_birth_date
from backend.domain.errors import NotFound, Refused
from backend.domain.sharing import Invitee, read_family_name
from backend.patient.profiles.choosing import PROFILES, chosen
from backend.services import profiles, sharing
from backend.services.typed import typed_before
from backend.web import At, Db, Person, patient_page
from backend.web.about import about_this
from backend.web.forms import Draft, first_of, texts_of
from backend.web.fresh import step_up_first

SHARE = "/profils/partage"
NAME, BORN, NIR = FIELDS = ("nom", "naissance", "numero")
DONE = {
    "envoyee": "La demande est envoyée.",
    "remplacee": "La nouvelle demande est envoyée. L’ancienne est retirée.",
    "retiree": "La demande est retirée.",
}
AnyRequest = Request[Any, Any, Any]


@get(SHARE, name="patient.profiles.share")
async def share(
    db: Db, actor: Person, at: At, repris: FromQuery[str] = "", fait: FromQuery[str] = ""
) -> Template:
    """Who has access to the child on the screen, who was asked, and asking; what was just done."""
    before = typed_before(db, actor, repris)
    draft = Draft(first_of(before), fields=FIELDS)
    return await _share_page(db, actor, at, draft, to_finish=bool(before), done=DONE.get(fait, ""))


@post(SHARE, name="patient.profiles.invite")
async def invite(request: AnyRequest, db: Db, actor: Person, at: At) -> Template | Redirect:
    """Asked, or the form again with what was typed."""
    await about_this(request, actor)
    form = await request.form()
    await step_up_first(db, actor, SHARE, texts_of(form, *FIELDS))
    draft = Draft(dict(form), fields=FIELDS)
    name, born = draft.take(NAME, _read_name), draft.take(BORN, read_birth_date)
    nir = draft.take(NIR, read_nir)
    if name is None or born is None or nir is None:
        return await _share_page(db, actor, at, draft, status=422)
    try:
        replaces = await sharing.is_asked(db, actor, at)
        refused = await sharing.invite(db, actor, at, Invitee(name, born, nir))
    except Refused as refusal:
        return await _share_page(db, actor, at, draft, refusal.message, status=422)
    if refused:
        shown = await _share_page(db, actor, at, draft, refused.message, status=429)
        shown.headers["Retry-After"] = str(refused.retry_after)
        return shown
    return Redirect(f"{SHARE}?fait={'remplacee' if replaces else 'envoyee'}", status_code=303)


@post("/profils/partage/retirer", name="patient.profiles.withdraw")
async def withdraw(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """The invitation can no longer be accepted."""
    await about_this(request, actor)
    await sharing.withdraw(db, actor, at, await chosen(request))
    return Redirect(f"{SHARE}?fait=retiree", status_code=303)


@post("/profils/partage/arreter", name="patient.profiles.end")
async def end(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """The other parent no longer sees the profile; or the person leaves it."""
    await step_up_first(db, actor, SHARE)
    await about_this(request, actor)
    link = await chosen(request)
    mine = {one.id for one in await profiles.guardians(db, actor, at) if one.me}
    await profiles.end_sharing(db, actor, at, link)
    return Redirect(PROFILES if link in mine else SHARE, status_code=303)


@post("/profils/invitation", name="patient.profiles.answer")
async def answer(request: AnyRequest, db: Db, actor: Person, at: At) -> Redirect:
    """Accepted or refused."""
    accept = (await request.form()).get("reponse") == "accepter"
    if accept:
        await step_up_first(db, actor, PROFILES)
    await sharing.answer(db, actor, at, await chosen(request), accept=accept)
    return Redirect(PROFILES, status_code=303)


def _read_name(text: str) -> str:
    return read_family_name(text, "Écrivez le nom de famille de l’autre parent.")


async def _share_page(
    db: Db,
    actor: Person,
    at: At,
    draft: Draft,
    message: str | None = None,
    *,
    to_finish: bool = False,
    done: str = "",
    status: int = 200,
) -> Template:
    if not actor.is_guardian:
        raise NotFound
    shown = await patient_page(
        db,
        actor,
        at,
        "patient/profiles/share.html",
        form=draft,
        message=message,
        to_finish=to_finish,
        done=done,
        guardians=await profiles.guardians(db, actor, at),
        sent=await sharing.sent(db, actor, at),
        principal=await profiles.is_principal(db, actor, at),
    )
    shown.status_code = status
    return shown


handlers = (share, invite, withdraw, end, answer)
