"""Laura says that a report is not hers: her laboratory looks, one gives it back or two withdraw."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.cli.fsck import check
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Report
from backend.storage.db import utcnow
from backend.storage.documents import Document, Misfiling, Receipt
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.pro.psc import Desk

TWO = "Une autre personne du laboratoire doit confirmer"


@dataclass
class Said:
    """A report that was put away, and where each of the two pages about it is."""

    app: Litestar
    laura: Browser
    report: Report
    theirs: str
    ours: str

    async def works(self, who: str) -> Desk:
        desk = Desk(self.app)
        await desk.works(who)
        return desk

    async def state(self) -> str:
        async with self.app.state.sessions() as db:
            return str((await db.scalars(select(Misfiling))).one().state)

    async def told(self) -> str:
        return text_of(await self.laura.get("/notifications"))

    async def sound(self) -> bool:
        return (await check(self.app.state.settings, now=utcnow())).broken == ()


@pytest.fixture
async def said(
    app: Litestar,
    reader: Browser,
    laboratory: Laboratory,
    reports: Mapping[str, DemoDeposit],
) -> Said:
    report = another(reports["laura-bilan-sanguin-v1"].report, 951)
    assert "MSA|AA" in await laboratory.deposit(report)
    await reader.sign_in(LAURA)
    async with app.state.sessions() as db:
        document = (await db.scalars(select(Document))).one()
    theirs = f"/documents/{document.id}"
    masked = await reader.post(f"{theirs}/visibilite", choix="masquer")
    assert masked.status_code in {200, 303}, text_of(masked)
    assert (await reader.post(f"{theirs}/pas-a-moi")).status_code == 303
    async with app.state.sessions() as db:
        ours = (await db.scalars(select(Misfiling.id))).one()
    return Said(app, reader, report, theirs, f"/pro/anomalies/documents/{ours}")


async def flags_of(app: Litestar) -> tuple[bool, bool, bool, int]:
    async with app.state.sessions() as db:
        one = (await db.scalars(select(Document))).one()
    return one.masked, one.withheld, one.hidden_from_guardians, one.visibility_number


async def test_the_referent_is_told_and_reads_whose_name_is_on_it(said: Said) -> None:
    riou = await said.works("riou")
    assert "1 document signalé attend votre réponse" in text_of(await riou.get("/pro/accueil"))
    listed = await riou.get("/pro/anomalies")
    assert f'href="{said.ours}"' in listed.text
    assert "Document dans le mauvais dossier" in text_of(listed)
    shown = text_of(await riou.get(said.ours))
    for trait in (LAURA.traits.birth_name, f"{LAURA.traits.birth_date:%d/%m/%Y}", "R-20"):
        assert trait in shown
    for words in (said.report.header.title, *(one.label for one in said.report.results)):
        assert words not in shown
    table = (await riou.get("/pro/anomalies/registre.csv")).text
    assert "Document dans le mauvais dossier" in table
    assert LAURA.traits.birth_name not in table
    journal = text_of(await said.laura.get("/acces?qui=tous"))
    assert "a lu l’identité écrite sur un document signalé" in journal


async def test_it_is_hers_and_comes_back_as_it_was(said: Said) -> None:
    before = await flags_of(said.app)
    riou = await said.works("riou")
    for wrong in ("", "confirmer", "reprendre"):
        assert (await riou.post(said.ours, reponse=wrong)).status_code == 422
    assert (await said.laura.get(said.theirs)).status_code == 404
    assert (await riou.post(said.ours, reponse="garder")).status_code == 303
    assert (await said.laura.get(said.theirs)).status_code == 200
    assert await flags_of(said.app) == before
    assert "ce document est dans le bon dossier" in await said.told()
    assert "Solène Riou" in text_of(await riou.get(said.ours))
    assert "document signalé" not in text_of(await riou.get("/pro/accueil"))
    again = await riou.post(said.ours, reponse="retirer")
    assert (again.status_code, "déjà sa réponse" in text_of(again)) == (422, True)
    assert await said.state() == "confirmed"
    assert await said.sound()


async def test_it_is_not_hers_when_two_people_say_so(said: Said) -> None:
    riou, morel = await said.works("riou"), await said.works("morel")
    assert (await riou.post(said.ours, reponse="retirer")).status_code == 303
    alone = await riou.post(said.ours, reponse="confirmer")
    assert (alone.status_code, TWO in text_of(alone)) == (422, True)
    assert await said.state() == "doubted"
    assert "document signalé" not in text_of(await riou.get("/pro/accueil"))
    assert "1 document signalé" in text_of(await morel.get("/pro/accueil"))
    assert (await morel.post(said.ours, reponse="garder")).status_code == 422
    assert (await morel.post(said.ours, reponse="confirmer")).status_code == 303
    assert (await said.laura.get(said.theirs)).status_code == 410
    assert "Un document a été retiré par le laboratoire" in await said.told()
    table = (await riou.get("/pro/anomalies/registre.csv")).text
    (line,) = [one for one in table.splitlines() if "mauvais dossier" in one]
    for word in ("Solène Riou", "Claire Morel", "close", "il est retiré"):
        assert word in line
    async with said.app.state.sessions() as db:
        actions = (await db.scalars(select(Receipt.action).order_by(Receipt.at))).all()
    assert [str(one) for one in actions] == ["new", "withdraw"]
    assert await said.sound()


async def test_in_doubt_it_is_looked_at_again_and_stays_hidden(said: Said) -> None:
    riou, morel = await said.works("riou"), await said.works("morel")
    assert (await riou.post(said.ours, reponse="retirer")).status_code == 303
    assert (await morel.post(said.ours, reponse="reprendre")).status_code == 303
    assert await said.state() == "open"
    assert (await said.laura.get(said.theirs)).status_code == 404
    assert (await morel.post(said.ours, reponse="retirer")).status_code == 303
    assert (await riou.post(said.ours, reponse="confirmer")).status_code == 303
    assert await said.state() == "withdrawn"


async def test_two_answers_at_once_are_one(said: Said) -> None:
    riou, morel = await said.works("riou"), await said.works("morel")
    both = await asyncio.gather(
        riou.post(said.ours, reponse="garder"), morel.post(said.ours, reponse="retirer")
    )
    assert sorted(one.status_code for one in both) == [303, 422]
    kept = (await said.laura.get(said.theirs)).status_code == 200
    assert await said.state() == ("confirmed" if kept else "doubted")
    assert await said.sound()


async def test_a_message_of_the_laboratory_answers_too(said: Said, laboratory: Laboratory) -> None:
    riou, morel = await said.works("riou"), await said.works("morel")
    assert (await riou.post(said.ours, reponse="retirer")).status_code == 303
    assert "MSA|AA" in await laboratory.deposit(said.report, Action.DELETE)
    assert "un message du laboratoire" in text_of(await morel.get(said.ours))
    assert (await morel.post(said.ours, reponse="confirmer")).status_code == 422
    assert await said.state() == "withdrawn"
    assert await said.sound()


async def test_nobody_else_knows_of_it(said: Said) -> None:
    for who, seen in (("guillou", {403, 404}), ("martin", {404}), ("caradec", {404})):
        desk = await said.works(who)
        assert (await desk.get(said.ours)).status_code in seen, who
        assert (await desk.post(said.ours, reponse="garder")).status_code in seen, who
        assert "document signalé" not in text_of(await desk.get("/pro/accueil"))
    assert await said.state() == "open"


async def test_nor_anybody_once_the_space_is_closed(said: Said) -> None:
    riou = await said.works("riou")
    async with said.app.state.sessions.begin() as db:
        await db.execute(
            text("UPDATE record SET state = 'ferme' WHERE id = (SELECT record_id FROM misfiling)")
        )
    assert (await riou.get(said.ours)).status_code == 404
    assert (await riou.post(said.ours, reponse="garder")).status_code == 404
    assert "mauvais dossier" not in (await riou.get("/pro/anomalies/registre.csv")).text


async def test_nor_whom_the_patient_blocked(said: Said) -> None:
    riou = await said.works("riou")
    assert (await riou.get(said.ours)).status_code == 200
    async with said.app.state.sessions.begin() as db:
        await db.execute(
            text(
                "INSERT INTO care_link (id, record_id, professional_id, in_team, informed,"
                " objected, blocked, blocked_at, treating)"
                " SELECT gen_random_uuid(), record_id, (SELECT id FROM professional"
                " WHERE family ILIKE 'riou'), false, false, false, true, now(), false"
                " FROM misfiling"
            )
        )
    assert (await riou.get(said.ours)).status_code == 404
    assert (await riou.post(said.ours, reponse="garder")).status_code == 404
    assert await said.state() == "open"
