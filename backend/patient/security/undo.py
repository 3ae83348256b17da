"""« Ce n’est pas moi »: the link of a letter, which works without signing in."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from backend.domain.credentials import WORDS
from backend.services import credentials
from backend.web import Db, page

SHOWN, OVER, DONE = (f"patient/security/{name}.html" for name in ("undo", "undo_over", "undone"))


@get("/annuler/{token:str}", name="patient.security.undo")
async def undo(token: FromPath[str], db: Db) -> Template:
    """What would be undone. Nothing is, by opening the link: programs open links too."""
    changed = await credentials.find_change(db, token)
    if changed is None:
        return page(OVER, 404)
    return page(SHOWN, token=token, what=WORDS[changed.kind], at=changed.at)


@post("/annuler/{token:str}", name="patient.security.undone")
async def undone(token: FromPath[str], db: Db) -> Template:
    """As before, every browser has left, and the account waits for its person."""
    return page(DONE) if await credentials.cancel(db, token) else page(OVER, 404)


handlers = (undo, undone)
