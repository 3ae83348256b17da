"""Sensitive acts ask for a fresh proof first: `await step_up_first(db, actor, "/compte/…")`."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from backend.access.actors import Patient
from backend.domain.errors import Problem
from backend.services import sign_in
from backend.services.typed import seal_typed
from backend.storage.db import AsyncSession
from backend.web.cookies import LONGEST_PATH, safe_path

CONFIRM = "/confirmer"
TYPED = "repris"
"""In the address that leads back: what was typed, sealed (`services.typed`)."""


class ConfirmFirst(Problem):
    """The last proof is too old. `web/errors.py` leads to `address`."""

    message = "Confirmez d’abord que c’est bien vous."

    def __init__(self, path: str) -> None:
        super().__init__()
        self.address = f"{CONFIRM}?suite={quote(safe_path(path), safe='/')}"


async def step_up_first(
    db: AsyncSession,
    actor: Patient,
    request_path: str,
    typed: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Nothing when this browser gave a proof in the last ten minutes, else ConfirmFirst.

    `request_path` is the page that the person comes back to, fetched with GET: of a POST, the page
    of its form. Call it in both handlers, before anything is changed: raising rolls back. Where
    the form is shown without a proof, `typed` comes back with it, under the name `TYPED`.
    """
    if await sign_in.is_fresh(db, actor):
        return
    if typed is not None:
        back = f"{request_path}?{TYPED}={seal_typed(db, actor, typed)}"
        raise ConfirmFirst(back if len(back) <= LONGEST_PATH else request_path)
    raise ConfirmFirst(request_path)
