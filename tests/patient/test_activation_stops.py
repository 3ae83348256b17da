"""Whatever happens to a space between two steps of its activation stops it there."""

from collections.abc import Awaitable, Callable

import pytest
from litestar import Litestar

from backend.demo.people import JULIE
from tests.newcomers import PASSWORD, answer_questions
from tests.pages import Browser
from tests.patient.changing import change, record_of, run
from tests.patient.test_activation import place

Step = Callable[[Browser], Awaitable[str]]


async def prove(browser: Browser) -> str:
    return place(await browser.post("/activer/verifier"))


async def choose(browser: Browser) -> str:
    then = place(await browser.post("/activer/contact", email="j@courriel.example", mobile=""))
    if then == "/activer/preuve":
        await browser.code(to="j@courriel.example")  # it has arrived, whatever happens next
    return then


async def verify(browser: Browser) -> str:
    code = await browser.code(to="j@courriel.example")
    return place(await browser.post("/activer/preuve", code=code))


async def show(browser: Browser) -> str:
    return place(await browser.post("/activer/visibilite", visibilite="masques"))


async def finish(browser: Browser) -> str:
    answer = await browser.post(
        "/activer/identifiants", identifiant="julie.moreau", mot_de_passe=PASSWORD
    )
    return place(answer)


STEPS: dict[str, tuple[Step, str]] = {
    "prove": (prove, "/activer/contact"),
    "choose": (choose, "/activer/preuve"),
    "verify": (verify, "/activer/visibilite"),
    "show": (show, "/activer/identifiants"),
    "finish": (finish, "/bienvenue"),
}


async def suspended(app: Litestar) -> None:
    await change(app, await record_of(app, JULIE), state="suspendu")


async def died(app: Litestar) -> None:
    await change(app, await record_of(app, JULIE), state="decede")


async def code_replaced(app: Litestar) -> None:
    await run(app, "UPDATE provisional_code SET replaced_at = now()")


async def code_used_elsewhere(app: Litestar) -> None:
    await run(app, "UPDATE provisional_code SET used_at = now()")


async def an_hour_passed(app: Litestar) -> None:
    await run(app, "UPDATE enrolment SET ends_at = now()")


EVENTS = (suspended, died, code_replaced, code_used_elsewhere, an_hour_passed)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("before", [*STEPS][1:])
async def test_it_stops_there(
    app: Litestar,
    reader: Browser,
    before: str,
    event: Callable[[Litestar], Awaitable[None]],
) -> None:
    await answer_questions(reader, JULIE)
    for name, (step, then) in STEPS.items():
        if name == before:
            await event(app)
            assert await step(reader) == "/activer?fini=1"
            assert (await record_of(app, JULIE)).state != "actif"
            return
        assert await step(reader) == then


async def closed(app: Litestar) -> None:
    await change(app, await record_of(app, JULIE), state="ferme")


@pytest.mark.parametrize("event", [*EVENTS, closed])
async def test_a_refusal_stops_there_too(
    app: Litestar, reader: Browser, event: Callable[[Litestar], Awaitable[None]]
) -> None:
    """Between the proof and the last button."""
    await answer_questions(reader, JULIE, "/refuser")
    assert await prove(reader) == "/refuser/confirmer"
    await event(app)
    before = await record_of(app, JULIE)
    assert place(await reader.post("/refuser/confirmer")).startswith("/activer?fini")
    assert await record_of(app, JULIE) == before
    assert (await reader.get("/refuser/justificatif")).status_code == 404


async def test_nothing_happens_and_it_goes_to_its_end(app: Litestar, reader: Browser) -> None:
    """The control."""
    await answer_questions(reader, JULIE)
    for step, then in STEPS.values():
        assert await step(reader) == then
    assert (await record_of(app, JULIE)).state == "actif"


async def test_a_letter_activates_once_even_from_two_phones(app: Litestar, reader: Browser) -> None:
    other = Browser(app, type(reader.client)(transport=reader.client._transport, base_url=HOST))
    for browser in (reader, other):
        await answer_questions(browser, JULIE)
        for name in ("prove", "choose", "verify", "show"):
            if name == "choose":
                app.state.outside.inbox._messages.clear()
                await run(app, "DELETE FROM rate_limit")
            await STEPS[name][0](browser)
    assert await finish(reader) == "/bienvenue"
    assert await finish(other) == "/activer?fini=1"


HOST = "http://127.0.0.1:8000"
