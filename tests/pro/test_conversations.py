"""Messages over HTTP: professionals begin and end, people answer, nobody else is there."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import pytest
from httpx import Response
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select, text

from backend.access.actors import Patient
from backend.access.scopes import Moment, Policy
from backend.demo.people import JULIE, KARIM, LAURA, LEA, Someone
from backend.demo.reports import DemoDeposit, write_message
from backend.services.conversations.exporting import exported
from backend.storage.accounts import Account
from backend.storage.conversations import Conversation, Message
from backend.storage.db import utcnow
from backend.storage.desk import PatientFile, traits_of, write_traits
from backend.storage.records import Record
from backend.storage.traces import Trace
from tests.fixtures.application import client_of
from tests.gateways.person_files import photo
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.changing import record_of as row_of
from tests.patient.test_caregivers import helping
from tests.pro.psc import Desk
from tests.pro.records import run

INBOX, PAGE = "/pro/messages", "/messages"
WORDS = "Votre ferritine est basse. Parlez-en à votre médecin."
SENT = {"identite": "oui", "objet": "Votre prise de sang", "texte": WORDS}
TABLES = ("conversation_mark", "enclosure", "message", "conversation", "notice", "care_link")
NOBODY = "Cette personne ne reçoit pas de messages ici"


@pytest.fixture
async def lab(office: Litestar) -> AsyncIterator[Litestar]:
    """Nobody wrote to anybody."""
    async with office.state.engine.begin() as connection:
        for table in TABLES:
            await connection.execute(text(f"DELETE FROM {table}"))
        await connection.execute(text("UPDATE record SET messages_refused = false"))
    yield office
    office.state.policy = Policy()


async def at_work(app: Litestar, who: str = "morel") -> Desk:
    desk = Desk(app)
    await desk.works(who)
    return desk


async def signed_in(app: Litestar, someone: Someone) -> Browser:
    browser = Browser(app, client_of(app))
    await browser.sign_in(someone)
    return browser


async def file_of(desk: Desk, someone: Someone) -> str:
    """The id of their file at the desk."""
    born = someone.traits.birth_date
    name = someone.traits.birth_name[:5]
    shown = await desk.post("/pro/patients/recherche", naissance=f"{born:%d/%m/%Y}", nom=name)
    found = re.findall(r"/pro/patients/([0-9a-f-]{36})", shown.text)
    assert found, text_of(shown)
    return str(found[0])


async def opens(desk: Desk, someone: Someone = LAURA, **changes: str) -> Response:
    path = f"{INBOX}/nouveau?dossier={await file_of(desk, someone)}"
    await desk.get(path)
    return await desk.post(path, **SENT | changes)


async def opened(desk: Desk, someone: Someone = LAURA, **changes: str) -> str:
    """The id of a new conversation."""
    answer = await opens(desk, someone, **changes)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"].rpartition("/")[2])


async def actions(app: Litestar) -> list[str]:
    async with app.state.sessions() as db:
        found = select(Trace.action).where(Trace.action.startswith("conversation:"), Trace.allowed)
        return [*await db.scalars(found.order_by(Trace.at))]


async def test_a_professional_begins_a_person_answers_and_the_professional_ends_it(
    lab: Litestar,
) -> None:
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    assert "Pas de message" in text_of(await laura.get(PAGE))
    before = len(lab.state.outside.inbox.messages())
    id_ = await opened(desk)
    assert "nouveau message" in text_of(await laura.get("/"))
    listed = text_of(await laura.get(PAGE))
    for words in ("Votre prise de sang", "Laboratoire de l’Estuaire", "Non lu"):
        assert words in listed, words
    shown = text_of(await laura.get(f"{PAGE}/{id_}"))
    for words in (WORDS, "Dr Claire Morel", "appelez le 15"):
        assert words in shown, words
    assert "Ouvert" in text_of(await desk.get(f"{INBOX}/{id_}"))
    picture = ("ordonnance.jpg", photo())
    answer = await laura.send(f"{PAGE}/{id_}", picture, texte="La voici.\nMerci !")
    assert answer.status_code == 303, text_of(answer)
    todo = text_of(await desk.get(f"{INBOX}?voir=a-traiter"))
    assert "Laura Bernard" in todo
    page = await desk.get(f"{INBOX}/{id_}")
    assert "Laura Bernard" in text_of(page)
    assert "La voici.\nMerci !" in page.text
    (piece,) = set(re.findall(rf"{INBOX}/{id_}/pieces/[0-9a-f-]+", page.text))
    pdf = await desk.get(piece)
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"].startswith("attachment")
    assert (await laura.get(piece.removeprefix("/pro"))).content == pdf.content
    empty = await desk.post(f"{INBOX}/{id_}/fermer", motif=" ")
    assert (empty.status_code, "la personne lira cette phrase" in text_of(empty)) == (422, True)
    assert (await desk.post(f"{INBOX}/{id_}/fermer", motif="Tout est réglé.")).status_code == 303
    shown = text_of(await laura.get(f"{PAGE}/{id_}"))
    for words in ("Cette conversation est fermée", "Tout est réglé."):
        assert words in shown, words
    assert "Votre message" not in shown
    wrong = ("page.pdf", b"<html>")  # not looked at: nobody may write there
    late = await laura.send(f"{PAGE}/{id_}", wrong, texte="Encore", profil=await record_of(lab))
    assert (late.status_code, "n’est pas parti" in text_of(late)) == (422, True)
    assert "Fermée" in text_of(await desk.get(f"{INBOX}?voir=fermees"))
    assert (await desk.post(f"{INBOX}/{id_}", texte="Encore")).status_code == 422
    done = await actions(lab)
    for action in ("list", "read", "open", "answer", "take-enclosure", "close"):
        assert f"conversation:{action}" in done, action
    told = text_of(await laura.get("/acces"))
    assert "a commencé une conversation" in told
    mails = await letters(lab, before)
    assert not any("ferritine" in one for one in mails)


async def letters(app: Litestar, before: int) -> list[str]:
    """What was sent outside since, once somebody was told of a message."""
    for _ in range(100):
        mails = app.state.outside.inbox.messages()
        told = [one.subject + one.text for one in mails[: len(mails) - before]]
        if any("nouveau message" in one for one in told):
            return told
        await asyncio.sleep(0.05)
    raise AssertionError("nobody was told")


async def record_of(app: Litestar, someone: Someone = LAURA) -> str:
    return str((await row_of(app, someone)).id)


async def test_a_message_is_typed_again_from_where_it_was(lab: Litestar) -> None:
    desk = await at_work(lab)
    refused = await opens(desk, identite="", objet="")
    page = text_of(refused)
    assert (refused.status_code, WORDS in page) == (422, True)
    for words in ("Écrivez l’objet", "Vérifiez l’identité"):
        assert words in page, words
    path = f"{INBOX}/nouveau?dossier={await file_of(desk, LAURA)}"
    assert "à jeun" in (await desk.get(f"{path}&modele=preparation")).text
    id_ = await opened(desk)
    long = await desk.post(f"{INBOX}/{id_}", texte="a" * 6_000)
    assert (long.status_code, "trop long" in text_of(long)) == (422, True)
    laura = await signed_in(lab, LAURA)
    empty = await laura.send(f"{PAGE}/{id_}", texte=" ")
    assert (empty.status_code, "Écrivez votre message" in text_of(empty)) == (422, True)
    wrong = await laura.send(f"{PAGE}/{id_}", ("page.pdf", b"<html>"), texte="Voilà")
    assert (wrong.status_code, "malgré son nom" in text_of(wrong)) == (422, True)
    assert ">Voilà</textarea>" in wrong.text
    async with lab.state.sessions() as db:
        assert len([*await db.scalars(select(Message))]) == 1


async def test_the_inbox_is_the_sites_and_a_conversation_is_somebodys(lab: Litestar) -> None:
    morel, rousseau = await at_work(lab), await at_work(lab, "rousseau")
    id_ = await opened(morel)
    assert "Suivie par Dr Claire Morel" in text_of(await rousseau.get(f"{INBOX}/{id_}"))
    assert "Laura" not in text_of(await rousseau.get(f"{INBOX}?voir=a-moi"))
    assert (await rousseau.post(f"{INBOX}/{id_}/prendre")).status_code == 303
    assert "Laura" in text_of(await rousseau.get(f"{INBOX}?voir=a-moi"))
    assert (await rousseau.post(f"{INBOX}/{id_}/laisser")).status_code == 303
    assert "Personne ne la suit" in text_of(await morel.get(f"{INBOX}/{id_}"))


async def test_nobody_else_is_there(lab: Litestar) -> None:
    desk = await at_work(lab)
    id_, file_id = await opened(desk), await file_of(desk, LAURA)
    for who, one, whole in (
        ("guillou", 404, 200),
        ("caradec", 403, 403),
        ("diallo", 403, 403),
        ("martin", 404, 403),
    ):
        other = await at_work(lab, who)
        assert ("/pro/messages" in (await other.get("/pro/accueil")).text) is (whole == 200)
        assert (await other.get(INBOX)).status_code == whole, who
        assert (await other.get(f"{INBOX}/{id_}")).status_code == one, who
        for path in (id_, f"{id_}/fermer", f"{id_}/prendre"):
            answer = await other.post(f"{INBOX}/{path}", texte="Bonjour", motif="Fini")
            assert answer.status_code == one, (who, path)
        path = f"{INBOX}/nouveau?dossier={file_id}"
        assert (await other.post(path, **SENT)).status_code in {403, 404}
    karim = await signed_in(lab, KARIM)
    assert (await karim.get(f"{PAGE}/{id_}")).status_code == 404
    answer = await karim.send(f"{PAGE}/{id_}", texte="Moi", profil=await record_of(lab, KARIM))
    assert answer.status_code == 404
    visitor = Browser(lab, client_of(lab))
    assert (await visitor.get(f"{PAGE}/{id_}")).status_code == 303
    async with lab.state.sessions() as db:
        (kept,) = await db.scalars(select(Conversation))
    assert (kept.messages, kept.state.value) == (1, "ouverte")


async def test_who_may_not_be_written_to_is_told_in_the_same_words(lab: Litestar) -> None:
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    id_ = await opened(desk)
    before = await opens(desk, JULIE)
    assert (before.status_code, "Qualifiez d’abord" in text_of(before)) == (422, True)
    answer = await laura.post("/messages/reglages", messages="non", **await settings_of(laura))
    assert answer.status_code == 303
    for said in (text_of(await opens(desk)), text_of(await desk.get(f"{INBOX}/{id_}"))):
        assert NOBODY in said
    late = await desk.post(f"{INBOX}/{id_}", texte="Bonjour")
    assert (late.status_code, NOBODY in text_of(late)) == (422, True)
    assert "veut plus" not in text_of(late)
    mine = await laura.send(f"{PAGE}/{id_}", texte="Non", profil=await record_of(lab))
    assert (mine.status_code, "Vous avez choisi" in text_of(mine)) == (422, True)
    await laura.post("/messages/reglages", messages="oui", **await settings_of(laura))
    async with lab.state.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO care_link (id, record_id, professional_id, in_team, informed,"
                " objected, blocked, treating) SELECT gen_random_uuid(), c.record_id,"
                " c.opened_by, false, false, false, true, false FROM conversation c"
            )
        )
    assert NOBODY in text_of(await opens(desk))
    assert (await desk.get(f"{INBOX}/{id_}")).status_code == 404
    assert (await desk.post(f"{INBOX}/{id_}", texte="Bonjour")).status_code == 404
    assert "a voulu écrire un message" in text_of(await laura.get("/acces"))
    assert (await (await at_work(lab, "rousseau")).get(f"{INBOX}/{id_}")).status_code == 200


async def settings_of(browser: Browser) -> dict[str, str]:
    return await browser.about("/messages/reglages")


async def test_representatives_read_what_is_not_secret(lab: Litestar) -> None:
    desk, karim = await at_work(lab), await signed_in(lab, KARIM)
    lea = await record_of(lab, LEA)
    await qualified(lab, desk, LEA)
    shown, hidden = await opened(desk, LEA), await opened(desk, LEA, secret="oui", objet="Secret")
    await karim.post("/profils/choisir", id=lea)
    listed = text_of(await karim.get(PAGE))
    assert "Votre prise de sang" in listed
    assert "Secret" not in listed
    assert (await karim.get(f"{PAGE}/{hidden}")).status_code == 404
    answer = await karim.send(f"{PAGE}/{shown}", texte="Bien reçu")
    assert answer.status_code == 303, text_of(answer)
    assert "Karim Benali" in text_of(await desk.get(f"{INBOX}/{shown}"))
    async with lab.state.sessions() as db:
        told = await db.scalar(text("SELECT count(*) FROM notice WHERE kind = 'message'"))
    assert told == 1


async def qualified(app: Litestar, desk: Desk, someone: Someone) -> None:
    """Their file, as if INSi had answered."""
    file_id = UUID(await file_of(desk, someone))
    async with app.state.sessions() as db:
        file = await db.get_one(PatientFile, file_id)
        traits = someone.traits
        known = replace(traits_of(db, file), matricule=traits.matricule, oid=traits.oid)
        write_traits(db, file, known)
        values = {"sealed": file.sealed_traits, "index": file.ins_index, "id": file_id}
        db.expunge_all()
    async with app.state.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE patient_file SET sealed_traits = :sealed, ins_index = :index,"
                " status = 'QUAL' WHERE id = :id"
            ),
            values,
        )


async def test_what_comes_with_a_message_becomes_ones_own_document(lab: Litestar) -> None:
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    path = f"{INBOX}/nouveau?dossier={await file_of(desk, LAURA)}"
    await desk.get(path)
    token = next(c.value for c in desk.client.cookies.jar if c.name.endswith("csrf"))
    answer = await desk.client.post(
        path,
        data={"_csrf_token": token, **SENT},
        files=[("fichiers", ("consignes.txt", b"A jeun, douze heures."))],
    )
    id_ = answer.headers["location"].rpartition("/")[2]
    page = await laura.get(f"{PAGE}/{id_}")
    (keep,) = set(re.findall(rf"{PAGE}/{id_}/pieces/[0-9a-f-]+/garder", page.text))
    told = {"titre": "Consignes", "categorie": "autre", "date": "2026-11-02"}
    about = await laura.about(keep)
    wrong = await laura.post(keep, **told | {"categorie": ""} | about)
    assert (wrong.status_code, "Choisissez une catégorie" in text_of(wrong)) == (422, True)
    done = await laura.post(keep, **told | about)
    assert done.status_code == 303, text_of(done)
    assert "Consignes" in text_of(await laura.get("/documents"))
    document = done.headers["location"].split("/")[2]
    sent = await laura.send(f"{PAGE}/{id_}", texte="Reçu", document=document)
    assert sent.status_code == 303
    assert "Consignes" in text_of(await desk.get(f"{INBOX}/{id_}"))
    await laura.post(f"/documents/{document}/supprimer")
    assert "Consignes" not in text_of(await desk.get(f"{INBOX}/{id_}"))


async def test_a_report_goes_with_a_message_while_both_sides_may_see_it(
    lab: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    for name in ("laura-bilan-sanguin-v1", "laura-anti-gad-v1"):
        machine = Laboratory(client_of(lab), "sgl-estuaire")
        assert "MSA|AA" in await machine.send(write_message(reports[name]))
    async with lab.state.sessions() as db:
        withheld = await db.scalar(text("SELECT id FROM document WHERE withheld"))
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    page = await desk.get(f"{INBOX}/nouveau?dossier={await file_of(desk, LAURA)}")
    shown, *_ = re.findall(r'name="document" value="([0-9a-f-]{36})"', page.text)
    assert str(withheld) not in page.text
    assert (await opens(desk, document=str(withheld))).status_code == 404
    id_ = await opened(desk, document=shown)
    page = await laura.get(f"{PAGE}/{id_}")
    (piece,) = set(re.findall(rf"{PAGE}/{id_}/pieces/[0-9a-f-]+", page.text))
    await run(lab, "DELETE FROM opening")
    assert (await laura.get(piece)).content.startswith(b"%PDF-")
    assert await run(lab, "SELECT count(*) FROM opening") == 1
    assert (await laura.get(f"{piece}/garder")).status_code == 404


KEPT = (
    ("document SET masked = true", "document SET masked = false"),
    ("record SET mask_all = true", "record SET mask_all = false"),
    ("record SET masked_categories = '{biologie}'", "record SET masked_categories = '{}'"),
    ("document SET status = 'withdrawn'", "document SET status = 'current'"),
)


async def test_what_a_person_joins_is_given_and_told_until_they_keep_it_for_themselves(
    lab: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    machine = Laboratory(client_of(lab), "sgl-tilleuls")
    assert "MSA|AA" in await machine.send(write_message(reports["laura-hpv-v1"]))
    theirs = await run(
        lab,
        "SELECT d.id FROM document d JOIN structure s ON s.id = d.structure_id"
        " WHERE s.name LIKE '%Tilleuls%' AND version_id IN"
        " (SELECT id FROM version WHERE pages_state <> 'none')",
    )
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    page = await desk.get(f"{INBOX}/nouveau?dossier={await file_of(desk, LAURA)}")
    assert str(theirs) not in page.text
    assert (await opens(desk, document=str(theirs))).status_code == 404
    id_ = await opened(desk)
    sent = await laura.send(f"{PAGE}/{id_}", texte="Le voici", document=str(theirs))
    assert sent.status_code == 303, text_of(sent)
    page = await desk.get(f"{INBOX}/{id_}")
    (piece,) = set(re.findall(rf"{INBOX}/{id_}/pieces/[0-9a-f-]+", page.text))
    assert (await desk.get(piece)).status_code == 200
    assert await run(lab, TAKEN) == theirs
    assert "a téléchargé un document" in text_of(await laura.get("/acces"))
    for kept, shown in KEPT:
        await run(lab, f"UPDATE {kept}")
        assert (await desk.get(piece)).status_code == 404, kept
        assert piece not in (await desk.get(f"{INBOX}/{id_}")).text, kept
        await run(lab, f"UPDATE {shown}")
    assert (await desk.get(piece)).status_code == 200


TAKEN = (
    "SELECT thing_id FROM trace WHERE action = 'document:download'"
    " AND actor_kind = 'Professional' ORDER BY at DESC LIMIT 1"
)


async def test_representatives_are_not_told_what_was_taken_in_secret(
    lab: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    desk, karim = await at_work(lab), await signed_in(lab, KARIM)
    await qualified(lab, desk, LEA)
    machine = Laboratory(client_of(lab), "sgl-estuaire")
    assert "MSA|AA" in await machine.send(write_message(reports["lea-bilan-v1"]))
    hers = await run(
        lab, f"SELECT id FROM document WHERE record_id = '{await record_of(lab, LEA)}'"
    )
    id_ = await opened(desk, LEA, secret="oui", document=str(hers))
    page = await desk.get(f"{INBOX}/{id_}")
    (piece,) = set(re.findall(rf"{INBOX}/{id_}/pieces/[0-9a-f-]+", page.text))
    assert (await desk.get(piece)).status_code == 200
    assert await run(lab, TAKEN) == hers
    await karim.post("/profils/choisir", id=await record_of(lab, LEA))
    assert "a téléchargé un document" not in text_of(await karim.get("/acces"))


async def test_the_file_of_ones_data_holds_ones_messages(lab: Litestar) -> None:
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    id_ = await opened(desk)
    await laura.send(f"{PAGE}/{id_}", ("note.txt", b"Oui."), texte="=1+1")
    row, files = await row_of(lab, LAURA), lab.state.outside.files
    at = Moment.at(utcnow())
    async with lab.state.sessions() as db:
        account = await db.scalar(select(Account.id).where(Account.record_id == row.id))
        assert account is not None
        eyes = Patient(account, row.id, row.id, UUID(int=0))
        record = await db.get_one(Record, row.id)
        (name, table), (pdf_name, pdf) = await exported(db, eyes, at, files, record)
    assert (name, pdf_name) == ("messages.csv", "messages/0001.pdf")
    assert isinstance(table, str)
    for words in (WORDS, "Dr Claire Morel", "Laboratoire de l’Estuaire", "'=1+1", "note"):
        assert words in table, words
    assert bytes(pdf if isinstance(pdf, bytes) else b"").startswith(b"%PDF-")


async def test_an_aidant_reads_and_does_nothing_else(lab: Litestar) -> None:
    lab.state.policy = Policy(caregivers=True)
    desk = await at_work(lab)
    id_ = await opened(desk)
    _, nadia = await helping(lab)
    shown = await nadia.get(f"{PAGE}/{id_}")
    assert WORDS in text_of(shown)
    assert "Votre message" not in text_of(shown)
    assert (await nadia.get("/messages/reglages")).status_code == 404
    answer = await nadia.send(f"{PAGE}/{id_}", texte="Moi", profil=await record_of(lab))
    assert answer.status_code == 404


async def test_closing_and_answering_at_once_is_one_after_the_other(lab: Litestar) -> None:
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    id_ = await opened(desk)
    profile = await laura.about(f"{PAGE}/{id_}")
    await desk.get(f"{INBOX}/{id_}")
    done = await asyncio.gather(
        desk.post(f"{INBOX}/{id_}/fermer", motif="Fini."),
        *(laura.send(f"{PAGE}/{id_}", texte=f"Un {n}", **profile) for n in range(4)),
    )
    sent = [one.status_code for one in done[1:]]
    assert done[0].status_code == 303
    assert set(sent) <= {303, 422}
    async with lab.state.sessions() as db:
        closed = await db.scalar(select(Conversation.closed_at))
        written = [*await db.scalars(select(Message).order_by(Message.number))]
    assert [one.number for one in written] == [*range(1, len(written) + 1)]
    assert len(written) == 1 + sent.count(303)
    assert closed is not None


async def test_closing_ones_space_closes_its_conversations(app: Litestar) -> None:
    desk, laura = await at_work(app), await signed_in(app, LAURA)
    id_ = await opened(desk)
    await laura.post("/compte/fermer", choix="garder")
    await laura.post("/compte/fermer/confirmer", choix="garder")
    async with app.state.sessions() as db:
        (kept,) = await db.scalars(select(Conversation))
    assert (kept.state.value, kept.ending) == ("fermee", "espace")
    assert (await desk.get(f"{INBOX}/{id_}")).status_code == 404


async def test_whoever_is_kept_out_leaves_a_line_by_each_door_but_for_a_secret(
    lab: Litestar,
) -> None:
    desk = await at_work(lab)
    laura, lea = await file_of(desk, LAURA), await file_of(desk, LEA)
    await qualified(lab, desk, LEA)
    async with lab.state.engine.begin() as connection:
        await connection.execute(text("UPDATE record SET messages_refused = true"))

    async def lines(file: str, *, posted: bool = True, **more: str) -> int:
        before = await refused(lab)
        path = f"{INBOX}/nouveau?dossier={file}"
        answer = await (desk.post(path, **SENT | more) if posted else desk.get(path))
        assert NOBODY in text_of(answer)
        return await refused(lab) - before

    assert await lines(laura, posted=False) == 1, "looking is trying"
    assert await lines(laura) == 1
    assert await lines(laura, secret="oui") == 1, "an adult has no representative to hide it from"
    assert await lines(lea, posted=False) == 0
    assert await lines(lea) == 1
    assert await lines(lea, secret="oui") == 0, "her parents read the journal"
    async with lab.state.engine.begin() as connection:
        await connection.execute(text("UPDATE record SET messages_refused = false"))


async def refused(app: Litestar) -> int:
    async with app.state.sessions() as db:
        opening = Trace.action == "conversation:open"
        return len((await db.scalars(select(Trace).where(opening, ~Trace.allowed))).all())
