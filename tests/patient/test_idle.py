"""A session that ends by itself: announced, put off by a link, and explained afterwards."""

from datetime import timedelta

from sqlalchemy import update

from backend.demo.people import LAURA
from backend.storage.accounts import BrowserSession
from backend.storage.db import utcnow
from backend.web.french import hour
from tests.pages import Browser, text_of, words_of


async def idle(reader: Browser, **by: float) -> None:
    async with reader.app.state.sessions.begin() as db:
        past = BrowserSession.seen_at - timedelta(**by)
        await db.execute(update(BrowserSession).values(seen_at=past))


async def test_whoever_was_away_is_told_why_they_are_here_again(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await idle(reader, minutes=15)
    assert (await reader.get("/documents")).headers["location"] == "/connexion"
    page = await reader.get("/connexion")
    assert "déconnecté" in text_of(page)
    assert "15 minutes sans activité" in text_of(page)
    assert "déconnecté" not in text_of(await reader.get("/connexion")), "once"
    await reader.sign_in(LAURA)


async def test_nothing_is_said_to_whoever_leaves_or_comes_first(reader: Browser) -> None:
    assert "déconnecté" not in text_of(await reader.get("/connexion"))
    await reader.sign_in(LAURA)
    await reader.post("/deconnexion")
    assert "déconnecté" not in text_of(await reader.get("/connexion"))


async def test_staying_is_a_click(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    page = await reader.get("/")
    assert 'data-idle-minutes="15"' in page.text
    for _ in range(3):
        await idle(reader, minutes=14)
        answer = await reader.get("/rester-connecte")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await reader.get("/documents")).status_code == 200


async def test_the_end_that_nothing_puts_off_is_announced(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    assert "vous serez déconnecté à" not in text_of(await reader.get("/"))
    async with reader.app.state.sessions.begin() as db:
        ends = utcnow() + timedelta(minutes=9)
        await db.execute(update(BrowserSession).values(ends_at=ends))
    for path in ("/", "/documents", "/compte"):
        page = text_of(await reader.get(path))
        assert f"vous serez déconnecté à {words_of(hour(ends))}" in page
