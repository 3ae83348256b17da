"""Sensitive acts ask for a fresh proof first: `await step_up_first(db, actor, "/compte/…")`."""

from urllib.parse import quote

from backend.access.actors import Patient
from backend.domain.errors import Problem
from backend.services import sign_in
from backend.storage.db import AsyncSession
from backend.web.cookies import safe_path

CONFIRM = "/confirmer"


class ConfirmFirst(Problem):
    """The last proof is too old. `web/errors.py` leads to `address`."""

    message = "Confirmez d’abord que c’est bien vous."

    def __init__(self, path: str) -> None:
        super().__init__()
        self.address = f"{CONFIRM}?suite={quote(safe_path(path), safe='/')}"


async def step_up_first(db: AsyncSession, actor: Patient, request_path: str) -> None:
    """Nothing when this browser gave a proof in the last ten minutes, else ConfirmFirst.

    `request_path` is the page that the person comes back to, fetched with GET: of a POST, the page
    of its form. Call it in both handlers, before anything is changed: raising rolls back.
    """
    if not await sign_in.is_fresh(db, actor):
        raise ConfirmFirst(request_path)
