"""« Lecture simple » on the pages that people fetch: each says, plainly, what it is for.

Every page fetched here is also checked for what its help quotes (`tests.pages.check_page`).
"""

from collections.abc import Mapping

import pytest
from httpx import Response
from litestar import Litestar

from backend.demo.people import JULIE, KARIM, LAURA, LEA, YANN
from backend.demo.reports import DemoDeposit, write_message
from tests.laboratory import Laboratory
from tests.newcomers import activate, prove
from tests.pages import Browser, text_of
from tests.patient.test_activation import place
from tests.patient.test_profiles import open_as

HELP = "Sur cette page"
WITHOUT = ("/documents/rien", "/demo/comptes", "/demo/boite")
PLACES = {
    "/": "Appuyez sur « Voir mes résultats ».",
    "/documents": "Appuyez sur un document pour l’ouvrir.",
    "/analyses": "Appuyez sur le nom pour voir tous les résultats.",
    "/analyses/tableau": "Cochez les analyses à montrer.",
    "/profil": "Pour commencer, appuyez sur « Répondre ».",
    "/profil/allergies": "Appuyez sur « Oui » pour donner des détails.",
    "/profil/allergies/ajouter": "Répondez. Puis appuyez sur « Continuer ».",
    "/profil/synthese": "Pour la garder, appuyez sur « Télécharger la synthèse ».",
    "/mesures": "Montrez ces mesures au médecin.",
    "/mesures/comptes-rendus": "Pour les voir ici, appuyez sur « Oui, les montrer ».",
    "/profils": "Appuyez sur un nom pour voir son dossier.",
    "/acces": "Ici, vous voyez qui a ouvert votre dossier.",
    "/acces/professionnels": "Bloquer, c’est fermer le dossier à quelqu’un.",
    "/acces/professionnels/chercher": "Écrivez son nom. Puis appuyez sur « Chercher ».",
    "/acces/urgence": "Après une urgence, un message vous prévient toujours.",
    "/acces/voir-comme": "Choisissez une personne ou un métier.",
    "/acces/metiers/pharmacien": "Ce qui est masqué n’y est pas.",
    "/compte/visibilite": "Pour tout cacher, appuyez sur « Masquer tout le dossier ».",
    "/masquer-des-documents": "Cochez les documents à cacher.",
    "/dossiers": "Puis appuyez sur « Créer le dossier ».",
    "/supprimer-des-documents": "vous effacez plusieurs documents que vous avez ajoutés.",
    "/messages": "Attendez : c’est le professionnel qui écrit en premier.",
    "/messages/reglages": "Ici, vous acceptez les messages, ou vous les refusez.",
    "/compte": "Ici, vous changez les réglages de votre espace.",
    "/compte/notifications": "cochez « Pas la nuit ».",
    "/compte/donnees": "Appuyez sur « Préparer mon fichier ».",
    "/compte/fermer": "Vous avez changé d’avis ? Appuyez sur « Non, garder mon espace ».",
    "/compte/fermer/confirmer?choix=effacer": "Appuyez sur « Oui, fermer et effacer ».",
    "/compte/securite": "Un appareil est un téléphone ou un ordinateur.",
    "/compte/securite/mot-de-passe": "Écrivez votre mot de passe de maintenant.",
    "/compte/securite/joindre/mobile": "Écrivez le nouveau numéro.",
    "/compte/securite/cles": "Une clé d’accès ouvre votre espace sans mot de passe.",
    "/compte/securite/application": "Avec l’application, prenez le carré en photo.",
}
OUTSIDE = {
    "/connexion": "Se connecter veut dire entrer.",
    "/activer": "Appuyez sur « Commencer ».",
    "/activer/nouveau-code": "Ici, vous demandez un nouveau code provisoire.",
    "/refuser": "Vous voulez refuser ? Appuyez sur « Continuer ».",
    "/retrouver": "Mot de passe oublié ? Appuyez sur « Mon mot de passe ».",
    "/retrouver/mot-de-passe": "Appuyez sur « Recevoir les codes ».",
    "/retrouver/identifiant": "Appuyez sur « Recevoir mon identifiant ».",
}


async def read_simply(browser: Browser) -> None:
    await browser.get("/demo/comptes")  # any page gives the token
    assert (await browser.post("/lecture", lecture="simple", page="/")).status_code == 303


def words(page: Response) -> str:
    assert page.status_code == 200
    return text_of(page).replace("\u202f", " ")


@pytest.mark.parametrize("simple", [True, False], ids=["simple", "normal"])
async def test_every_place_before_signing_in(reader: Browser, simple: bool) -> None:  # noqa: FBT001
    if simple:
        await read_simply(reader)
    for path, sentence in OUTSIDE.items():
        page = words(await reader.get(path))
        assert (HELP in page, sentence in page) == (simple, simple), path


@pytest.mark.parametrize("simple", [True, False], ids=["simple", "normal"])
async def test_every_place_of_lauras_space(
    reader: Browser,
    laboratory: Laboratory,
    reports: Mapping[str, DemoDeposit],
    simple: bool,  # noqa: FBT001
) -> None:
    await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    await reader.sign_in(LAURA)
    if simple:
        await read_simply(reader)
    for path, sentence in PLACES.items():
        page = words(await reader.get(path))
        assert (HELP in page, sentence in page) == (simple, simple), path
    listed = (await reader.get("/documents")).text
    path = listed.split('class="rowlink" href="')[1].split('"', maxsplit=1)[0]
    for view, sentence in {path: "« À regarder ».", f"{path}/document": "« Résultats »."}.items():
        page = words(await reader.get(view))
        assert (HELP in page, sentence in page) == (simple, simple), view


async def test_the_whole_way_in(reader: Browser) -> None:
    await read_simply(reader)
    await activate(reader, JULIE, "julie.moreau")
    assert HELP in words(await reader.get("/bienvenue"))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("code", "Recopiez le code. Il a 12 lettres et chiffres."),
        ("numero", "Recopiez le numéro. Il a 13 chiffres, puis 2 chiffres."),
        ("carte", "Ce n’est pas le numéro de sécurité sociale."),
    ],
)
async def test_each_question_has_its_own_words(
    reader: Browser, question: str, sentence: str
) -> None:
    await read_simply(reader)
    await reader.post("/activer")
    assert sentence in words(await reader.get(f"/activer/question/{question}"))


async def test_refusing(reader: Browser) -> None:
    await read_simply(reader)
    await prove(reader, YANN, "/refuser")
    assert "Appuyez sur « Oui, je refuse »." in words(await reader.get("/refuser/confirmer"))
    assert place(await reader.post("/refuser/confirmer")) == "/refuser/fait"
    page = words(await reader.get("/refuser/fait"))
    assert "Appuyez sur « Télécharger mon justificatif »." in page


async def test_a_parent_reads_whose_dossier_it_is(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    await read_simply(karim)
    assert "C’est l’accueil du dossier de Lea." in words(await karim.get("/"))
    assert "« Partager le profil de Lea »." in words(await karim.get("/profils"))
    assert "vous voyez qui regarde le profil de Lea." in words(await karim.get("/profils/partage"))
    assert "« Non, garder ce profil »." in words(await karim.get("/compte/fermer"))


async def test_what_was_just_done_comes_before_the_help(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await read_simply(reader)
    page = words(await reader.get("/compte/notifications?fait=1"))
    assert page.index("C’est enregistré.") < page.index(HELP)


async def test_other_pages_have_none(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await read_simply(reader)
    for path in WITHOUT:
        assert HELP not in text_of(await reader.get(path)), path
