"""Professionals in patients’ records: why they open one, what they read, who is kept out."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from litestar import Litestar

from backend.access.scopes import Policy
from backend.app import create_app
from backend.demo.people import KARIM, LAURA, LEA, NADIA
from backend.demo.reports import DemoDeposit
from backend.domain.pace import Pace, Span
from backend.services import even, limits, reviewing, threshold
from backend.services.limits import Limiter
from tests.days import TODAY
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.pages import Browser, text_of
from tests.patient.test_profiles import file_for
from tests.pro.records import RECORDS, Consulting, addresses, clear, run

OURS, THEIRS, WITHHELD, MASKED = (
    *("laura-bilan-sanguin-v1", "laura-tilleuls-v1"),
    *("laura-anti-gad-v1", "laura-serologies-v1"),
)
CHILDS = "lea-bilan-v1"


@pytest.fixture(scope="module")
async def hospital(
    databases: Databases,
    world_template: str,
    reports: Mapping[str, DemoDeposit],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Litestar]:
    """Laura has four reports, of two laboratories; Léa has one."""
    url = databases.copy(world_template)
    app = create_app(settings_for(url, tmp_path_factory.mktemp("records")))
    async with running(app):
        for name in (OURS, THEIRS, WITHHELD, MASKED, CHILDS):
            await file_for(app, reports, name)
        yield app
    databases.drop(url)


@pytest.fixture
async def ward(hospital: Litestar, monkeypatch: pytest.MonkeyPatch) -> Litestar:
    monkeypatch.setattr(even, "FLOOR", 0.0)
    await clear(hospital)
    hospital.state.policy = Policy()
    return hospital


async def pro(app: Litestar, who: str) -> Consulting:
    desk = Consulting(app)
    await desk.works(who)
    return desk


async def laura_at(app: Litestar) -> Browser:
    laura = Browser(app, client_of(app))
    await laura.sign_in(LAURA)
    return laura


# --- why, and what is then read


async def test_from_the_desk_a_biologist_opens_the_record_and_its_patient_reads_it(
    ward: Litestar,
) -> None:
    desk = await pro(ward, "morel")
    await desk.get("/pro/patients")
    born = LAURA.traits.birth_date
    assert born is not None
    found = await desk.post(
        "/pro/patients/recherche", naissance=f"{born:%d/%m/%Y}", nom=LAURA.traits.birth_name
    )
    file = re.search(r"/pro/patients/([0-9a-f-]{36})", found.text)
    assert file
    shown = await desk.get(f"/pro/patients/{file[1]}")
    assert "Ouvrir son dossier de santé" in text_of(shown)
    path = (await desk.post(f"{RECORDS}/patients/{file[1]}")).headers["location"]
    assert LAURA.traits.matricule[:13] not in path
    door = await desk.get(path)
    assert "Laura Bernard en sera informée" in text_of(door)
    assert await run(ward, "SELECT count(*) FROM consultation") == 0
    silent = await desk.post(f"{path}/ouvrir")
    assert silent.status_code == 422
    assert "Dites pourquoi" in text_of(silent)
    assert (await desk.post(f"{path}/ouvrir", motif="equipe")).headers["location"] == path
    listed = await desk.documents(path)
    assert len(listed) == 4, "masked or withheld, what her laboratory deposited; what is not masked"
    assert "Non visible du patient" in text_of(await desk.get(path))
    for document in listed:
        for address in addresses(document):
            answer = await desk.get(address)
            if answer.status_code == 200:
                assert answer.headers["cache-control"] == "no-store"
    laura = await laura_at(ward)
    told = text_of(await laura.get("/acces"))
    assert "Dr Claire Morel, médecin biologiste" in told
    assert "a noté l’accord donné pour voir le dossier" in told
    assert "a ouvert un document" in told
    assert "a téléchargé un document" in told
    assert "Un professionnel a ouvert votre dossier" in told
    assert await run(ward, "SELECT count(*) FROM opening") == 0, "unread for its person"


async def test_a_doctor_finds_a_record_by_its_ins_and_nothing_of_it_is_in_an_address(
    ward: Litestar,
) -> None:
    desk = await pro(ward, "martin")
    assert "Dossiers" in text_of(await desk.get(RECORDS))
    oid, number = LAURA.traits.oid, LAURA.traits.matricule
    for typed, said in {"rien": "15 caractères", "1" * 15: "Aucun espace"}.items():
        answer = await desk.post(f"{RECORDS}/recherche", domaine=oid, matricule=typed)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert typed in answer.text, "what was typed is kept"
    path = await desk.finds()
    assert number not in path
    door = text_of(await desk.get(path))
    assert "Laura Bernard en sera informée" in door
    assert "nos comptes rendus" not in door, "his practice deposited nothing"
    for until in ("", "hier", "01/01/2020"):
        again = await desk.post(f"{path}/ouvrir", motif="accord", jusquau=until)
        assert again.status_code == 422
    assert await desk.documents(path) == []
    unknown = await desk.post(f"{path}/ouvrir", motif="connu")
    assert unknown.status_code == 403
    why = "SELECT reason FROM trace WHERE NOT allowed ORDER BY at DESC LIMIT 1"
    assert await run(ward, why) == "shut", "nobody blocked him"
    await desk.opens(motif="accord", jusquau="01/01/2030")
    assert len(await desk.documents(path)) == 3, "what is masked is neither listed nor counted"
    assert "asqué" not in text_of(await desk.get(path))
    assert len(await desk.documents(f"{path}?voir=biologie")) == 3
    assert await desk.documents(f"{path}?voir=ordonnance") == []
    told = text_of(await (await laura_at(ward)).get("/acces"))
    assert "Dr Paul Martin, médecin" in told
    assert "a cherché le dossier avec le numéro INS" in told


async def test_what_is_withheld_is_read_under_a_band_and_told_to_nobody(ward: Litestar) -> None:
    desk, laura = await pro(ward, "martin"), await laura_at(ward)
    path = await desk.opens()
    before = (await laura.get("/acces")).text.count("a ouvert un document")
    bands = [
        document
        for document in await desk.documents(path)
        if "Attention, ce document n’est pas visible du patient"
        in text_of(await desk.get(document))
    ]
    assert len(bands) == 1
    assert "n’est pas visible" in text_of(await desk.get(f"{bands[0]}/document"))
    told = (await laura.get("/acces")).text.count("a ouvert un document")
    assert told == before + len(await desk.documents(path)) - 1


async def test_without_a_visit_every_address_leads_to_the_page_before(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    path = await desk.opens()
    (document, *_) = await desk.documents(path)
    await run(ward, "UPDATE consultation SET began_at = began_at - interval '5 hours'")
    for address in addresses(document):
        answer = await desk.get(address)
        assert (answer.status_code, answer.headers.get("location")) == (303, path)
    assert "Avant d’ouvrir ce dossier" in text_of(await desk.get(path))
    answer = await desk.post(f"{path}/ouvrir", motif="connu")
    assert answer.headers["location"] == path


async def test_who_signs_in_again_says_again_why(ward: Litestar) -> None:
    """Though Pro Santé Connect did not ask them again who they are."""
    desk = Consulting(ward)
    await desk.comes("martin", "authenticated a while ago")
    path = await desk.opens()
    (document, *_) = await desk.documents(path)
    assert (await desk.get(document)).status_code == 200
    again = Consulting(ward)
    await again.comes("martin", "authenticated a while ago")
    assert (await again.get(document)).headers["location"] == path
    assert "Avant d’ouvrir ce dossier" in text_of(await again.get(path))


async def test_nobody_reads_in_one_record_what_is_in_another(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    lauras = await desk.opens()
    leas = await desk.opens(LEA)
    ours = await desk.documents(lauras)
    theirs = await desk.documents(leas)
    assert ours
    assert theirs
    stray = ours[0].replace(lauras, leas)
    for address in addresses(stray):
        assert (await desk.get(address)).status_code == 404
    other = await pro(ward, "guillou")
    answer = await other.get(ours[0])
    assert (answer.status_code, answer.headers["location"]) == (303, lauras)
    assert (await other.post(f"{lauras}/ouvrir", motif="connu")).headers["location"] == lauras
    assert len(await other.documents(lauras)) == 1, "her laboratory’s, as its author"
    nowhere = lauras[:-12] + "0" * 12
    assert (await desk.get(nowhere)).status_code == 404
    assert (await desk.post(f"{nowhere}/ouvrir", motif="equipe")).status_code == 404


async def test_coming_of_age_changes_nothing_for_who_cares(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    path = await desk.opens(LEA)
    assert len(await desk.documents(path)) == 1
    for day in ("1 day", "-1 day"):
        await run(
            ward,
            f"UPDATE record SET minor_until = {TODAY} + CAST(:day AS interval)"
            " WHERE id = CAST(:id AS uuid)",
            day=day,
            id=path.rpartition("/")[2],
        )
        assert len(await desk.documents(path)) == 1, "of age or not"


async def test_a_space_that_is_closed_has_no_door(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    path = await desk.opens()
    (document, *_) = await desk.documents(path)
    put = "UPDATE record SET state = :state WHERE id = CAST(:id AS uuid)"
    id_ = path.rpartition("/")[2]
    try:
        for state in ("ferme", "oppose", "suspendu", "decede"):
            await run(ward, put, state=state, id=id_)
            for address in (path, *addresses(document), f"{path}/urgence"):
                assert (await desk.get(address)).status_code == 404
            assert (await desk.post(f"{path}/ouvrir", motif="equipe")).status_code == 404
    finally:
        await run(ward, put, state="actif", id=id_)


async def test_not_every_role_and_not_every_profession(ward: Litestar) -> None:
    admin = await pro(ward, "legall")
    page = await admin.get(RECORDS)
    assert "Votre rôle n’ouvre pas les dossiers" in text_of(page)
    assert 'href="/pro/dossiers"' not in page.text
    traits = LAURA.traits
    asked = {"domaine": traits.oid, "matricule": traits.matricule}
    assert (await admin.post(f"{RECORDS}/recherche", **asked)).status_code == 403
    doctor = await pro(ward, "martin")
    path = await doctor.opens()
    for address in (path, f"{path}/urgence"):
        assert (await admin.get(address)).status_code == 403
    assert (await admin.post(f"{path}/ouvrir", motif="equipe")).status_code == 403
    await run(ward, "UPDATE pro_session SET profession = '99' WHERE profession = '10'")
    assert await doctor.documents(path) == [], "no line in the matrice"
    nobody = Consulting(ward)
    await nobody.comes("saidi")
    assert (await nobody.get(path)).headers["location"] == "/pro"
    secretary = await pro(ward, "diallo")
    await secretary.finds()
    assert (await secretary.post(f"{path}/ouvrir", motif="connu")).status_code == 303
    ours = await secretary.documents(path)
    assert len(ours) == 3, "her laboratory’s reports alone"
    put = "UPDATE membership SET role = :to WHERE id = :id"
    seat = await run(ward, "SELECT id FROM membership WHERE role = 'secretaire'")
    try:
        await run(ward, put, id=seat, to="administrateur")
        for address in (path, *addresses(ours[0])):
            answer = await secretary.get(address)
            assert answer.status_code == 403, "the visit goes on no more"
    finally:
        await run(ward, put, id=seat, to="secretaire")


# --- blocked


async def test_who_is_blocked_is_refused_at_every_door_and_still_deposits(
    ward: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    desk, laura = await pro(ward, "morel"), await laura_at(ward)
    path = await desk.opens()
    document = (await desk.documents(path))[0]
    found = await laura.post("/acces/professionnels/chercher", nom="Morel Claire")
    (who,) = re.findall(r'name="professionnel" value="([0-9a-f-]{36})"', found.text)
    await laura.post("/acces/professionnels/bloquer", professionnel=who)
    for address in (path, f"{path}/urgence", *addresses(document)):
        answer = await desk.get(address)
        assert answer.status_code == 403, address
        said = text_of(answer)
        assert "Cette patiente n’autorise pas l’accès." in said
        assert "Bernard" not in said
    for motif in ("equipe", "connu"):
        answer = await desk.post(f"{path}/ouvrir", motif=motif)
        assert answer.status_code == 403
        assert "n’autorise pas l’accès" in text_of(answer)
    await desk.proves(path, "morel")
    urgent = await desk.post(f"{path}/urgence", nature="BTG", motif="Malaise, ne répond pas.")
    assert urgent.status_code == 403
    assert "n’autorise pas l’accès" in text_of(urgent)
    assert await run(ward, "SELECT count(*) FROM emergency_access") == 0
    again = await desk.finds()
    assert (await desk.get(again)).status_code == 403
    invented = Browser(ward, client_of(ward))
    await invented.get("/partage")
    answer = await invented.post("/partage", code="7KXM4PQR9TWB", lecteur="Dr Claire Morel")
    assert answer.status_code == 422
    before = await run(ward, "SELECT count(*) FROM document")
    await file_for(ward, reports, "laura-ecbu-v1")
    assert await run(ward, "SELECT count(*) FROM document") == before + 1
    told = text_of(await laura.get("/acces"))
    assert "a voulu ouvrir le dossier. Nous avons refusé" in told
    assert "a voulu ouvrir le dossier en urgence. Nous avons refusé" in told


# --- in an emergency


async def test_an_emergency_asks_who_is_there_and_why_and_ends(ward: Litestar) -> None:
    desk, laura = await pro(ward, "martin"), await laura_at(ward)
    path = await desk.finds()
    page = text_of(await desk.get(f"{path}/urgence"))
    assert "La patiente peut signaler cet accès à ce service" in page
    assert "relit" not in page, "nobody does, outside a laboratory"
    assert "S’identifier de nouveau" in page
    assert "Ouvrir en urgence" not in page
    said = {"nature": "BTG", "motif": "Chute dans la rue."}
    early = await desk.post(f"{path}/urgence", **said)
    assert early.status_code == 422
    assert "Chute dans la rue." in text_of(early), "what was typed is kept"
    for who, way in (
        ("martin", "authenticated a while ago"),
        ("martin", "when is not told"),
        ("morel", ""),
    ):
        refused = await desk.proves(path, who, way)
        assert refused.status_code == 403, way
        assert "Ouvrir en urgence" not in text_of(await desk.get(f"{path}/urgence"))
    assert (await desk.proves(path, "martin")).headers["location"] == f"{path}/urgence"
    assert "Ouvrir en urgence" in text_of(await desk.get(f"{path}/urgence"))
    for wrong in ({"nature": "BTG", "motif": "x"}, {"nature": "ETREAT", "motif": "Appel."}, {}):
        answer = await desk.post(f"{path}/urgence", **wrong)
        if wrong.get("nature") == "ETREAT":
            assert answer.status_code == 403, "not of a Centre 15"
        else:
            assert answer.status_code == 422
    await desk.declares(path, "martin", "Chute dans la rue.")
    spent = await desk.post(f"{path}/urgence", **said)
    assert spent.status_code == 422, "a proof serves once"
    for address in (path, "/pro/accueil", "/pro/sessions"):
        assert "Accès en urgence. Dossier de Laura Bernard" in text_of(await desk.get(address))
    (document, *_) = await desk.documents(path)
    assert (await desk.get(document)).status_code == 200
    await run(ward, "INSERT INTO care_link (id, record_id, professional_id, in_team, informed,"
              " objected, blocked, treating) SELECT gen_random_uuid(), record_id, professional_id,"
              " false, false, false, true, false FROM emergency_access")  # fmt: skip
    assert (await desk.get(document)).status_code == 403
    assert "Bernard" not in text_of(await desk.get("/pro/accueil")), "no band either"
    await run(ward, "DELETE FROM care_link")
    told = text_of(await laura.get("/acces"))
    assert "Motif écrit : « Chute dans la rue. »" in told
    lists = "SELECT count(*) FROM trace WHERE action = 'document:list' AND reason = 'BTG'"
    assert await run(ward, lists), "each line of an emergency says so"
    assert await run(ward, "SELECT count(*) FROM notice WHERE kind = 'emergency-access'") == 1
    assert (await desk.post(f"{path}/urgence/fin")).headers["location"] == RECORDS
    assert "Accès en urgence" not in text_of(await desk.get("/pro/accueil"))
    assert (await desk.get(document)).headers["location"] == path
    assert "a mis fin à l’accès en urgence" in text_of(await laura.get("/acces"))


async def test_only_the_third_switch_opens_what_is_masked(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    path = await desk.finds()
    await desk.declares(path, "martin")
    bare = len(await desk.documents(path))
    await run(ward, "UPDATE record SET emergency_unmasks = true")
    assert len(await desk.documents(path)) == bare + 1
    await run(ward, "UPDATE record SET mask_all = true")
    assert len(await desk.documents(path)) == bare + 1
    await run(ward, "UPDATE record SET emergency_unmasks = false")
    assert await desk.documents(path) == []
    await run(ward, "UPDATE record SET emergency_allowed = false")
    assert "Avant d’ouvrir" in text_of(await desk.get(path))


async def test_each_emergency_is_reviewed_by_somebody_else(ward: Litestar) -> None:
    desk = await pro(ward, "morel")
    path = await desk.finds()
    before = text_of(await desk.get(f"{path}/urgence"))
    assert "Une autre personne de votre laboratoire relit chaque accès en urgence." in before
    await desk.declares(path, "morel", "Malaise au prélèvement.")
    queue = "/pro/urgences"
    own = await desk.get(queue)
    assert "Malaise au prélèvement." in text_of(own)
    assert "une autre personne doit le relire" in text_of(own)
    id_ = await run(ward, "SELECT id FROM emergency_access")
    review = f"{queue}/{id_}"
    assert (await desk.post(review, commentaire="Vu avec moi-même.")).status_code == 422
    colleague = await pro(ward, "rousseau")
    page = await colleague.get(queue)
    assert "Dr Claire Morel" in text_of(page)
    assert "Bernard" not in text_of(page)
    short = await colleague.post(review, commentaire="x")
    assert short.status_code == 422
    answer = await colleague.post(review, commentaire="Vu avec elle : malaise réel.")
    assert answer.headers["location"] == queue
    assert (await colleague.post(review, commentaire="Encore une fois.")).status_code == 422
    kept = text_of(await colleague.get(queue))
    assert "Relu par Dr Étienne Rousseau" in kept
    assert "Vu avec elle : malaise réel." in kept
    elsewhere = await pro(ward, "guillou")
    assert "Rien à relire" in text_of(await elsewhere.get(queue))
    assert (await elsewhere.post(review, commentaire="Pas le mien.")).status_code == 404
    technician = await pro(ward, "caradec")
    assert (await technician.get(queue)).status_code == 403
    assert "a contrôlé un accès en urgence" in text_of(await (await laura_at(ward)).get("/acces"))


# --- how many


async def test_many_records_are_told_then_refused_but_in_an_emergency(ward: Litestar) -> None:
    ward.state.policy = Policy(paces={Span.HOUR: Pace(2, 3), Span.DAY: Pace(90, 99)})
    desk = await pro(ward, "morel")
    for one in (KARIM, NADIA, LEA):
        await desk.opens(one)
    await desk.opens(LEA, motif="connu")
    path = await desk.finds(LAURA)
    answer = await desk.post(f"{path}/ouvrir", motif="equipe")
    assert answer.status_code == 403
    assert "3 dossiers différents en une heure" in text_of(answer)
    assert "a voulu ouvrir le dossier" in text_of(await (await laura_at(ward)).get("/acces"))
    assert await run(ward, "SELECT count(*) FROM access_alert") == 1
    await desk.declares(path, "morel")
    colleague = await pro(ward, "rousseau")
    queue = await colleague.get("/pro/urgences")
    assert "2 dossiers différents en une heure" in text_of(queue)
    id_ = await run(ward, "SELECT id FROM access_alert")
    answer = await colleague.post(f"/pro/urgences/alertes/{id_}", commentaire="Une garde chargée.")
    assert answer.status_code == 303
    assert "Une garde chargée." in text_of(await colleague.get("/pro/urgences"))


# --- what a proof, an emergency and a review are worth


async def test_a_proof_serves_once_for_the_record_that_it_was_asked_for(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    hers, his = await desk.finds(LAURA), await desk.finds(KARIM)
    lines = "SELECT count(*) FROM trace WHERE action LIKE '%declare-emergency' AND NOT allowed"
    before = await run(ward, lines)
    said = {"nature": "BTG", "motif": "Chute dans la rue."}
    await desk.proves(hers, "martin")
    assert "S’identifier de nouveau" in text_of(await desk.get(f"{his}/urgence"))
    assert (await desk.post(f"{his}/urgence", **said)).status_code == 422
    await run(ward, "UPDATE record SET emergency_allowed = false")
    refused = await desk.post(f"{hers}/urgence", **said)
    assert refused.status_code == 403
    assert "n’autorise pas l’accès" in text_of(refused)
    await run(ward, "UPDATE record SET emergency_allowed = true")
    again = await desk.post(f"{hers}/urgence", **said)
    assert again.status_code == 422, "it served, for the declaration that was refused"
    assert "a déjà servi" in text_of(again)
    assert await run(ward, lines) == before + 1, "and its person reads it"
    await desk.declares(hers, "martin")


async def test_an_emergency_runs_where_it_was_declared(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    path = await desk.finds()
    await desk.declares(path, "martin")
    (document, *_) = await desk.documents(path)
    await run(
        ward,
        "UPDATE emergency_access SET structure_id ="
        " (SELECT id FROM structure WHERE id <> emergency_access.structure_id LIMIT 1)",
    )
    assert (await desk.get(document)).headers["location"] == path
    assert "Accès en urgence. Dossier" not in text_of(await desk.get("/pro/accueil"))


async def test_the_first_access_after_an_emergency_is_announced(ward: Litestar) -> None:
    desk = await pro(ward, "martin")
    path = await desk.finds()
    await desk.declares(path, "martin")
    await desk.post(f"{path}/urgence/fin")
    first = "SELECT count(*) FROM notice WHERE kind = 'first-access'"
    for _ in range(2):
        await desk.opens(motif="equipe")
        assert await run(ward, first) == 1
        await run(ward, "UPDATE consultation SET began_at = began_at - interval '1 day'")


async def test_what_waits_to_be_reviewed_is_first_and_nothing_is_lost(
    ward: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "SHOWN", 1)
    desk, colleague = await pro(ward, "morel"), await pro(ward, "rousseau")
    for someone, motif in ((LAURA, "Premier malaise."), (KARIM, "Second malaise.")):
        await desk.declares(await desk.finds(someone), "morel", motif)
    queue = "/pro/urgences"
    page = text_of(await colleague.get(queue))
    assert "Premier malaise." in page
    assert "Second malaise." not in page
    assert "Second malaise." in text_of(await colleague.get(f"{queue}?page=2"))
    id_ = await run(ward, "SELECT id FROM emergency_access ORDER BY declared_at LIMIT 1")
    await colleague.post(f"{queue}/{id_}", commentaire="Vu avec elle.")
    assert "Second malaise." in text_of(await colleague.get(queue))
    assert "Vu avec elle." in text_of(await colleague.get(f"{queue}?page=2"))


async def test_the_emergency_of_an_erased_record_stays_without_its_words(ward: Litestar) -> None:
    desk, colleague = await pro(ward, "morel"), await pro(ward, "rousseau")
    for someone in (LAURA, KARIM):
        await desk.declares(await desk.finds(someone), "morel", "Malaise au prélèvement.")
    ids = "SELECT id FROM emergency_access ORDER BY declared_at {} LIMIT 1"
    seen, unseen = await run(ward, ids.format("")), await run(ward, ids.format("DESC"))
    await colleague.post(f"/pro/urgences/{seen}", commentaire="Vu avec elle.")
    await run(ward, "CREATE TABLE kept AS SELECT id, wrapped_key FROM record")
    try:
        await run(ward, "UPDATE record SET wrapped_key = ''")
        page = await colleague.get("/pro/urgences")
        assert page.status_code == 200
        assert text_of(page).count("le dossier a été supprimé") == 2
        assert "Relu par Dr Étienne Rousseau" in text_of(page)
        answer = await colleague.post(f"/pro/urgences/{unseen}", commentaire="Vu avec elle.")
        assert answer.status_code == 422
    finally:
        await run(ward, "UPDATE record SET wrapped_key = k.wrapped_key FROM kept k"
                        " WHERE k.id = record.id")  # fmt: skip
        await run(ward, "DROP TABLE kept")


async def test_from_the_desk_too_a_record_is_found_at_a_pace_and_leaves_its_line(
    ward: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Limiter(1, timedelta(minutes=1))
    monkeypatch.setitem(limits.LIMITERS, threshold.FIND, once)
    desk = await pro(ward, "caradec")
    await desk.get("/pro/patients")
    born = LAURA.traits.birth_date
    assert born is not None
    found = await desk.post(
        "/pro/patients/recherche", naissance=f"{born:%d/%m/%Y}", nom=LAURA.traits.birth_name
    )
    file = re.search(r"/pro/patients/([0-9a-f-]{36})", found.text)
    assert file
    lines = "SELECT count(*) FROM trace WHERE action = 'record:find'"
    before = await run(ward, lines)
    await desk.get(f"/pro/patients/{file[1]}")
    assert (await desk.post(f"{RECORDS}/patients/{file[1]}")).status_code == 303
    assert await run(ward, lines) == before + 1
    assert (await desk.post(f"{RECORDS}/patients/{file[1]}")).status_code == 429
    assert await run(ward, lines) == before + 1
