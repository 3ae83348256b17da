"""« Suivi des envois »: seen by who sends, sent again by a person, and by nobody else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select, text

from backend.demo.mssante import Behaviour, Network
from backend.demo.people import LAURA, PRACTITIONERS
from backend.demo.reports import DemoDeposit
from backend.domain.dispatches import DispatchState
from backend.domain.formats.hl7v2_writer import Recipient
from backend.domain.reports import Identifier
from backend.jobs.dispatching import read_mailbox
from backend.storage.dispatches import Dispatch
from backend.storage.traces import Trace
from tests.fixtures.application import client_of
from tests.laboratory import Laboratory
from tests.pages import text_of
from tests.pro.psc import Desk

PAUL = next(one for one in PRACTITIONERS if one.person.family.upper() == "MARTIN")
LEROUX = next(one for one in PRACTITIONERS if one.key == "leroux")
DURAND = next(one for one in PRACTITIONERS if one.key == "durand")
FLAGS = {"DESTMSSANTEPS": True}
OTHERS = {
    "guillou": (404, 200),  # a biologist elsewhere, who follows what is theirs
    "caradec": (403, 403),
    "riou": (403, 403),
    "legall": (403, 403),
    "martin": (404, 403),
}
"""What they get of a dispatch, and of the list."""


@pytest.fixture
async def network(office: Litestar) -> AsyncIterator[Network]:
    async with office.state.engine.begin() as connection:
        for table in ("dispatch_event", "dispatch"):
            await connection.execute(text(f"DELETE FROM {table}"))
    found: Network = office.state.near.network
    found.boxes, found.behaviours, found.taken = {}, {}, []
    yield found
    found.behaviours = {}


async def deposit(
    app: Litestar, reports: Mapping[str, DemoDeposit], *to: Recipient, **flags: bool
) -> str:
    """One more report of Laura’s; where its only dispatch is followed, once it has left or not."""
    report = reports["laura-bilan-sanguin-v1"].report
    number = Identifier(f"2.25.{uuid4().int}")
    report = replace(report, header=replace(report.header, id=number, set_id=number))
    lab = Laboratory(client_of(app), "sgl-estuaire")
    recipients = to or (Recipient(PAUL.mailbox, PAUL.person),)
    assert "MSA|AA" in await lab.deposit(report, flags=FLAGS | flags, recipients=recipients)
    return f"/pro/envois/{(await settled(app)).id}"


async def settled(app: Litestar) -> Dispatch:
    """The only dispatch, once the worker and the mailbox have done their part."""
    for _ in range(400):
        async with app.state.sessions() as db:
            (found,) = await db.scalars(select(Dispatch))
        if found.state.value != "promised":
            await read_mailbox(app.state.sessions, app.state.outside.mailbox)
            return found  # type: ignore[no-any-return]
        await asyncio.sleep(0.05)
    raise AssertionError("it never left")


async def again(desk: Desk, path: str, address: str) -> Response:
    await desk.get(path)
    return await desk.post(f"{path}/renvoyer", adresse=address)


async def test_who_sends_follows_what_became_of_it(
    office: Litestar, network: Network, reports: Mapping[str, DemoDeposit]
) -> None:
    path = await deposit(office, reports)
    desk = Desk(office)
    assert "Suivi des envois" in text_of(await desk.works("morel"))
    board = await desk.get("/pro/envois")
    for words in ("Laura Bernard", "Dr Paul Martin", "prescripteur", "Lus : 1", "En échec : 0"):
        assert words in text_of(board), words
    assert "Laura Bernard" not in text_of(await desk.get("/pro/envois?voir=en-echec"))
    assert "Laura Bernard" in text_of(await desk.get("/pro/envois?voir=inconnu&page=1"))
    assert "Aucun envoi" in text_of(await desk.get("/pro/envois?page=900"))
    shown = text_of(await desk.get(path))
    for words in ("Déposé par votre laboratoire", "Pris en charge", "Remis", "Ouvert par"):
        assert words in shown, words
    assert "Renvoyer" not in shown
    proof = (await desk.get(f"{path}/preuve")).json()
    assert [one["nature"] for one in proof["evenements"]] == ["sent", "delivered", "read"]
    assert (proof["etat"], proof["destinataire"]) == ("read", PAUL.mailbox)
    assert LAURA.traits.birth_name not in str(proof).upper()
    async with office.state.sessions() as db:
        seen = select(Trace.action).where(Trace.action == "dispatch:open", Trace.allowed)
        assert len((await db.scalars(seen)).all()) >= 2


async def test_a_refusal_is_said_in_words_and_sent_again_to_the_right_address(
    office: Litestar, network: Network, reports: Mapping[str, DemoDeposit]
) -> None:
    wrong = Recipient("paul.martin@ancien.mssante.example", PAUL.person)
    network.behave(wrong.mailbox, Behaviour.UNKNOWN)
    path = await deposit(office, reports, wrong)
    desk = Desk(office)
    await desk.works("morel")
    assert "n’existe pas. " in text_of(await desk.get(path))
    failed = "1 envoi en échec"
    assert failed in text_of(await desk.get("/pro/accueil"))
    for who in ("guillou", "caradec", "legall", "martin"):
        assert "en échec" not in text_of(await Desk(office).works(who)), who
    for typed, words in (
        ("paul@gmail.com", "n’est pas une adresse MSSanté"),
        (f"{LAURA.traits.matricule}@patient.mssante.fr", "celle d’un patient"),
        ("paul", "Cette adresse e-mail n’est pas valide"),
    ):
        answer = await again(desk, path, typed)
        assert (answer.status_code, words in text_of(answer)) == (422, True)
        assert f'value="{typed}"' in answer.text
    assert (await again(desk, path, "")).status_code == 303  # the Annuaire knows him
    found = await settled(office)
    assert found.round == 2
    assert len(network.of(PAUL.mailbox)) == 1
    shown = text_of(await desk.get(path))
    assert PAUL.mailbox in shown
    assert "Renvoi demandé" in shown
    assert failed not in text_of(await desk.get("/pro/accueil"))
    late = await again(desk, path, "")
    assert (late.status_code, "rien à renvoyer" in text_of(late)) == (422, True)
    async with office.state.sessions() as db:
        lines = select(Trace.actor_kind).where(
            Trace.action == "dispatch:replay", Trace.thing_id == found.id, Trace.allowed
        )
        assert [*await db.scalars(lines)] == ["Professional"]


async def test_what_failed_is_filed_away_and_counts_no_more(
    office: Litestar, network: Network, reports: Mapping[str, DemoDeposit]
) -> None:
    wrong = Recipient("paul.martin@ancien.mssante.example", PAUL.person)
    network.behave(wrong.mailbox, Behaviour.UNKNOWN)
    path = await deposit(office, reports, wrong)
    desk, failed = Desk(office), "1 envoi en échec"
    assert failed in text_of(await desk.works("morel"))
    unsaid = await desk.post(f"{path}/classer", motif="autre")
    assert (unsaid.status_code, "Dites pourquoi" in text_of(unsaid)) == (422, True)
    assert (await desk.post(f"{path}/classer", motif="by-other-means")).status_code == 303
    shown = text_of(await desk.get(path))
    assert "Classé. Transmis par un autre moyen sécurisé." in shown
    assert "Pourquoi il n’y a plus rien à faire" not in shown
    assert failed not in text_of(await desk.get("/pro/accueil"))
    assert "Classés : 1" in text_of(await desk.get("/pro/envois"))
    again_ = await desk.post(f"{path}/classer", motif="needless")
    assert (again_.status_code, "rien à classer" in text_of(again_)) == (422, True)
    assert (await again(desk, path, "")).status_code == 303, "it may be sent after all"
    found = await settled(office)
    assert (found.round, len(network.of(PAUL.mailbox))) == (2, 1)


async def test_whom_the_patient_blocked_receives_nothing_at_an_address_that_is_typed(
    office: Litestar, network: Network, reports: Mapping[str, DemoDeposit]
) -> None:
    network.behave(PAUL.mailbox, Behaviour.UNKNOWN)
    path = await deposit(office, reports)
    desk = Desk(office)
    await desk.works("morel")
    await block(office, LEROUX.person.national_id)
    try:
        assert (await again(desk, path, LEROUX.mailbox)).status_code == 303
        assert (await settled(office)).state is DispatchState.CANCELLED
    finally:
        await run(office, "DELETE FROM care_link WHERE blocked")
    assert network.of(LEROUX.mailbox) == []
    shown = text_of(await desk.get(path))
    assert f"Pour {LEROUX.mailbox}" in shown
    assert "Martin" not in shown, "whose address it is, nobody knows"


async def test_a_proof_says_of_each_round_the_address_that_it_went_to(
    office: Litestar, network: Network, reports: Mapping[str, DemoDeposit]
) -> None:
    network.behave(PAUL.mailbox, Behaviour.UNKNOWN)
    path = await deposit(office, reports)
    desk = Desk(office)
    await desk.works("morel")
    network.behave(LEROUX.mailbox, Behaviour.UNKNOWN)
    await again(desk, path, LEROUX.mailbox)
    await settled(office)
    await again(desk, path, DURAND.mailbox)
    await settled(office)
    proof = (await desk.get(f"{path}/preuve")).json()
    assert proof["destinataire"] == DURAND.mailbox
    assert [(one["tour"], one["nature"], one["adresse"]) for one in proof["evenements"]] == [
        (1, "refused", PAUL.mailbox),
        (2, "replayed", LEROUX.mailbox),
        (2, "refused", LEROUX.mailbox),
        (3, "replayed", DURAND.mailbox),
        (3, "sent", DURAND.mailbox),
        (3, "delivered", DURAND.mailbox),
        (3, "read", DURAND.mailbox),
    ]
    shown = text_of(await desk.get(path))
    assert all(one.mailbox in shown for one in (PAUL, LEROUX, DURAND))


async def block(app: Litestar, national_id: str) -> None:
    """The patient of the only dispatch refuses this professional."""
    await run(
        app,
        "INSERT INTO care_link (id, record_id, professional_id, in_team, informed, objected,"
        " blocked, treating) SELECT gen_random_uuid(), d.record_id, p.id, false, false, false,"
        f" true, false FROM dispatch d, professional p WHERE p.national_id = '{national_id}'",
    )


async def run(app: Litestar, order: str) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text(order))


async def test_nobody_else_follows_or_sends_again(
    office: Litestar, network: Network, reports: Mapping[str, DemoDeposit]
) -> None:
    network.behave(PAUL.mailbox, Behaviour.UNKNOWN)
    path = await deposit(office, reports)
    for who, (one, whole) in OTHERS.items():
        desk = Desk(office)
        assert ("Suivi des envois" in text_of(await desk.works(who))) is (whole == 200)
        assert (await desk.get("/pro/envois")).status_code == whole, who
        for asked in (path, f"{path}/preuve", f"{path}/preuve/pdf"):
            assert (await desk.get(asked)).status_code == one, (who, asked)
        assert (await again(desk, path, PAUL.mailbox)).status_code == one
    secretary = Desk(office)
    await secretary.works("diallo")
    assert "Renvoyer" in text_of(await secretary.get(path))
    assert (await settled(office)).round == 1
    nobody = Desk(office)
    assert (await nobody.get(path)).status_code == 303
