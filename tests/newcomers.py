"""People without a session yet, in tests: from their letter to an open space, page by page."""

from httpx import Response

from backend.demo.people import Someone
from tests.pages import Browser

QUESTIONS = ("code", "numero", "carte")
PASSWORD = "quatre-oiseaux-sur-le-fil"


def secrets_of(someone: Someone) -> dict[str, str]:
    """The three things that the pages ask for."""
    return {"code": someone.code, "numero": someone.traits.matricule, "carte": someone.vitale}


async def answer_questions(
    browser: Browser, someone: Someone, start: str = "/activer", **other: str
) -> None:
    """The three questions answered, right but for `other`; not checked yet."""
    await browser.get(start)
    await browser.post(start)
    for name, value in (secrets_of(someone) | other).items():
        path = f"/activer/question/{name}"
        await browser.get(path)
        answer = await browser.post(path, **{name: value})
        assert answer.status_code == 303, answer.text


async def prove(
    browser: Browser, someone: Someone, start: str = "/activer", **other: str
) -> Response:
    """The verdict on the three together."""
    await answer_questions(browser, someone, start, **other)
    await browser.get("/activer/verifier")
    return await browser.post("/activer/verifier")


async def give_email(browser: Browser, email: str, mobile: str = "") -> None:
    """One channel or two, each proved by its code."""
    await browser.get("/activer/contact")
    answer = await browser.post("/activer/contact", email=email, mobile=mobile)
    assert answer.headers["location"] == "/activer/preuve", answer.text
    for to in filter(None, (email, mobile and "+33" + mobile.replace(" ", "")[1:])):
        answer = await browser.post("/activer/preuve", code=await browser.code(to=to))
        assert answer.status_code == 303, answer.text


async def activate(browser: Browser, someone: Someone, identifier: str) -> Response:
    """All the way to an open space."""
    assert (await prove(browser, someone)).headers["location"] == "/activer/contact"
    await give_email(browser, f"{someone.key}@courriel.example")
    await browser.post("/activer/visibilite", visibilite="visibles")
    return await browser.post(
        "/activer/identifiants", identifiant=identifier, mot_de_passe=PASSWORD
    )
