"""A sign-in from a browser never seen before is told to its holder, on the other channel."""

from litestar import Litestar

from backend.demo.people import LAURA
from backend.domain.jobs import TellSignIn
from backend.services import sign_in
from backend.storage.db import utcnow
from tests.authenticators import Authenticator
from tests.fixtures.application import client_of
from tests.pages import Browser
from tests.patient.changing import run
from tests.patient.test_confirm import later
from tests.patient.test_passkeys import adds, enters
from tests.patient.test_security import settled
from tests.services.test_closure import actor_of

WORDS = "nouvel appareil"


async def told(app: Litestar) -> list[str]:
    """Where it was said, the newest first."""
    await settled(Browser(app, client_of(app)))
    messages = app.state.outside.inbox.messages()
    return [one.to for one in messages if WORDS in one.subject + one.text]


async def test_the_first_browser_is_told_to_nobody_the_second_on_the_other_channel(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    assert await told(app) == []
    other = Browser(app, client_of(app))
    await other.sign_in(LAURA)
    assert await told(app) == [LAURA.phone], "the code went by e-mail"
    text = next(m.text for m in app.state.outside.inbox.messages() if WORDS in m.text)
    assert "3422" in text
    assert "Laura" not in text


async def test_the_same_browser_is_not_told_again(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await reader.post("/deconnexion")
    await later(reader, hours=1)
    await reader.sign_in(LAURA)
    assert await told(app) == []


async def test_a_mark_of_somebody_else_does_not_silence_it(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    other = Browser(app, client_of(app))
    mark = reader.client.cookies["appareil"]
    forged = mark[:-1] + ("0" if mark[-1] != "0" else "1")
    other.client.cookies.set("appareil", forged, domain="127.0.0.1")
    await other.sign_in(LAURA)
    assert await told(app) == [LAURA.phone]


async def test_who_has_one_channel_is_told_there(app: Litestar, reader: Browser) -> None:
    await run(app, "UPDATE account SET sealed_phone = NULL, phone_verified_at = NULL")
    await reader.sign_in(LAURA)
    await Browser(app, client_of(app)).sign_in(LAURA)
    assert await told(app) == [LAURA.email]


async def test_a_passkey_on_a_new_browser_is_told_too(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    key = Authenticator()
    await adds(reader, key)
    await later(reader, hours=1)
    answer = await enters(Browser(app, client_of(app)), key)
    assert answer.status_code == 303
    assert await told(app) == [LAURA.email]


async def test_a_holder_who_has_left_is_told_nothing(app: Litestar) -> None:
    actor = await actor_of(app, LAURA)
    job = TellSignIn(account_id=actor.id, channel="sms", at=utcnow(), browser="")
    for state, to in (("actif", LAURA.phone), ("suspendu", None), ("ferme", None)):
        await run(app, f"UPDATE account SET state = '{state}'")
        async with app.state.sessions.begin() as db:
            found = await sign_in.whom_to_tell(db, job)
        assert (found and found.to) == to


PURPOSES = {
    "login": "vous connecter",
    "activation": "activer votre espace",
    "recovery": "retrouver votre espace",
    "recovery-sms": "retrouver votre espace",
    "step-up": "confirmer une action",
    "contact": "confirmer ce numéro",
}


def test_a_text_says_what_its_code_is_for_and_to_which_site_it_belongs(app: Litestar) -> None:
    for purpose, words in PURPOSES.items():
        text = app.state.letters.write("sms/code.txt", code="384201", purpose=purpose).text
        assert text.startswith("Repères")
        assert f"votre code pour {words} est 384 201." in text
        assert text.splitlines()[-1].endswith(" #384201"), "bound to the site (WebOTP)"
        assert text.splitlines()[-1].startswith("@")
