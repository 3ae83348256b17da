"""A form is about the record that its page showed: `await about_this(request, actor)`.

The profile may change between the page and the click: in another tab, at the end of a sharing, on
an eighteenth birthday. What was meant for one record must then happen to none.
"""

from typing import Any

from litestar import Request

from backend.access.actors import Patient
from backend.domain.errors import Refused

FIELD = "profil"
"""Hidden in the form by `components/_about.html`."""


class OtherProfile(Refused):
    """Another record is on the screen now."""

    message = (
        "Vous avez changé de profil entre-temps. Rien n’a été fait. "
        "Rechargez la page et vérifiez le nom en haut."
    )


async def about_this(request: Request[Any, Any, Any], actor: Patient) -> None:
    """Nothing when the form is about the record on the screen, else OtherProfile."""
    if (await request.form()).get(FIELD) != str(actor.record_id):
        raise OtherProfile
