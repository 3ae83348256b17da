"""« 3. Destinataires » of a deposit by hand: found in the Annuaire Santé, added, unticked."""

import re
from datetime import timedelta

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.demo.mssante import WITHOUT_A_BOX
from backend.demo.mssante.directory import Directory
from backend.demo.people import PRACTITIONERS
from backend.domain.dispatches.listed import Listed
from backend.domain.dispatches.mailboxes import Box, BoxKind
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Person
from backend.services import limits
from backend.services.limits import Limiter
from backend.storage.dispatches import Dispatch, sending_of
from backend.storage.documents import Document
from backend.storage.records import Record, key_of
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
    found = await morel.post(draft, **LOOK, qui="Leroux", ville="saint nazaire", motif="À dire")
    assert found.status_code == 200, text_of(found)
    assert LEROUX.mailbox in found.text
    assert 'value="À dire"' in found.text, "what was typed is kept"
    assert clean.state.near.directory.asked[-1] == "Practitioner?['Leroux']"
    added = await morel.post(draft, geste=f"ajouter:{LEROUX.person.national_id}", vers=[])
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
    assert LEROUX.mailbox in (await morel.post(draft, **LOOK, qui=number[1:])).text
    await morel.post(draft, geste=f"ajouter:{number}")
    await deposited(morel, draft)
    assert await sent_to(clean) == {}


async def test_the_prescriber_found_there_receives_one_mail(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    number = fresh(reports).header.prescriber.national_id
    who = next(one for one in PRACTITIONERS if one.person.national_id == number)
    await morel.post(draft, geste=f"ajouter:{number}")
    await deposited(morel, draft, vers=["prescriber", number])
    assert await sent_to(clean) == {who.mailbox: "prescriber"}


async def test_who_has_no_address_or_is_not_there_is_not_added(
    morel: Desk, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    (nobody,) = WITHOUT_A_BOX
    page = await morel.post(draft, **LOOK, qui="martin")
    assert "2 personnes trouvées" in text_of(page)
    assert "Pas d’adresse MSSanté" in text_of(page)
    for number, words in (
        (nobody.person.national_id, "ne peut pas être ajoutée"),
        ("899999999999", "ne peut pas être ajoutée"),
        ("1|2,3", "a onze chiffres"),
        ("", "a onze chiffres"),
    ):
        answer = await morel.post(draft, geste=f"ajouter:{number}")
        assert (answer.status_code, words in text_of(answer)) == (422, True)
    elsewhere = text_of(await morel.post(draft, **LOOK, qui="martin", ville="Rennes"))
    assert "Personne à ce nom" in elsewhere


@pytest.mark.parametrize(
    ("who", "words"),
    [("", "écrivez son nom"), ("M", "écrivez son nom"), ("123", "onze chiffres"), ("%*", "nom")],
)
async def test_what_is_asked_badly_is_said_in_place(
    morel: Desk, reports: Reports, who: str, words: str
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    answer = await morel.post(draft, **LOOK, qui=who)
    assert (answer.status_code, words in text_of(answer)) == (422, True)


async def test_a_directory_that_is_down_stops_nothing(morel: Desk, clean: Litestar) -> None:
    draft = await chosen(morel, await file_of(morel), ("scan.pdf", scanned()))
    clean.state.near.directory.down = True
    page = await morel.post(draft, **LOOK, qui="Fabre")
    assert (page.status_code, "ne répond pas" in text_of(page)) == (200, True)
    await deposited(morel, draft, **await about_pdf(morel, draft), adresse=MARTIN.mailbox)
    assert await sent_to(clean) == {MARTIN.mailbox: "copy"}


async def test_eleven_are_refused_and_nothing_is_filed(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    directory = clean.state.near.directory
    listed, boxes = [*directory.listed], dict(directory.boxes)
    try:
        numbers = crowd(directory, 11)
        draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
        for number in numbers[:10]:
            added = await morel.post(draft, geste=f"ajouter:{number}")
            assert "Ajouté à l’envoi" in text_of(added)
        answer = await morel.post(draft, geste=f"ajouter:{numbers[10]}")
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
    assert (await not_theirs.post(draft, **LOOK, qui="Simon")).status_code == 403
    assert len(clean.state.near.directory.asked) == asked
    assert (await again.post(draft, **LOOK, qui="Simon")).status_code == 404
    number = LEROUX.person.national_id
    assert (await again.post(draft, geste=f"ajouter:{number}")).status_code == 404
    assert number not in (await morel.get(draft)).text
    monkeypatch.setitem(limits.LIMITERS, "annuaire-search", Limiter(1, timedelta(hours=1)))
    assert (await morel.post(draft, **LOOK, qui="Simon")).status_code == 200
    answer = await morel.post(draft, **LOOK, qui="Petit")
    assert (answer.status_code, "Simon" in answer.text) == (422, False)


async def test_a_withheld_report_goes_to_professionals_and_never_to_its_patient(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    await morel.post(draft, geste=f"ajouter:{LEROUX.person.national_id}")
    page = (await morel.get(draft)).text
    owner = re.search(r'name="annonceur".*?<option value="([0-9a-f-]+)" selected', page, re.DOTALL)
    assert owner
    asked = {"visibilite": "apres-annonce", "annonceur": owner[1]}
    await deposited(morel, draft, **asked, vers=LEROUX.person.national_id)
    assert await sent_to(clean) == {LEROUX.mailbox: "copy"}
