"""« 3. Destinataires » of a deposit by hand: found in the Annuaire Santé, added, unticked."""

import asyncio
import re
from datetime import timedelta

import pytest
from litestar import Litestar
from sqlalchemy import func, select

from backend.demo.mssante import WITHOUT_A_BOX
from backend.demo.mssante.directory import Directory
from backend.demo.people import PRACTITIONERS
from backend.domain.dispatches.listed import Listed
from backend.domain.dispatches.mailboxes import Box, BoxKind
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Person
from backend.gateways import annuaire
from backend.services import limits
from backend.services.limits import Limiter
from backend.storage.dispatches import Dispatch, sending_of
from backend.storage.documents import Document
from backend.storage.drafts import DepositDraft
from backend.storage.records import Record, key_of
from backend.storage.structures import Professional
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.pro.test_deposits import (
    NOW,
    Reports,
    about_pdf,
    at_work,
    chosen,
    clean,
    counted,
    deposited,
    file_of,
    fresh,
    morel,
    scanned,
)

__all__ = ["clean", "morel"]

LEROUX = next(one for one in PRACTITIONERS if one.key == "leroux")
MARTIN = next(one for one in PRACTITIONERS if one.key == "martin")
LOOK = {"geste": "chercher"}


@pytest.fixture(autouse=True)
def answering(clean: Litestar) -> None:
    """The directory answers, whatever a test did of it."""
    clean.state.near.directory.down = False
    clean.state.near.directory.slow = 0.0


async def sent_to(app: Litestar) -> dict[str, str]:
    """The address of each recipient of the dispatches, with the part that they play."""
    async with app.state.sessions() as db:
        rows = await db.execute(
            select(Dispatch, Record).join(Record, Record.id == Dispatch.record_id)
        )
        return {
            sending_of(key_of(db, record), one).to.address or "": one.role.value
            for one, record in rows
        }


async def test_a_colleague_is_found_added_and_receives_it(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    found = await morel.post(
        f"{draft}/destinataires", **LOOK, qui="Leroux", ville="saint nazaire", motif="À dire"
    )
    assert found.status_code == 200, text_of(found)
    assert LEROUX.mailbox in found.text
    assert 'value="À dire"' in found.text, "what was typed is kept"
    assert clean.state.near.directory.asked[-1] == "Practitioner?['Leroux']"
    added = await morel.post(
        f"{draft}/destinataires", geste=f"ajouter:{LEROUX.person.national_id}", vers=[]
    )
    assert "Ajouté à l’envoi" in text_of(added)
    assert re.search(rf'value="{LEROUX.person.national_id}" checked', added.text)
    assert re.search(rf'value="{LEROUX.person.national_id}" checked', (await morel.get(draft)).text)
    await deposited(morel, draft, vers=LEROUX.person.national_id)
    assert await sent_to(clean) == {LEROUX.mailbox: "copy"}


async def test_by_its_number_and_unticked_it_is_not_sent(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    number = LEROUX.person.national_id
    assert (
        LEROUX.mailbox in (await morel.post(f"{draft}/destinataires", **LOOK, qui=number[1:])).text
    )
    await morel.post(f"{draft}/destinataires", geste=f"ajouter:{number}")
    await deposited(morel, draft)
    assert await sent_to(clean) == {}


async def test_the_prescriber_found_there_receives_one_mail(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    number = fresh(reports).header.prescriber.national_id
    who = next(one for one in PRACTITIONERS if one.person.national_id == number)
    await morel.post(f"{draft}/destinataires", geste=f"ajouter:{number}")
    await deposited(morel, draft, vers=["prescriber", number])
    assert await sent_to(clean) == {who.mailbox: "prescriber"}


async def test_who_has_no_address_or_is_not_there_is_not_added(
    morel: Desk, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    (nobody,) = WITHOUT_A_BOX
    page = await morel.post(f"{draft}/destinataires", **LOOK, qui="martin")
    assert "2 personnes trouvées" in text_of(page)
    assert "Pas d’adresse MSSanté" in text_of(page)
    for number, words in (
        (nobody.person.national_id, "ne peut pas être ajoutée"),
        ("899999999999", "ne peut pas être ajoutée"),
        ("1|2,3", "a onze chiffres"),
        ("", "a onze chiffres"),
    ):
        answer = await morel.post(f"{draft}/destinataires", geste=f"ajouter:{number}")
        assert (answer.status_code, words in text_of(answer)) == (422, True)
    elsewhere = text_of(
        await morel.post(f"{draft}/destinataires", **LOOK, qui="martin", ville="Rennes")
    )
    assert "Personne à ce nom" in elsewhere


@pytest.mark.parametrize(
    ("who", "words"),
    [("", "écrivez son nom"), ("M", "écrivez son nom"), ("123", "onze chiffres"), ("%*", "nom")],
)
async def test_what_is_asked_badly_is_said_in_place(
    morel: Desk, reports: Reports, who: str, words: str
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    answer = await morel.post(f"{draft}/destinataires", **LOOK, qui=who)
    assert (answer.status_code, words in text_of(answer)) == (422, True)


async def test_a_directory_that_is_down_stops_nothing(morel: Desk, clean: Litestar) -> None:
    draft = await chosen(morel, await file_of(morel), ("scan.pdf", scanned()))
    clean.state.near.directory.down = True
    page = await morel.post(f"{draft}/destinataires", **LOOK, qui="Fabre")
    assert (page.status_code, "ne répond pas" in text_of(page)) == (200, True)
    await deposited(morel, draft, **await about_pdf(morel, draft), adresse=MARTIN.mailbox)
    assert await sent_to(clean) == {MARTIN.mailbox: "copy"}


async def test_a_directory_that_hangs_is_given_up_in_time_and_what_was_typed_is_kept(
    morel: Desk, clean: Litestar, reports: Reports, limits_of_production: pytest.MonkeyPatch
) -> None:
    limits_of_production.setattr(annuaire, "PATIENCE", 1.0)  # on a busy machine, three are many
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    before = await left(clean, "morel")
    clean.state.near.directory.slow = 8.0
    page = await morel.post(f"{draft}/destinataires", **LOOK, qui="Lente", motif="À dire")
    assert (page.status_code, "ne répond pas" in text_of(page)) == (200, True)
    assert 'value="À dire"' in page.text
    assert await left(clean, "morel") == before - 1
    again = await morel.get(f"{draft}/destinataires")
    assert (again.status_code, again.headers["location"]) == (303, draft)
    older = await morel.post(draft, **LOOK, **NOW, qui="Lente")
    assert (older.status_code, older.headers["location"]) == (307, f"{draft}/destinataires")
    assert await counted(clean, DepositDraft) == 1, "nothing is deposited by who looks for somebody"


async def test_ten_who_look_at_once_in_a_slow_directory_hold_no_connection_and_are_counted(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    directory, pool = clean.state.near.directory, clean.state.engine.pool
    before, asked = await left(clean, "morel"), len(directory.asked)
    directory.slow = 1.0
    names = [f"Personne{letter}" for letter in "abcdefghij"]
    looks = [
        asyncio.create_task(morel.post(f"{draft}/destinataires", **LOOK, qui=one)) for one in names
    ]
    for _ in range(150):
        if len(directory.asked) >= asked + 8:
            break
        await asyncio.sleep(0.02)
    assert len(directory.asked) == asked + 8, "as many at once as have a lane abroad"
    assert pool.checkedout() <= 2, "the worker may be looking for work"
    assert (await morel.get("/pro/deposer")).status_code == 200, "others are served meanwhile"
    answers = [one.status_code for one in await asyncio.gather(*looks)]
    served = answers.count(200)
    assert served >= 8
    assert served + answers.count(503) == len(names), "the last may have waited too long for one"
    assert await left(clean, "morel") == before - served


async def left(app: Litestar, who: str) -> int:
    """How many more times this professional may ask."""
    named = func.lower(Professional.family) == who
    async with app.state.sessions() as db:
        id_ = (await db.scalars(select(Professional.id).where(named))).one()
        return await limits.left(db, "annuaire-search", str(id_))


async def test_eleven_are_refused_and_nothing_is_filed(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    directory = clean.state.near.directory
    listed, boxes = [*directory.listed], dict(directory.boxes)
    try:
        numbers = crowd(directory, 11)
        draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
        for number in numbers[:10]:
            added = await morel.post(f"{draft}/destinataires", geste=f"ajouter:{number}")
            assert "Ajouté à l’envoi" in text_of(added)
        answer = await morel.post(f"{draft}/destinataires", geste=f"ajouter:{numbers[10]}")
        assert (answer.status_code, "10 destinataires au plus" in text_of(answer)) == (422, True)
        before = await counted(clean, Document)
        answer = await morel.post(draft, **NOW, vers=[*numbers[:10], "prescriber"])
        assert (answer.status_code, "10 destinataires au plus" in text_of(answer)) == (422, True)
        assert await counted(clean, Document) == before
        await deposited(morel, draft, vers=numbers[:10])
        assert len(await sent_to(clean)) == 10
    finally:
        directory.listed, directory.boxes = listed, boxes


def crowd(directory: Directory, count: int) -> list[str]:
    """Of the directory, so many more."""
    numbers = [f"8998000{at:05d}" for at in range(count)]
    for number in numbers:
        directory.listed.append(Listed(Person(number, "FOULE", "Une")))
        address = f"foule.{number}@medecins.mssante.example"
        directory.boxes[number] = [Box(address, BoxKind.PERSONAL)]
    return numbers


async def test_recipients_are_of_ones_own_draft_and_asked_at_a_pace(
    morel: Desk, clean: Litestar, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    again, not_theirs = await at_work(clean, "diallo"), await at_work(clean, "caradec")
    asked = len(clean.state.near.directory.asked)
    assert (await not_theirs.post(f"{draft}/destinataires", **LOOK, qui="Simon")).status_code == 403
    assert len(clean.state.near.directory.asked) == asked
    assert (await again.post(f"{draft}/destinataires", **LOOK, qui="Simon")).status_code == 404
    number = LEROUX.person.national_id
    assert (
        await again.post(f"{draft}/destinataires", geste=f"ajouter:{number}")
    ).status_code == 404
    assert number not in (await morel.get(draft)).text
    monkeypatch.setitem(limits.LIMITERS, "annuaire-search", Limiter(1, timedelta(hours=1)))
    assert (await morel.post(f"{draft}/destinataires", **LOOK, qui="Simon")).status_code == 200
    answer = await morel.post(f"{draft}/destinataires", **LOOK, qui="Petit")
    assert (answer.status_code, "Simon" in answer.text) == (422, False)


async def test_a_withheld_report_goes_to_professionals_and_never_to_its_patient(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    await morel.post(f"{draft}/destinataires", geste=f"ajouter:{LEROUX.person.national_id}")
    page = (await morel.get(draft)).text
    owner = re.search(r'name="annonceur".*?<option value="([0-9a-f-]+)" selected', page, re.DOTALL)
    assert owner
    asked = {"visibilite": "apres-annonce", "annonceur": owner[1]}
    await deposited(morel, draft, **asked, vers=LEROUX.person.national_id)
    assert await sent_to(clean) == {LEROUX.mailbox: "copy"}
