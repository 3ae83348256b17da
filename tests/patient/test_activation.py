"""Opening a space without a session, page by page."""

import asyncio
import re
from datetime import timedelta

import pytest
from httpx import Response
from litestar import Litestar

from backend.demo.people import JULIE, LAURA, MICHEL, NOE, YANN, Someone
from backend.domain.activation import ERASE_AFTER
from backend.domain.calendar import civil_day, in_years
from backend.domain.errors import NotFound
from backend.services import enrolment, limits
from backend.services.enrolment.ways import code_in_use
from backend.storage.accounts import Enrolment, ProvisionalCode
from backend.storage.db import utcnow
from backend.web.french import day
from tests.canaries import STRANGER
from tests.fixtures.application import client_of
from tests.newcomers import PASSWORD, activate, answer_questions, give_email, prove
from tests.pages import Browser, text_of
from tests.patient.changing import change, count, record_of, run

CONTACT = "/activer/contact"
NOBODY = STRANGER.traits.matricule
PAGES = (
    "/activer/question/code",
    "/activer/verifier",
    CONTACT,
    "/activer/preuve",
    "/activer/visibilite",
    "/activer/identifiants",
    "/refuser/confirmer",
    "/refuser/fait",
    "/refuser/justificatif",
)


def place(answer: Response) -> str:
    return str(answer.headers.get("location", ""))


async def test_julie_opens_her_space_and_is_in(reader: Browser) -> None:
    answer = await activate(reader, JULIE, "julie.moreau")
    assert (answer.status_code, place(answer)) == (303, "/bienvenue")
    welcome = await reader.get("/bienvenue")
    assert "C’est fait, Julie" in text_of(welcome)
    assert "Sur iPhone" in text_of(welcome)
    assert 'href="/compte/securite/cles"' in welcome.text
    assert 'rel="apple-touch-icon"' in welcome.text
    assert (await reader.get("/compte/securite/cles")).status_code == 200
    assert "Bonjour Julie" in text_of(await reader.get("/"))


async def test_she_comes_back_with_what_she_chose(app: Litestar, reader: Browser) -> None:
    await activate(reader, JULIE, "Julie.Moreau")
    again = Browser(app, client_of(app))
    await again.get("/connexion")
    answer = await again.post("/connexion", identifiant="julie.moreau", mot_de_passe=PASSWORD)
    assert place(answer) == "/connexion/code"


async def test_her_letter_opens_nothing_twice(app: Litestar, reader: Browser) -> None:
    await activate(reader, JULIE, "julie.moreau")
    again = Browser(app, client_of(app))
    answer = await prove(again, JULIE)
    assert answer.status_code == 422
    assert "ne vont pas ensemble" in text_of(answer)


async def test_both_channels_are_proved_one_after_the_other(reader: Browser) -> None:
    await prove(reader, JULIE)
    await give_email(reader, "julie@courriel.example", "06 39 98 01 88")
    assert (await reader.get("/activer/visibilite")).status_code == 200


async def test_nothing_after_the_contact_opens_before_it_is_proved(reader: Browser) -> None:
    await prove(reader, JULIE)
    await reader.post(CONTACT, email="julie@courriel.example", mobile="")
    for path in ("/activer/visibilite", "/activer/identifiants"):
        assert place(await reader.get(path)).startswith("/activer?fini"), path


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_opens_out_of_turn(reader: Browser, path: str) -> None:
    answer = await reader.get(path)
    if path == "/refuser/justificatif":
        assert answer.status_code == 404
    else:
        assert place(answer).startswith("/activer")


WRONG = {
    "the code": {"code": "2345 6789 ABCD"},
    "the card": {"carte": "40218835218"},
    "somebody else’s card": {"carte": LAURA.vitale},
    "somebody else’s number": {"numero": LAURA.traits.matricule},
    "a number of nobody": {"numero": NOBODY},
    "all": {"code": "2345 6789 ABCD", "carte": "12345678", "numero": NOBODY},
}


async def test_one_verdict_whatever_is_wrong(app: Litestar) -> None:
    verdicts = {}
    for name, wrong in WRONG.items():
        browser = Browser(app, client_of(app))
        answer = await prove(browser, JULIE, **wrong)
        verdicts[name] = (answer.status_code, text_of(answer))
    said = [text for _, text in verdicts.values()]
    assert {status for status, _ in verdicts.values()} == {422}
    assert all("ne vont pas ensemble" in text for text in said)
    for text in (JULIE.code, JULIE.vitale):
        assert all(text not in page for page in said)


async def test_tries_run_out_for_a_number_that_somebody_has_and_one_that_nobody_has(
    app: Litestar,
) -> None:
    for number in (JULIE.traits.matricule, NOBODY):
        seen = []
        for attempt in range(7):
            browser = Browser(app, client_of(app, f"192.0.2.{attempt}"))
            answer = await prove(browser, JULIE, code="2345 6789 ABCD", numero=number)
            seen.append(answer.status_code)
        assert seen == [422] * 5 + [429] * 2, number
    answer = await prove(Browser(app, client_of(app, "192.0.2.9")), JULIE)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


BAD = {
    "code": {"": "code", "7KXM": "12", "7KXM 4PQR 9TW…": "12"},
    "numero": {"": "numéro", "2 88 09 35 238 002 60": "15", "288093523800200": "clé"},
    "carte": {"": "série", "402": "chiffres", "abcdefghij": "chiffres"},
}


@pytest.mark.parametrize("question", [*BAD])
async def test_what_cannot_be_right_is_said_at_once_and_kept(
    reader: Browser, question: str
) -> None:
    await reader.get("/activer")
    await reader.post("/activer")
    path = f"/activer/question/{question}"
    for typed in BAD[question]:
        answer = await reader.post(path, **{question: typed})
        assert answer.status_code == 422, typed
        assert f'value="{typed}"' in answer.text
        assert 'aria-invalid="true"' in answer.text


async def test_spaces_and_small_letters_do_not_matter(reader: Browser) -> None:
    answer = await prove(
        reader,
        JULIE,
        code="7kxm-4pqr 9twb",
        numero="2 88 09 35 238 002 61",
        carte="402 1883 5217",
    )
    assert place(answer) == CONTACT


async def test_questions_come_in_any_order_and_all_are_needed(reader: Browser) -> None:
    await reader.get("/activer")
    await reader.post("/activer")
    await reader.post("/activer/question/carte", carte=JULIE.vitale)
    assert place(await reader.get("/activer/verifier")) == "/activer/question/code"
    assert place(await reader.post("/activer/verifier")) == "/activer/question/code"
    assert (await reader.get("/activer/question/rien")).status_code == 404


@pytest.mark.parametrize(
    ("email", "mobile", "says"),
    [
        ("", "", "ou les deux"),
        ("julie", "", "e-mail"),
        ("", "0639", "mobile"),
        ("", "+1 555", "06"),
    ],
)
async def test_a_contact_that_cannot_be_reached(
    reader: Browser, email: str, mobile: str, says: str
) -> None:
    await prove(reader, JULIE)
    answer = await reader.post(CONTACT, email=email, mobile=mobile)
    assert answer.status_code == 422
    assert says in text_of(answer)


async def test_an_address_is_corrected_and_the_first_code_is_dead(reader: Browser) -> None:
    await prove(reader, JULIE)
    await reader.post(CONTACT, email="faux@courriel.example", mobile="")
    first = await reader.code(to="faux@courriel.example")
    await reader.post(CONTACT, email="juste@courriel.example", mobile="")
    second = await reader.code(to="juste@courriel.example")
    answer = await reader.post("/activer/preuve", code=first if first != second else "000000")
    assert answer.status_code == 422
    assert place(await reader.post("/activer/preuve", code=second)) == "/activer/visibilite"


@pytest.mark.parametrize(
    "unreached",
    [
        {"email": "victim@courriel.example", "mobile": ""},
        {"email": "", "mobile": "06 39 98 01 88"},
    ],
    ids=["another address", "another channel"],
)
async def test_a_contact_that_no_code_reached_is_not_proved(
    reader: Browser, unreached: dict[str, str]
) -> None:
    """Too many codes have left: the one that waits went to the address before."""
    mine, code = {"email": "mine@courriel.example", "mobile": ""}, ""
    await prove(reader, JULIE)
    for _ in range(3):
        before = len(reader.app.state.outside.inbox.messages())
        assert place(await reader.post(CONTACT, **mine)) == "/activer/preuve"
        code = await reader.code(before, to=mine["email"])
    assert (await reader.post(CONTACT, **unreached)).status_code == 429
    said = await reader.post("/activer/preuve", code=code)
    assert said.status_code == 422
    assert "plus valable" in text_of(said)
    assert place(await reader.get("/activer/visibilite")) == "/activer?fini=1"


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("court", "12"),
        ("juliemoreau1988", "deviner"),
        ("motdepasse123", "deviner"),
        ("monespacesante", "deviner"),
        ("tournesol2024", "deviner"),
        ("correcthorsebatterystaple", "déjà été volé"),
        ("", "mot de passe"),
    ],
)
async def test_weak_passwords_are_refused_with_what_helps(
    reader: Browser, password: str, says: str
) -> None:
    await prove(reader, JULIE)
    await give_email(reader, "julie@courriel.example")
    answer = await reader.post(
        "/activer/identifiants", identifiant="julie.moreau", mot_de_passe=password
    )
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert 'value="julie.moreau"' in answer.text
    assert not password or password not in answer.text


async def test_an_identifier_that_is_taken(reader: Browser) -> None:
    await prove(reader, JULIE)
    await give_email(reader, "julie@courriel.example")
    answer = await reader.post(
        "/activer/identifiants", identifiant=LAURA.identifier, mot_de_passe=PASSWORD
    )
    assert answer.status_code == 422
    assert "identifiant" in text_of(answer)


async def test_a_letter_does_not_buy_a_list_of_identifiers(app: Litestar, reader: Browser) -> None:
    """Whether one is taken is told ten times; from other ways and addresses no more."""
    await prove(reader, JULIE)
    await give_email(reader, "julie@courriel.example")
    typed = {"identifiant": LAURA.identifier, "mot_de_passe": PASSWORD}
    said = [await reader.post("/activer/identifiants", **typed) for _ in range(11)]
    assert [answer.status_code for answer in said] == [422] * 10 + [429]
    assert int(said[-1].headers["retry-after"]) > 0
    assert "Trop d’essais" in text_of(said[-1])
    assert "pris" not in text_of(said[-1])
    again = Browser(app, client_of(app, "192.0.2.9"))
    await prove(again, JULIE)
    await run(app, "UPDATE challenge SET created_at = created_at - interval '1 minute'")
    await give_email(again, "julie.moreau@courriel.example")
    free = await again.post(
        "/activer/identifiants", identifiant="julie.moreau", mot_de_passe=PASSWORD
    )
    assert free.status_code == 429


async def test_several_letters_do_not_either(
    reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address counts too."""
    monkeypatch.setitem(limits.LIMITERS, "identifier-space", limits.LIMITERS["login-network"])
    await prove(reader, JULIE)
    await give_email(reader, "julie@courriel.example")
    typed = {"identifiant": LAURA.identifier, "mot_de_passe": PASSWORD}
    said = [await reader.post("/activer/identifiants", **typed) for _ in range(31)]
    assert [answer.status_code for answer in said] == [422] * 30 + [429]


async def test_two_who_take_the_same_identifier_at_once(app: Litestar) -> None:
    newcomers = []
    for someone in (JULIE, YANN):
        browser = Browser(app, client_of(app))
        await prove(browser, someone)
        await give_email(browser, f"{someone.key}@courriel.example")
        newcomers.append(browser)
    typed = {"identifiant": "le.meme.pour.deux", "mot_de_passe": PASSWORD}
    answers = await asyncio.gather(
        *(browser.post("/activer/identifiants", **typed) for browser in newcomers)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert "Cet identifiant est déjà pris" in text_of(refused)


async def test_everything_can_be_hidden_from_the_start(app: Litestar, reader: Browser) -> None:
    await prove(reader, JULIE)
    await give_email(reader, "julie@courriel.example")
    answer = await reader.post("/activer/visibilite", visibilite="ni l’un ni l’autre")
    assert answer.status_code == 422
    await reader.post("/activer/visibilite", visibilite="masques")
    await reader.post("/activer/identifiants", identifiant="julie.moreau", mot_de_passe=PASSWORD)
    assert (await record_of(app, JULIE)).mask_all


async def test_a_minor_is_led_to_a_parent(app: Litestar, reader: Browser) -> None:
    young = await change_into_newcomer(app, NOE)
    answer = await prove(reader, young)
    assert "Demandez à votre parent" in text_of(answer)
    assert await count(app, Enrolment) <= 1
    assert place(await reader.get(CONTACT)).startswith("/activer")


async def change_into_newcomer(app: Litestar, child: Someone) -> Someone:
    """Noé has got hold of Julie’s letter, and her space says that he is sixteen."""
    born = child.minor_until
    record = await record_of(app, JULIE)
    await change(app, record, minor_until=born)
    return JULIE


async def test_who_is_active_already_is_led_to_sign_in(app: Litestar, reader: Browser) -> None:
    record = await record_of(app, LAURA)
    code = await count(app, ProvisionalCode)
    assert code == 3
    await give_code(app, JULIE, LAURA)
    assert record.state == "actif"
    answer = await prove(reader, LAURA, code=JULIE.code)
    assert "Vous avez déjà un espace" in text_of(answer)


async def give_code(app: Litestar, of: Someone, to: Someone) -> None:
    """The letter of one person becomes the other’s."""
    (source, target) = (await record_of(app, of), await record_of(app, to))
    async with app.state.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE provisional_code SET record_id = %s WHERE record_id = %s",
            (target.id, source.id),
        )


async def test_an_opposed_space_leads_to_its_reopening(reader: Browser) -> None:
    assert place(await prove(reader, MICHEL)) == CONTACT


async def test_whoever_refused_chooses_who_may_see_as_anybody_new(
    app: Litestar, reader: Browser
) -> None:
    """They had neither an identifier nor a choice: nothing of before to take up again."""
    await prove(reader, MICHEL)
    await give_email(reader, "michel@courriel.example")
    assert (await reader.get("/activer/visibilite")).status_code == 200
    await reader.post("/activer/visibilite", visibilite="masques")
    page = text_of(await reader.get("/activer/identifiants"))
    assert "Les documents d’avant votre refus reviendront." in page
    assert "Un nouveau mot de passe" not in page
    assert "Vous pouvez reprendre le même identifiant" not in page
    answer = await reader.post(
        "/activer/identifiants", identifiant="michel.lefevre", mot_de_passe=PASSWORD
    )
    assert place(answer) == "/bienvenue"
    record = await record_of(app, MICHEL)
    assert (record.state, record.mask_all) == ("actif", True)


async def test_the_token_changes_when_the_secrets_are_proved(reader: Browser) -> None:
    await answer_questions(reader, JULIE)
    before = dict(reader.client.cookies)
    await reader.post("/activer/verifier")
    after = dict(reader.client.cookies)
    assert {n for n in before if before[n] != after.get(n)} >= {"parcours"}


async def test_a_way_ends_after_an_hour(app: Litestar, reader: Browser) -> None:
    await prove(reader, JULIE)
    async with app.state.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE enrolment SET ends_at = %s", (utcnow(),))
    answer = await reader.get(CONTACT)
    assert place(answer) == "/activer?fini=1"
    assert "Vous pouvez recommencer" in text_of(await reader.get(place(answer)))


# --- refusing


async def refuse(reader: Browser, someone: Someone) -> Response:
    assert place(await prove(reader, someone, "/refuser")) == "/refuser/confirmer"
    await reader.get("/refuser/confirmer")
    return await reader.post("/refuser/confirmer")


@pytest.mark.parametrize("someone", [YANN, JULIE], ids=["during six weeks", "after"])
async def test_refusing_gives_a_paper(reader: Browser, someone: Someone) -> None:
    assert place(await refuse(reader, someone)) == "/refuser/fait"
    assert "Votre refus est enregistré" in text_of(await reader.get("/refuser/fait"))
    paper = await reader.get("/refuser/justificatif")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert "attachment" in paper.headers["content-disposition"]


async def test_what_was_filed_before_a_refusal_is_kept_ten_years_or_erased_in_a_month(
    app: Litestar, reader: Browser
) -> None:
    today = civil_day(utcnow())
    for someone, choice, until in (
        (YANN, "garder", in_years(today, 10)),
        (JULIE, "effacer", civil_day(utcnow() + ERASE_AFTER)),
    ):
        browser = Browser(app, client_of(app))
        assert place(await prove(browser, someone, "/refuser")) == "/refuser/confirmer"
        asked = text_of(await browser.get("/refuser/confirmer"))
        assert "Les garder, fermés à clé" in asked
        assert place(await browser.post("/refuser/confirmer", choix=choice)) == "/refuser/fait"
        record = await record_of(app, someone)
        assert (record.state, record.erase_on) == ("oppose", until)
        assert record.erasure_asked is (choice == "effacer")
        assert day(until) in text_of(await browser.get("/refuser/fait"))
        assert (await browser.get("/refuser/justificatif")).content.startswith(b"%PDF-")


async def test_refusing_needs_no_contact_and_opens_no_session(reader: Browser) -> None:
    await refuse(reader, YANN)
    assert place(await reader.get("/")).startswith("/connexion")


async def test_a_refused_space_is_refused_once(app: Litestar, reader: Browser) -> None:
    await refuse(reader, YANN)
    again = await reader.post("/refuser/confirmer")
    assert again.status_code == 303
    assert (await record_of(app, YANN)).state == "oppose"
    other = Browser(app, client_of(app))
    assert (await prove(other, YANN, "/refuser")).status_code == 422


OPENING = {
    CONTACT: {"email": "mallory@courriel.example", "mobile": ""},
    "/activer/preuve": {"code": "000000"},
    "/activer/renvoyer": {},
    "/activer/visibilite": {"visibilite": "visibles"},
    "/activer/identifiants": {"identifiant": "mallory.was.here", "mot_de_passe": PASSWORD},
}


@pytest.mark.parametrize("done", [True, False], ids=["refused", "about to refuse"])
async def test_a_refusal_opens_nothing_for_whoever_sits_down_next(
    app: Litestar, reader: Browser, *, done: bool
) -> None:
    """Julie refuses on a shared computer; the cookie of her visit is still there."""
    assert place(await prove(reader, JULIE, "/refuser")) == "/refuser/confirmer"
    cookies = dict(reader.client.cookies)
    if done:
        await reader.post("/refuser/confirmer")
    for path, typed in OPENING.items():
        if path != "/activer/renvoyer":
            assert place(await reader.get(path)) == "/activer?fini=1", path
            reader.client.cookies.update(cookies)
        assert place(await reader.post(path, **typed)) == "/activer?fini=1", path
        reader.client.cookies.update(cookies)
    assert (await record_of(app, JULIE)).state == ("oppose" if done else "ouvert")
    assert place(await reader.post("/refuser/confirmer")) == "/refuser/fait"
    assert "Votre refus est enregistré" in text_of(await reader.get("/refuser/fait"))
    assert (await reader.get("/refuser/justificatif")).content.startswith(b"%PDF-")


async def test_a_refusal_opens_nothing_even_past_its_pages(app: Litestar, reader: Browser) -> None:
    """The service itself, with channels that look proved and a code that has served."""
    await refuse(reader, JULIE)
    token = reader.client.cookies["parcours"]
    async with app.state.sessions.begin() as db:
        way = await enrolment.find(db, token)
        assert way
        await enrolment.keep(db, way, email="m@courriel.example", email_proved=True)
    done = await enrolment.finish(
        app.state.sessions,
        token,
        identifier="mallory.was.here",
        password=PASSWORD,
        breaches=app.state.outside.breaches,
        browser="",
        address="192.0.2.1",
        lasts=timedelta(hours=1),
    )
    assert done is None
    async with app.state.sessions.begin() as db:
        with pytest.raises(NotFound):
            await code_in_use(db, way)
    assert (await record_of(app, JULIE)).state == "oppose"


async def test_an_active_space_is_closed_rather_than_refused(
    app: Litestar, reader: Browser
) -> None:
    await give_code(app, JULIE, LAURA)
    answer = await prove(reader, LAURA, "/refuser", code=JULIE.code)
    assert "Fermer mon espace" in text_of(answer)


# --- another code


async def another(reader: Browser, someone: Someone, channel: str, **other: str) -> Response:
    await reader.get("/activer/nouveau-code")
    typed = {"numero": someone.traits.matricule, "carte": someone.vitale, "canal": channel}
    return await reader.post("/activer/nouveau-code", **typed | other)


async def test_another_code_goes_to_what_is_on_file(app: Litestar, reader: Browser) -> None:
    answer = await another(reader, JULIE, "email")
    assert "un code est parti par e-mail" in text_of(answer)
    code = await letter_code(reader, "julie.moreau@courriel.example")
    assert (await prove(Browser(app, client_of(app)), JULIE)).status_code == 422
    answer = await prove(Browser(app, client_of(app)), JULIE, code=code)
    assert place(answer) == CONTACT


async def test_a_code_that_is_over_is_a_wrong_one_and_another_opens(app: Litestar) -> None:
    """Its end is not told; another leaves for what is on file, and opens the space."""
    first, late, asking = (Browser(app, client_of(app)) for _ in range(3))
    wrong = await prove(first, JULIE, code="2345 6789 ABCD")
    await run(app, "DELETE FROM rate_limit")
    await run(app, "UPDATE provisional_code SET expires_at = now() - interval '1 second'")
    over = await prove(late, JULIE)
    assert (over.status_code, wrong.status_code) == (422, 422)
    assert text_of(over).replace("9TWB", "ABCD") == text_of(wrong), "but for what was typed"
    answer = await another(asking, JULIE, "email")
    assert "un code est parti par e-mail" in text_of(answer)
    code = await letter_code(asking, "julie.moreau@courriel.example")
    await late.get("/activer/question/code")
    await late.post("/activer/question/code", code=code)
    assert place(await late.post("/activer/verifier")) == CONTACT


async def letter_code(reader: Browser, to: str) -> str:
    for _ in range(200):
        for message in reader.app.state.outside.inbox.messages():
            found = re.search(r"\b[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}\b", message.text)
            if message.to == to and found:
                return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no letter came")


async def test_nobody_learns_whether_somebody_has_this_number(app: Litestar) -> None:
    pages = []
    for wrong in ({}, {"carte": "12345678"}, {"numero": NOBODY}):
        reader = Browser(app, client_of(app))
        pages.append(text_of(await another(reader, JULIE, "email", **wrong)))
    assert len(set(pages)) == 1


@pytest.mark.parametrize("channel", ["", "pigeon"])
async def test_another_code_says_how_it_should_come(reader: Browser, channel: str) -> None:
    answer = await another(reader, JULIE, channel)
    assert answer.status_code == 422
    assert "Choisissez comment recevoir le code." in text_of(answer)


async def test_another_code_is_not_a_machine_gun(reader: Browser) -> None:
    statuses = [(await another(reader, JULIE, "email")).status_code for _ in range(6)]
    assert 429 in statuses
