"""« Fermer mon espace »: four facts, a choice, a fresh proof, a summary; then it is done."""

from datetime import date
from typing import Any

from litestar import Request, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from backend.access.doors import HOLDERS, PUBLIC
from backend.domain.activation import ERASE_AFTER
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound, Refused
from backend.services import closure
from backend.services.credentials import refuse_if_cooling
from backend.web import At, Config, Db, Person, page, patient_page
from backend.web.about import about_this
from backend.web.cookies import SESSION, end_cookie
from backend.web.forms import Draft
from backend.web.fresh import step_up_first

CHOICE = "choix"
CHOICES = {"garder": False, "effacer": True}
FORM, CONFIRM, DONE = "patient/closing/form.html", "patient/closing/confirm.html", "/ferme"
CLOSE, CLOSE_CONFIRM = "/compte/fermer", "/compte/fermer/confirmer"


@get(CLOSE, name="patient.closing.show")
async def show(db: Db, actor: Person, at: At) -> Template:
    """What closing means; keep or erase. Not for the second parent."""
    return await _form(db, actor, at, Draft({CHOICE: "garder"}, fields=(CHOICE,)))


@post(CLOSE, name="patient.closing.choose")
async def choose(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At
) -> Template | Redirect:
    """On to the summary."""
    await about_this(request, actor)
    draft = Draft(dict(await request.form()), fields=(CHOICE,))
    if draft.take(CHOICE, _read) is None:
        return await _form(db, actor, at, draft, status=422)
    return Redirect(_confirm_path(draft.typed[CHOICE]), status_code=303)


@get(CLOSE_CONFIRM, name="patient.closing.confirm")
async def confirm(
    db: Db, actor: Person, at: At, choix: FromQuery[str] = "garder"
) -> Template | Redirect:
    """The summary, once the person has proved who they are."""
    if choix not in CHOICES:
        return Redirect(CLOSE, status_code=303)
    await step_up_first(db, actor, _confirm_path(choix))
    try:
        await refuse_if_cooling(db, actor)
    except Refused as refusal:
        draft = Draft({CHOICE: choix}, fields=(CHOICE,))
        return await _form(db, actor, at, draft, message=refusal.message, status=422)
    return await patient_page(
        db, actor, at, CONFIRM, erase=CHOICES[choix], choice=choix, until=_erased_on(at)
    )


@post(CLOSE_CONFIRM, name="patient.closing.close")
async def close(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At, config: Config
) -> Redirect:
    """Closed: whoever held it is out; a parent who closed a child's stays in."""
    choice = str((await request.form()).get(CHOICE, ""))
    if choice not in CHOICES:
        return Redirect(CLOSE, status_code=303)
    await step_up_first(db, actor, _confirm_path(choice))
    await about_this(request, actor)
    await closure.close(db, actor, at, erase=CHOICES[choice])
    cookies = [] if actor.is_guardian else [end_cookie(config, SESSION)]
    return Redirect(f"{DONE}?choix={choice}", status_code=303, cookies=cookies)


@get(DONE, name="patient.closing.done")
async def done(choix: FromQuery[str] = "garder") -> Template:
    """What happens now, to whoever comes here: it says nothing of anybody."""
    return page("patient/closing/done.html", erase=CHOICES.get(choix, False))


async def _form(
    db: Db, actor: Person, at: At, draft: Draft, *, message: str | None = None, status: int = 200
) -> Template:
    if not await closure.may_close(db, actor, at):
        raise NotFound
    shown = await patient_page(
        db, actor, at, FORM, form=draft, message=message, until=_erased_on(at)
    )
    shown.status_code = status
    return shown


def _erased_on(at: At) -> date:
    return civil_day(at.now + ERASE_AFTER)


def _confirm_path(choice: str) -> str:
    return f"{CLOSE_CONFIRM}?{CHOICE}={choice}"


def _read(text: str) -> bool:
    if text not in CHOICES:
        raise Refused("Choisissez l’une des deux réponses.")
    return CHOICES[text]


router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[show, choose, confirm, close], opt={"door": HOLDERS}),
        Router("/", route_handlers=[done], opt={"door": PUBLIC}),
    ],
)
