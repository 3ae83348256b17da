"""Passkeys: added, named, removed."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template

from backend.domain.browsers import browser_of
from backend.domain.credentials import read_name
from backend.domain.errors import Refused
from backend.patient.security.common import INDEX, AnyRequest, done, form_page
from backend.services import credentials
from backend.web import Config, Db, Person
from backend.web.forms import Draft
from backend.web.fresh import step_up_first
from backend.web.passkeys import as_json, site_of

PATH, NAME = f"{INDEX}/cles", "nom"


@get("/compte/securite/cles", name="patient.security.keys")
async def keys(db: Db, actor: Person) -> Template:
    """One’s passkeys, and a button for one more."""
    await step_up_first(db, actor, PATH)
    return await _page(db, actor, Draft(fields=()))


@post("/compte/securite/cles/defi", name="patient.security.key_ask", status_code=200)
async def key_ask(db: Db, actor: Person, config: Config) -> Response[str]:
    """What this browser is asked to make."""
    await step_up_first(db, actor, PATH)
    return as_json(await credentials.offer_passkey(db, site_of(config), actor))


@post("/compte/securite/cles", name="patient.security.add_key")
async def add_key(
    request: AnyRequest, db: Db, actor: Person, config: Config
) -> Template | Redirect:
    """Kept, under the name of the browser that made it."""
    await step_up_first(db, actor, PATH)
    draft = Draft(dict(await request.form()), fields=("reponse",))
    answer = draft.take("reponse", str) or ""
    name = browser_of(request.headers.get("user-agent", ""))
    try:
        await credentials.add_passkey(db, site_of(config), actor, answer, name=name)
    except Refused as refusal:
        return await _page(db, actor, draft, 422, message=refusal.message)
    return done("cle")


@get("/compte/securite/cles/{key_id:uuid}", name="patient.security.key")
async def key(key_id: FromPath[UUID], db: Db, actor: Person) -> Template:
    """One of them, to name or to remove."""
    await step_up_first(db, actor, PATH)
    found = await credentials.find_passkey(db, actor, key_id)
    draft = Draft({NAME: found.name}, fields=(NAME,))
    return form_page("key", form=draft, key=found)


@post("/compte/securite/cles/{key_id:uuid}", name="patient.security.rename_key")
async def rename_key(
    key_id: FromPath[UUID], request: AnyRequest, db: Db, actor: Person
) -> Template | Redirect:
    """Another name."""
    await step_up_first(db, actor, PATH)
    draft = Draft(dict(await request.form()), fields=(NAME,))
    name = draft.take(NAME, read_name)
    if name is None:
        found = await credentials.find_passkey(db, actor, key_id)
        return form_page("key", 422, form=draft, key=found)
    await credentials.rename_passkey(db, actor, key_id, name)
    return done("cle-nommee")


@post("/compte/securite/cles/{key_id:uuid}/retirer", name="patient.security.remove_key")
async def remove_key(key_id: FromPath[UUID], db: Db, actor: Person) -> Redirect:
    """It opens nothing any more."""
    await step_up_first(db, actor, PATH)
    await credentials.remove_passkey(db, actor, key_id)
    return done("cle-retiree")


async def _page(
    db: Db, actor: Person, draft: Draft, status: int = 200, *, message: str | None = None
) -> Template:
    listed = await credentials.list_passkeys(db, actor)
    shown = form_page("keys", status, form=draft, keys=listed)
    shown.context["message"] = message
    return shown


handlers = (keys, key_ask, add_key, key, rename_key, remove_key)
