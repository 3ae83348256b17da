"""Pro Santé Connect for a laboratory’s own software: CIBA, where the professional’s phone answers.

In the demonstration the phone says yes at once, to who names a professional of the emulator.
"""

from typing import Any

from litestar import Request, Response, post

from backend.demo.people import LABORATORIES
from backend.demo.psc.emulator import TOKEN_LIFE, Emulator
from backend.demo.psc.people import PROS
from backend.domain.errors import NotFound

AnyRequest = Request[Any, Any, Any]
SOFTWARE = frozenset(f"psc-{one.client_id}" for one in LABORATORIES)
"""What the software of each laboratory is called by Pro Santé Connect."""


@post(
    "/realms/esante-wallet/protocol/openid-connect/ext/ciba/auth",
    name="demo.psc.ask_phone",
    status_code=200,
    exclude_from_csrf=True,
)
async def ask_phone(request: AnyRequest) -> Response[Any]:
    """An access token in one call; the real one wants a second, once the phone has answered."""
    emulator: Emulator | None = request.app.state.psc_emulator
    if emulator is None:
        raise NotFound
    form = await request.form()
    asked, hint = form.get("client_id"), form.get("login_hint")
    pro = next((one for one in PROS if hint in {one.key, one.national_id}), None)
    if asked not in SOFTWARE or pro is None:
        return Response({"error": "invalid_request"}, status_code=400)
    return Response(
        {
            "access_token": emulator.lend(pro, str(asked)),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
        }
    )


handlers = (ask_phone,)
