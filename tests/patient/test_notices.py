"""« À savoir »: a notice is read, then put away, for this account and in this record only."""

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar

from backend.access.scopes import Policy
from backend.demo.people import KARIM, LAURA, LEA
from backend.demo.reports import DemoDeposit
from tests.pages import Browser, text_of
from tests.patient.test_activation import place
from tests.patient.test_caregivers import helping
from tests.patient.test_profiles import file_for, open_as

Reports = Mapping[str, DemoDeposit]
PAGE = "/notifications"
IDS = re.compile(rf'action="{PAGE}/([0-9a-f-]{{36}})"')


@pytest.fixture
async def laura(app: Litestar, reports: Reports) -> Browser:
    """Signed in, with two reports that she has not opened."""
    for name in ("laura-premier-bilan-v1", "laura-bilan-sanguin-v1"):
        await file_for(app, reports, name)
    return await open_as(app, LAURA)


async def notices(browser: Browser) -> list[str]:
    """Ids, the latest first."""
    return IDS.findall((await browser.get(PAGE)).text)


async def unread(browser: Browser) -> int:
    return len(re.findall(r'<li[^>]*class="unread"', (await browser.get(PAGE)).text))


async def test_one_is_read_then_put_away(laura: Browser) -> None:
    first, second = await notices(laura)
    assert await unread(laura) == 2
    for _ in range(2):
        assert place(await laura.post(f"{PAGE}/{first}", geste="lire")) == PAGE
        assert await unread(laura) == 1
        assert await notices(laura) == [first, second]
    assert place(await laura.post(f"{PAGE}/{first}", geste="retirer")) == PAGE
    assert await notices(laura) == [second]
    await laura.post(f"{PAGE}/{first}", geste="lire")
    assert await notices(laura) == [second], "read again, it stays away"
    assert (await laura.get("/documents")).text.count('href="/documents/') >= 2


async def test_put_away_without_having_been_read(laura: Browser) -> None:
    first, second = await notices(laura)
    await laura.post(f"{PAGE}/{second}", geste="retirer")
    assert await notices(laura) == [first]
    assert await unread(laura) == 1


async def test_all_are_read_at_once(laura: Browser) -> None:
    about = await laura.about(PAGE)
    assert (await laura.post(f"{PAGE}/lues", profil=str(uuid4()))).status_code == 409
    assert await unread(laura) == 2
    assert place(await laura.post(f"{PAGE}/lues", **about)) == PAGE
    assert await unread(laura) == 0
    assert "Tout marquer comme lu" not in text_of(await laura.get(PAGE))
    assert len(await notices(laura)) == 2


async def test_a_report_that_was_opened_is_read(laura: Browser) -> None:
    report = re.findall(r'href="(/documents/[0-9a-f-]{36})"', (await laura.get(PAGE)).text)[0]
    assert (await laura.get(report)).status_code == 200
    assert await unread(laura) == 1


async def test_those_of_another_record_do_not_exist(
    app: Litestar, laura: Browser, reports: Reports
) -> None:
    first, _ = await notices(laura)
    await file_for(app, reports, "lea-bilan-v1")
    child = await open_as(app, KARIM, LEA)
    (theirs,) = await notices(child)
    for browser, id_ in ((child, first), (laura, theirs), (laura, str(uuid4()))):
        assert (await browser.post(f"{PAGE}/{id_}", geste="retirer")).status_code == 404
    karim = await open_as(app, KARIM)
    assert (await karim.post(f"{PAGE}/{theirs}", geste="retirer")).status_code == 404
    assert await notices(child) == [theirs]
    assert len(await notices(laura)) == 2


async def test_an_aidant_looks_and_marks_nothing(app: Litestar, reports: Reports) -> None:
    app.state.policy = Policy(caregivers=True)
    await file_for(app, reports, "laura-premier-bilan-v1")
    laura, nadia = await helping(app)
    (first,) = await notices(laura)
    page = text_of(await nadia.get(PAGE))
    assert "Retirer" not in page
    for path in (f"{PAGE}/{first}", f"{PAGE}/lues"):
        assert (await nadia.post(path, geste="retirer")).status_code in {403, 404}
    assert await notices(laura) == [first]


async def test_where_scripts_run_only_the_line_comes_back(laura: Browser) -> None:
    first, second = await notices(laura)
    token = next(c.value for c in laura.client.cookies.jar if c.name.endswith("csrf"))

    async def press(id_: str, gesture: str) -> Response:
        return await laura.client.post(
            f"{PAGE}/{id_}",
            data={"_csrf_token": token, "geste": gesture},
            headers={"HX-Request": "true", "HX-Request-Type": "partial"},
            follow_redirects=False,
        )

    read = await press(first, "lire")
    assert read.status_code == 200
    assert read.text.count("<li") == 1
    assert f'id="notice-{first}"' in read.text
    assert "Non lu" not in read.text
    assert "<html" not in read.text
    assert "C’est retiré" in (await press(first, "retirer")).text
    assert await notices(laura) == [second]
    wrong = await press(str(uuid4()), "retirer")
    assert wrong.status_code == 404
    assert wrong.headers["hx-retarget"] == "body"
