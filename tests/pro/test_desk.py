"""The desk over HTTP: found, asked, checked, qualified; contracts and the register."""

import re

import pytest
from httpx import Response
from litestar import Litestar

from backend.demo.insi import OFFICIAL
from backend.demo.people import KARIM, LAURA, LEA
from backend.domain.calendar import civil_day
from backend.gateways import insi
from backend.pro.identity import ask, verify
from backend.services.identification import asking
from backend.storage.db import utcnow
from backend.web import shedding
from tests.pages import text_of
from tests.pro.psc import Desk

ZOE, CORSE = OFFICIAL[2].traits, OFFICIAL[0].traits
TYPED = {
    "nom": "Adrtrois",
    "prenom": "Toussaint",
    "prenoms": "",
    "naissance": "01/01/1960",
    "sexe": "M",
    "lieu": "2B020",
    "nom_utilise": "",
    "prenom_utilise": "",
}


@pytest.fixture
async def desk(app: Litestar) -> Desk:
    desk = Desk(app)
    await desk.works("caradec")
    return desk


async def found(desk: Desk, born: str, name: str) -> str:
    """The path of the one file that a search finds."""
    shown = await desk.post("/pro/patients/recherche", naissance=born, nom=name)
    (path,) = set(re.findall(r"/pro/patients/[0-9a-f-]{36}", shown.text))
    return str(path)


async def then(desk: Desk, answer: Response) -> str:
    """What the page says that a form leads to."""
    assert answer.status_code == 303, text_of(answer)
    return text_of(await desk.get(answer.headers["location"]))


async def test_somebody_comes_and_leaves_with_a_qualified_identity(desk: Desk) -> None:
    wrong = await desk.post("/pro/patients/recherche", naissance="31/02/1960", nom="Ad")
    assert wrong.status_code == 422
    assert 'value="31/02/1960"' in wrong.text
    nobody = await desk.post("/pro/patients/recherche", naissance="01/01/1960", nom="Adrtrois")
    assert "Aucun dossier du laboratoire" in text_of(nobody)
    again = await desk.post("/pro/patients", **TYPED | {"lieu": "Corse"})
    assert again.status_code == 422
    assert "cinq caractères" in text_of(again)
    assert 'value="Adrtrois"' in again.text
    made = await desk.post("/pro/patients", **TYPED)
    path = made.headers["location"]
    assert "ADRTROIS TOUSSAINT" in await then(desk, made)
    asked = await desk.post(f"{path}/insi")
    assert "Contrôlez maintenant sa pièce" in text_of(asked)
    refused = await desk.post(f"{path}/piece", piece="passeport")
    assert refused.status_code == 422
    assert "Les traits de la pièce doivent être ceux du dossier" in text_of(refused)
    assert re.search(r'value="passeport" checked', refused.text)
    checked = await desk.post(f"{path}/piece", piece="passeport", memes_traits="oui")
    assert "rien à demander" in (shown := await then(desk, checked))
    assert CORSE.matricule[:13] in shown
    assert "Interroger INSi" not in shown
    verified = await desk.post(f"{path}/verifier")
    assert "INSi confirme cette INS" in text_of(verified)
    opposed = await desk.post(f"{path}/visite", oppose="oui")
    assert "Ne pas déposer" in await then(desk, opposed)
    unsaid = await desk.post(f"{path}/visite")
    assert (unsaid.status_code, "informé" in text_of(unsaid)) == (422, True)
    kept = await desk.post(f"{path}/traits", **TYPED | {"lieu": "2B021"})
    assert kept.status_code == 403


async def test_who_was_qualified_is_asked_nothing(desk: Desk) -> None:
    born = LAURA.traits.birth_date
    path = await found(desk, f"{born:%d/%m/%Y}", "bern")
    shown = text_of(await desk.get(path))
    assert "Identité déjà vérifiée le 04/05/" in shown
    assert "Pièce que vous avez vue" not in shown
    again = await desk.post(f"{path}/insi")
    assert (again.status_code, "déjà vérifiée" in text_of(again)) == (422, True)


async def test_what_differs_is_shown_letter_by_letter(desk: Desk) -> None:
    made = await desk.post("/pro/patients", **TYPED | {"prenoms": "Toussaint Ange"})
    asked = await desk.post(f"{made.headers['location']}/insi")
    assert "La liste des prénoms diffère" in text_of(asked)
    assert re.search(r"<del><span.*?</span> ?ANGE</del>", asked.text)
    down = await desk.post("/pro/patients", **TYPED | {"nom": "Indisponible"})
    asked = await desk.post(f"{down.headers['location']}/insi")
    assert asked.status_code == 200
    assert "INSi ne répond pas" in text_of(asked)
    assert "INDISPONIBLE TOUSSAINT" in text_of(await desk.get("/pro/patients"))


async def test_a_slow_insi_is_told_before_the_page_is_given_up(
    desk: Desk, limits_of_production: pytest.MonkeyPatch
) -> None:
    assert asking.PATIENCE + 1 <= shedding.LONGEST
    limits_of_production.setattr(shedding, "LONGEST", insi.SECONDS - 1)  # a busy machine
    slow = await desk.post("/pro/patients", **TYPED | {"nom": "Lent"})
    asked = await desk.post(f"{slow.headers['location']}/insi")
    assert (asked.status_code, "INSi ne répond pas" in text_of(asked)) == (200, True)
    assert "LENT TOUSSAINT" in text_of(await desk.get("/pro/patients"))
    assert {ask.opt["lane"], verify.opt["lane"]} == {shedding.ABROAD}


async def until_beaten(desk: Desk, path: str, **form: str) -> tuple[int, Response]:
    """How many were let through, and what the next one is told."""
    for tried in range(100):
        answer = await desk.post(path, **form)
        if answer.status_code not in {200, 422}:
            return tried, answer
    raise AssertionError(path)


async def test_sixty_looks_at_once_are_enough_for_one_professional(
    desk: Desk, app: Litestar
) -> None:
    path = await found(desk, f"{LAURA.traits.birth_date:%d/%m/%Y}", "bern")
    tried, beaten = await until_beaten(desk, f"{path}/insi")
    assert tried >= 60, "what is refused counts, and no more than what is answered"
    assert beaten.status_code == 429
    assert 0 < int(beaten.headers["retry-after"]) <= 60
    assert "Trop d’essais. Réessayez dans une minute." in text_of(beaten)
    assert (await desk.post(f"{path}/verifier")).status_code == 429, "the same questions"
    named = {"naissance": "14/05/1991", "nom": "Bernard"}
    tried, beaten = await until_beaten(desk, "/pro/patients/recherche", **named)
    assert (tried >= 59, beaten.status_code) == (True, 429)
    assert "Réessayez dans une minute." in text_of(beaten)
    assert 'value="Bernard"' in beaten.text
    colleague = Desk(app)
    await colleague.works("riou")
    assert (await colleague.post("/pro/patients/recherche", **named)).status_code == 200


async def test_a_partners_word_is_taken_under_its_contract(desk: Desk, app: Litestar) -> None:
    path = await found(desk, f"{ZOE.birth_date:%d/%m/%Y}", "adr")
    qualified = await desk.post(f"{path}/contrat")
    assert "Qualifiée par contrat — Clinique des Ormes" in await then(desk, qualified)
    assert (await desk.post("/pro/contrats")).status_code in {403, 422}
    riou = Desk(app)
    await riou.works("riou")
    listed = await riou.get("/pro/contrats")
    assert "expiré" in text_of(listed)
    page = re.findall(r"/pro/contrats/[0-9a-f-]{36}", listed.text)[-1]
    assert "Clinique des Ormes" in text_of(await riou.get(page))
    assert "checked" not in (await riou.get(page)).text
    unsaid = await riou.post(f"{page}/audits", jour="26/11/2026", constat="Non")
    assert (unsaid.status_code, "Choisissez le résultat" in text_of(unsaid)) == (422, True)
    assert "suspendu par un audit" not in text_of(unsaid)
    bad = await riou.post(f"{page}/audits", jour="26/11/2026", resultat="mauvais", constat="Non")
    assert "suspendu" in await then(riou, bad)
    stopped = await riou.post(f"{page}/arret")
    assert "arrêté" in await then(riou, stopped)
    twice = await riou.post(f"{page}/arret")
    assert (twice.status_code, "déjà terminé" in text_of(twice)) == (422, True)
    form = {"partenaire": "Clinique Neuve", "finess": "", "clause": "article 2"}
    form |= {"referent": "Solène Riou", "referent_partenaire": "Paul Le Goff"}
    missing = await riou.post("/pro/contrats", **form, debut="", fin="01/01/2028")
    assert missing.status_code == 422
    signed = await riou.post("/pro/contrats", **form, debut="01/01/2026", fin="01/01/2028")
    assert "Clinique Neuve" in await then(riou, signed)


async def test_a_file_offers_a_contract_only_while_it_is_in_force(
    desk: Desk, app: Litestar
) -> None:
    path = await found(desk, f"{ZOE.birth_date:%d/%m/%Y}", "adr")
    button = "Qualifier par contrat — Clinique des Ormes"
    instead = "Contrat {} : les identités envoyées par Clinique des Ormes ne sont plus qualifiées"
    riou = Desk(app)
    await riou.works("riou")
    page = re.findall(r"/pro/contrats/[0-9a-f-]{36}", (await riou.get("/pro/contrats")).text)[-1]
    audit = {"jour": f"{civil_day(utcnow()):%d/%m/%Y}", "constat": "Dix dossiers relus."}
    for result, word in (("mauvais", "suspendu"), ("bon", ""), ("", "arrêté")):
        assert button in text_of(await desk.get(path)) or result == "bon"
        form = audit | {"resultat": result} if result else {}
        await riou.get(page)
        await then(riou, await riou.post(f"{page}/{'audits' if result else 'arret'}", **form))
        shown = text_of(await desk.get(path))
        assert (button in shown, instead.format(word) in shown) == (not word, bool(word))
    refused = await desk.post(f"{path}/contrat")
    assert refused.status_code == 422, "whoever had the page open"


async def test_an_anomaly_goes_to_the_referent_who_closes_it(desk: Desk, app: Litestar) -> None:
    path = await found(desk, f"{LEA.traits.birth_date:%d/%m/%Y}", "bena")
    empty = await desk.post(f"{path}/anomalies", nature="doublon", description="")
    assert empty.status_code == 422
    opened = await desk.post(f"{path}/anomalies", nature="doublon", description="Deux dossiers")
    await then(desk, opened)
    assert (await desk.get("/pro/anomalies")).status_code == 403
    doubt = await desk.post(f"{path}/signalement", signalement="call-doubtful")
    assert "Identité signalée douteuse" in await then(desk, doubt)
    lifted = await desk.post(f"{path}/signalement", signalement="clear-doubtful")
    assert lifted.status_code == 403
    riou = Desk(app)
    await riou.works("riou")
    shown = await riou.get("/pro/anomalies")
    assert "Deux dossiers" in text_of(shown)
    (one, *_) = re.findall(r"/pro/anomalies/[0-9a-f-]{36}", shown.text)
    assert "en cours" in await then(riou, await riou.post(f"{one}/prise-en-charge"))
    assert (await riou.post(f"{one}/prise-en-charge")).status_code == 422
    unsaid = await riou.post(f"{one}/cloture", motif=" ")
    assert (unsaid.status_code, "motif" in text_of(unsaid)) == (422, True)
    assert "Dossiers réunis" in await then(
        riou, await riou.post(f"{one}/cloture", motif="Dossiers réunis")
    )
    table = await riou.get("/pro/anomalies/registre.csv")
    assert table.headers["cache-control"] == "no-store"
    assert "Dossiers réunis" in table.text
    assert KARIM.traits.matricule not in table.text
    lifted = await riou.post(f"{path}/signalement", signalement="clear-doubtful")
    assert "Identité signalée douteuse" not in await then(riou, lifted)


async def test_another_laboratory_and_another_trade_find_nothing(desk: Desk, app: Litestar) -> None:
    born = LAURA.traits.birth_date
    path = await found(desk, f"{born:%d/%m/%Y}", "bern")
    elsewhere = Desk(app)
    await elsewhere.works("guillou")
    assert (await elsewhere.get(path)).status_code == 404
    for end in ("insi", "verifier", "piece", "contrat", "visite", "anomalies"):
        answer = await elsewhere.post(f"{path}/{end}", description="x", informe="oui")
        assert answer.status_code == 404, end
    doctor = Desk(app)
    await doctor.works("martin")
    for page in ("/pro/patients", "/pro/contrats", "/pro/anomalies"):
        assert (await doctor.get(page)).status_code == 403
