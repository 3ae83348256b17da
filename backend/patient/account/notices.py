"""« Notifications »: what tells of what happens, when, and how discreetly."""

from typing import Any

from litestar import Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.preferences import CHOICES, NIGHT, Preferences, is_deaf, known
from backend.services import preferences, push
from backend.web import At, Db, Neighbours, Person, patient_page

PAGE = "/compte/notifications"
DONE = {
    "1": "C’est enregistré.",
    "essai": "L’essai est parti. Il arrive dans une minute.",
    "appareil": "Cet appareil est prévenu.",
    "appareils": "Vos appareils ne sont plus prévenus.",
}


@get(PAGE, name="patient.account.notices")
async def show(
    db: Db, actor: Person, at: At, outside: Neighbours, fait: FromQuery[str] = ""
) -> Template:
    """As it is."""
    chosen = await preferences.preferences_of(db, actor)
    return await _page(db, actor, at, outside, chosen, done=DONE.get(fait))


@post(PAGE, name="patient.account.set_notices")
async def save(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At, outside: Neighbours
) -> Template | Redirect:
    """As it shall be."""
    before = await preferences.preferences_of(db, actor)
    chosen = _read(await request.form(), before)
    try:
        await preferences.choose(db, actor, chosen)
    except Refused as refusal:
        return await _refused(db, actor, at, outside, chosen, refusal.message)
    return _done("1")


@post(f"{PAGE}/essai", name="patient.account.try_notices")
async def send_trial(db: Db, actor: Person, at: At, outside: Neighbours) -> Template | Redirect:
    """One message wherever one is told of anything."""
    chosen = await preferences.preferences_of(db, actor)
    if rejected := await preferences.send_trial(db, actor):
        shown = await _refused(db, actor, at, outside, chosen, rejected.message)
        shown.status_code = 429
        return shown
    return _done("essai")


@post(f"{PAGE}/appareil", name="patient.account.add_browser")
async def add_browser(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At, outside: Neighbours
) -> Template | Redirect:
    """This browser, as its script says it."""
    form = await request.form()
    try:
        await push.subscribe(db, actor, outside.push, str(form.get("abonnement", "")))
    except Refused as refusal:
        chosen = await preferences.preferences_of(db, actor)
        return await _refused(db, actor, at, outside, chosen, refusal.message)
    return _done("appareil")


@post(f"{PAGE}/sans-appareil", name="patient.account.forget_browsers")
async def forget_browsers(db: Db, actor: Person) -> Redirect:
    """None of them."""
    await push.unsubscribe(db, actor)
    return _done("appareils")


def _read(form: FormMultiDict, before: Preferences) -> Preferences:
    quiet = (_hour(form, "de"), _hour(form, "a")) if form.get("nuit") else None
    return replace(
        before,
        channels={event.value: known(form.getall(event.value, [])) for event in CHOICES},
        quiet=quiet,
        digest=_hour(form, "heure") if form.get("resume") else None,
        discreet=bool(form.get("discret")),
    )


def _hour(form: FormMultiDict, name: str) -> int:
    """-1 when it is none of the list: the rule refuses it."""
    text = str(form.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else -1  # noqa: PLR2004


def _done(what: str) -> Redirect:
    return Redirect(f"{PAGE}?fait={what}", status_code=303)


async def _refused(
    db: Db, actor: Person, at: At, outside: Neighbours, chosen: Preferences, message: str
) -> Template:
    shown = await _page(db, actor, at, outside, chosen, message=message)
    shown.status_code = 422
    return shown


async def _page(
    db: Db,
    actor: Person,
    at: At,
    outside: Neighbours,
    chosen: Preferences,
    *,
    done: str | None = None,
    message: str | None = None,
) -> Template:
    reachable = await preferences.reachable(db, actor)
    return await patient_page(
        db,
        actor,
        at,
        "patient/account/notices.html",
        chosen=chosen,
        choices=CHOICES,
        night=chosen.quiet or NIGHT,
        reachable=reachable,
        deaf=is_deaf(chosen, reachable),
        push_key=outside.push.public_key,
        done=done,
        message=message,
    )


handlers = (show, save, send_trial, add_browser, forget_browsers)
