"""A report that goes to its prescriber and into no space, by hand: the person opposed it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import func, select, text

from backend.demo.people import LAURA, MOREL
from backend.domain.dispatches import DispatchState
from backend.domain.formats.cda_writer import write_cda
from backend.storage.dispatches import Dispatch
from backend.storage.documents import ONLY_SENT, Document, Version
from backend.storage.records import Identity, Record, RecordState, ins_index
from tests.pages import text_of
from tests.pro import test_deposits as by_hand
from tests.pro.psc import Desk
from tests.pro.test_deposits import (
    Reports,
    about_pdf,
    chosen,
    counted,
    file_of,
    fresh,
    scanned,
)
from tests.pro.test_proofs import words
from tests.services.test_dispatches import block

clean, morel = by_hand.clean, by_hand.morel
PAUL = "paul.martin@medecins.mssante.example"
ALONE = {"visibilite": "envoi-seul", "vers": "prescriber"}


@pytest.fixture
async def opposed(clean: Litestar) -> AsyncIterator[None]:
    """Laura closed her space."""
    async with clean.state.sessions() as db:
        index = ins_index(clean.state.vault, LAURA.traits.oid, LAURA.traits.matricule)
        record = await db.scalar(select(Identity.record_id).where(Identity.ins_index == index))
    become = text("UPDATE record SET state = :state WHERE id = :id")
    async with clean.state.engine.begin() as connection:
        await connection.execute(become, {"state": "oppose", "id": record})
    yield
    async with clean.state.engine.begin() as connection:
        await connection.execute(become, {"state": "actif", "id": record})


async def newest(app: Litestar) -> tuple[Version, Record, list[Dispatch]]:
    async with app.state.sessions() as db:
        last = select(Version, Record).join(Record, Record.id == Version.record_id)
        version, record = (
            await db.execute(last.order_by(Version.received_at.desc()).limit(1))
        ).one()
        sent = await db.scalars(select(Dispatch).where(Dispatch.version_id == version.id))
        return version, record, list(sent)


async def dispatched(app: Litestar) -> int:
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count()).select_from(Dispatch)) or 0


async def test_without_an_open_space_it_goes_to_its_prescriber_alone(
    morel: Desk, clean: Litestar, reports: Reports, opposed: None
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    page = text_of(await morel.get(draft))
    assert "Espace : pas de dépôt" in page
    assert "n’a pas d’espace ouvert" in page
    assert "l’envoyer seulement" in page
    assert "Visible tout de suite" not in page
    assert "Déposer et envoyer" not in page
    refused = await morel.post(draft, visibilite="tout-de-suite", vers="prescriber")
    assert refused.status_code == 422
    answer = await morel.post(draft, **ALONE)
    assert answer.status_code == 303, text_of(answer)
    receipt = answer.headers["location"]
    shown = text_of(await morel.get(receipt))
    assert "Compte rendu envoyé" in shown
    assert "Sans dépôt dans l’espace de Laura Bernard" in shown
    assert "Dans aucun espace" in shown
    assert "Remplacer" not in shown
    file, number = draft.rpartition("/")[0], receipt.rpartition("/")[2]
    other = await morel.send(file, ("scan.pdf", scanned()), remplace=number)
    assert other.status_code == 404, "nothing of it is there to replace"
    proof = await morel.get(f"{receipt}/preuve")
    assert proof.content.startswith(b"%PDF")
    version, record, (dispatch,) = await newest(clean)
    assert (version.pages_state, record.state) == (ONLY_SENT, RecordState.TRANSIT)
    assert dispatch.state in {DispatchState.PROMISED, DispatchState.SENT, DispatchState.READ}
    assert "Bernard" in text_of(await morel.get("/pro/envois"))
    again = await morel.post(draft, **ALONE)
    assert again.headers["location"] == receipt, "a second click"
    assert len((await newest(clean))[2]) == 1


async def test_who_opposed_it_at_the_desk_has_it_in_no_space(morel: Desk, clean: Litestar) -> None:
    file = await file_of(morel)
    patient = file.replace("deposer", "patients")
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told = await about_pdf(morel, draft)
    await morel.post(f"{patient}/visite", oppose="oui")
    page = text_of(await morel.get(draft))
    assert "Choix de la personne : pas de dépôt" in page
    before = await counted(clean, Document)
    alone = told | {"visibilite": "envoi-seul"}
    nobody = await morel.post(draft, **alone)
    assert (nobody.status_code, "au moins un destinataire" in text_of(nobody)) == (422, True)
    assert await counted(clean, Document) == before
    answer = await morel.post(draft, **alone, adresse=PAUL)
    assert answer.status_code == 303, text_of(answer)
    assert "Sans dépôt dans l’espace de" in text_of(await morel.get(answer.headers["location"]))
    await morel.post(f"{patient}/visite", informe="oui")


async def test_it_is_taken_back_before_it_is_read(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    """Also of somebody whose space is open: nothing of it is there, before or after."""
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    assert "l’envoyer seulement" in text_of(await morel.get(draft))
    receipt = (await morel.post(draft, **ALONE)).headers["location"]
    async with clean.state.engine.begin() as connection:
        await connection.execute(text("UPDATE dispatch SET state = 'promised'"))
    assert (await morel.post(f"{receipt}/annuler")).status_code == 303
    assert "retiré ou remplacé" in text_of(await morel.get(receipt))
    version, record, _sent = await newest(clean)
    async with clean.state.sessions() as db:
        document = await db.get_one(Document, UUID(str(version.document_id)))
        assert document.status.value == "withdrawn"
        assert record.state is RecordState.TRANSIT


async def test_whom_its_person_blocked_does_not_follow_it(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    """A dispatch names the patient, whatever it lies in."""
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    assert (await morel.post(draft, **ALONE)).status_code == 303
    _version, record, (sent,) = await newest(clean)
    path = f"/pro/envois/{sent.id}"
    assert (await morel.get(path)).status_code == 200
    await block(clean, MOREL.national_id, record.transit_of)
    try:
        assert (await morel.get(path)).status_code == 404
        assert str(sent.id) not in (await morel.get("/pro/envois")).text
    finally:
        async with clean.state.engine.begin() as connection:
            await connection.execute(text("DELETE FROM care_link WHERE blocked"))


async def test_another_version_of_what_is_filed_is_filed(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told = await about_pdf(morel, draft)
    number, _ = await by_hand.deposited(morel, draft, **told)
    answer = await morel.send(file, ("scan.pdf", scanned()), remplace=number)
    second = str(answer.headers["location"])
    assert "l’envoyer seulement" not in text_of(await morel.get(second))
    alone = told | {"visibilite": "envoi-seul"}
    refused = await morel.post(second, **alone, adresse=PAUL)
    assert refused.status_code == 422
    assert "corrigez-le ou retirez-le là." in text_of(refused)


async def test_what_was_only_sent_is_not_said_to_be_sent_again(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    """Chosen again for somebody else, nothing would leave; nor once it was taken back."""
    file, content = await file_of(morel), write_cda(fresh(reports))
    draft = await chosen(morel, file, ("cr.xml", content))
    receipt = (await morel.post(draft, **ALONE)).headers["location"]
    number = receipt.rpartition("/")[2]
    before = await dispatched(clean)
    again = await chosen(morel, file, ("cr.xml", content))
    other = {"visibilite": "envoi-seul", "adresse": "autre@medecins.mssante.example"}
    refused = await morel.post(again, **other)
    assert refused.status_code == 422
    assert f"est déjà envoyé : reçu {number}" in text_of(refused)
    async with clean.state.engine.begin() as connection:
        await connection.execute(text("UPDATE dispatch SET state = 'promised'"))
    assert (await morel.post(f"{receipt}/annuler")).status_code == 303
    assert f"retiré ou remplacé (reçu {number})" in text_of(await morel.post(again, **other))
    assert await dispatched(clean) == before


async def test_no_page_says_that_it_is_in_a_space(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    receipt = (await morel.post(draft, **ALONE)).headers["location"]
    _version, record, (sent,) = await newest(clean)
    shown = text_of(await morel.get(receipt))
    assert "Document" in shown.partition("Numéro de reçu")[2], "its title"
    later = text("UPDATE receipt SET at = at - interval '11 minutes' WHERE number = :number")
    async with clean.state.engine.begin() as connection:
        await connection.execute(later, {"number": receipt.rpartition("/")[2]})
    shown = text_of(await morel.get(receipt))
    assert "sont passées : prévenez son destinataire" in shown
    assert "emplace" not in shown.partition("sont passées")[2]
    followed = text_of(await morel.get(f"/pro/envois/{sent.id}"))
    assert "Confié par votre laboratoire, sans dépôt" in followed
    for address in (f"{receipt}/preuve", f"/pro/envois/{sent.id}/preuve/pdf"):
        said = words((await morel.get(address)).content)
        assert "sans dépôt" in said or "Preuve d’envoi" in said
        assert "Déposé par" not in said
        assert "Dans l’espace" not in said
    await block(clean, MOREL.national_id, record.transit_of)
    try:
        shown = text_of(await morel.get(receipt))
        assert "À personne" not in shown
        assert "Document" not in shown.partition("Numéro de reçu")[2].partition("Envoyé par")[0]
    finally:
        async with clean.state.engine.begin() as connection:
            await connection.execute(text("DELETE FROM care_link WHERE blocked"))


async def test_what_its_person_is_to_learn_in_an_interview_says_so_to_who_receives_it(
    morel: Desk, clean: Litestar
) -> None:
    file = await file_of(morel)
    visit = f"{file.replace('deposer', 'patients')}/visite"
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told = await about_pdf(morel, draft)
    await morel.post(visit, informe="oui", annonce="apres-un-entretien")
    answer = await morel.post(draft, **(told | {"visibilite": "envoi-seul"}), adresse=PAUL)
    await morel.post(visit, informe="oui")
    assert answer.status_code == 303, text_of(answer)
    version, _record, _sent = await newest(clean)
    async with clean.state.sessions() as db:
        assert (await db.get_one(Document, version.document_id)).withheld
