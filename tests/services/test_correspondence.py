"""Letters of professionals outside to Laura’s own address: real SMTP to the operator, real IMAP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from typing import Any

import aiosmtplib
import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.app import create_app
from backend.demo.mssante import Behaviour, Network
from backend.demo.people import JULIE, LAURA, MARTIN, MICHEL
from backend.domain.dispatches import citizen_address
from backend.domain.errors import Unavailable
from backend.jobs.dispatching import read_mailbox
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.services.conversations import sending
from backend.settings import Worker
from backend.storage.conversations import Conversation, Enclosure, answer_key
from backend.storage.conversations import Message as Written
from backend.storage.db import vault_of
from backend.storage.traces import Trace
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.gateways import pdf_files
from tests.pages import Browser, text_of

HERS = citizen_address(LAURA.traits.matricule)
TABLES = ("conversation_mark", "enclosure", "message", "conversation", "refused_mail", "outbox")
PAGE = "/messages"


@pytest.fixture(scope="module")
async def opened(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Litestar]:
    """The application without its worker: nothing leaves, nothing is read, until `work`."""
    url = databases.copy(world_template)
    settings = settings_for(url, tmp_path_factory.mktemp("letters"))
    app = create_app(replace(settings, worker=Worker.EXTERNAL))
    async with running(app):
        yield app
    databases.drop(url)


@pytest.fixture
async def app(opened: Litestar) -> Litestar:
    async with opened.state.engine.begin() as connection:
        for table in (*TABLES, "notice", "care_link", "rate_limit"):
            await connection.execute(text(f"DELETE FROM {table}"))
        await connection.execute(text("UPDATE record SET messages_refused = false"))
    near = network(opened)
    near.taken, near.boxes, near.behaviours = [], {}, {}
    return opened


def network(app: Litestar) -> Network:
    found: Network = app.state.near.network
    return found


def letter(words: str = "Bonjour, prenez rendez-vous.", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {
        "From": f"Dr Paul Martin <{MARTIN.mailbox}>",
        "To": HERS,
        "Subject": "Votre rendez-vous",
        "Message-ID": "<un@medecins.mssante.example>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        if value:
            mail[name] = value
    mail.set_content(words)
    return mail


async def send(app: Litestar, mail: EmailMessage) -> None:
    """As the software of a professional does, through the operator; then ours reads its mailbox."""
    mssante = app.state.near.mssante
    await aiosmtplib.send(
        mail.as_bytes(),
        sender=MARTIN.mailbox,
        recipients=str(mail["To"]).split(", ")[:1],
        hostname=mssante.host,
        port=mssante.port,
        start_tls=False,
        use_tls=False,
    )
    await read(app)


async def read(app: Litestar) -> None:
    await read_mailbox(app.state.sessions, app.state.outside.mailbox, app.state.outside)


async def work(app: Litestar) -> None:
    """What is promised to the operator, then what comes back."""
    async with app.state.engine.begin() as connection:
        await connection.execute(text("DELETE FROM outbox WHERE dedupe_key NOT LIKE 'dispatch/%'"))
    handlers = make_handlers(app.state.outside, app.state.letters, app.state.policy)
    while await do_one(app.state.sessions, handlers):
        pass
    await read(app)


async def laura(app: Litestar) -> Browser:
    """Signed in; the worker sends her code."""
    browser = Browser(app, client_of(app))
    await browser.get("/connexion")
    before = len(app.state.outside.inbox.messages())
    await browser.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
    await browser.get("/connexion/code")
    handlers = make_handlers(app.state.outside, app.state.letters, app.state.policy)
    while await do_one(app.state.sessions, handlers):
        pass
    answer = await browser.post("/connexion/code", code=await browser.code(before))
    assert answer.status_code == 303
    return browser


async def all_of(app: Litestar, kind: type[Any]) -> list[Any]:
    async with app.state.sessions() as db:
        return [*await db.scalars(select(kind))]


def bytes_of(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def received(app: Litestar, whose: str = MARTIN.mailbox) -> list[Message]:
    """By the professional, in their own mailbox."""
    return [message_from_bytes(kept.raw) for kept in network(app).of(whose)]


async def test_a_letter_becomes_a_conversation_that_she_answers_until_its_end(
    app: Litestar,
) -> None:
    browser = await laura(app)
    mail = letter(References="<zero@medecins.mssante.example>")
    mail.add_attachment(
        pdf_files.report(1), maintype="application", subtype="pdf", filename="ordonnance.pdf"
    )
    mail.add_attachment(b"MZ", maintype="application", subtype="zip", filename="IHE_XDM.zip")
    await send(app, mail)
    await send(app, mail)  # once more, as after a crash
    (one,) = await all_of(app, Conversation)
    path = f"{PAGE}/{one.id}"
    shown = text_of(await browser.get(path))
    for words in ("Dr Paul Martin", MARTIN.mailbox, "prenez rendez-vous", "ordonnance"):
        assert words in shown, words
    assert "Non repris ici : IHE_XDM.zip" in shown
    assert len(await all_of(app, Enclosure)) == 1
    answer = await browser.send(path, ("note.txt", b"Mardi matin."), texte="Mardi me convient.")
    assert answer.status_code == 303, text_of(answer)
    assert "En cours d’envoi" in text_of(await browser.get(path))
    await work(app)
    (got,) = received(app)
    assert got["From"] == f"Laura Bernard <{HERS}>"
    assert (got["To"], got["Subject"]) == (MARTIN.mailbox, "Re: Votre rendez-vous")
    assert got["In-Reply-To"] == mail["Message-ID"]
    assert got["References"] == f"<zero@medecins.mssante.example> {mail['Message-ID']}"
    parts = {part.get_content_type(): bytes_of(part) for part in got.walk()}
    assert b"Mardi me convient." in parts["text/plain"]
    assert parts["application/pdf"].startswith(b"%PDF-")
    assert "Ouvert" in text_of(await browser.get(path))
    again = letter(
        "Très bien, à mardi.",
        Message_ID="<deux@medecins.mssante.example>",
        In_Reply_To=str(got["Message-ID"]),
    )
    await send(app, again)
    end = {"Subject": "[FIN]", "Message_ID": "<trois@medecins.mssante.example>"}
    await send(app, letter("", **end, From="Dr Petit <hugo.petit@pharmaciens.mssante.example>"))
    (one,) = await all_of(app, Conversation)
    assert (one.messages, one.state.value) == (3, "ouverte")
    await send(app, letter("", **end, In_Reply_To=str(got["Message-ID"])))
    (one,) = await all_of(app, Conversation)
    assert (one.messages, one.state.value) == (3, "fermee")
    assert "a mis fin à vos échanges" in text_of(await browser.get(path))
    late = await browser.send(path, texte="Encore", profil=str(one.record_id))
    assert late.status_code == 422
    async with app.state.sessions() as db:
        lines = select(Trace.action).where(Trace.thing_id == one.id, Trace.actor_kind == "Robot")
        assert {*await db.scalars(lines)} == {
            *("conversation:receive", "conversation:send", "conversation:follow"),
            "conversation:close",
        }


async def test_an_answer_that_does_not_arrive_is_said_in_words(app: Litestar) -> None:
    browser = await laura(app)
    await send(app, letter())
    (one,) = await all_of(app, Conversation)
    for behaviour, words in (
        (Behaviour.BOUNCE, "Cette adresse MSSanté n’existe pas"),
        (Behaviour.FULL, "Cette boîte est pleine"),
    ):
        network(app).behave(MARTIN.mailbox, behaviour)
        answer = await browser.send(f"{PAGE}/{one.id}", texte="Bonjour")
        assert answer.status_code == 303
        await work(app)
        shown = text_of(await browser.get(f"{PAGE}/{one.id}"))
        assert "Pas arrivé" in shown
        assert words in shown


REFUSED = {
    "nobody": {"To": "299999999999942@patient.mssante.fr"},
    "never came in": {"To": citizen_address(JULIE.traits.matricule)},
    "refused": {"To": citizen_address(MICHEL.traits.matricule)},
    "two people": {"To": f"{HERS}, {citizen_address(JULIE.traits.matricule)}"},
}


@pytest.mark.parametrize("who", [*REFUSED, "opposed", "blocked"])
async def test_whoever_it_is_not_for_the_sender_reads_the_same_words(
    app: Litestar, who: str
) -> None:
    async with app.state.engine.begin() as connection:
        if who == "opposed":
            await connection.execute(text("UPDATE record SET messages_refused = true"))
        if who == "blocked":
            await connection.execute(
                text(
                    "INSERT INTO care_link (id, record_id, professional_id, in_team, informed,"
                    " objected, blocked, treating) SELECT gen_random_uuid(), r.id, p.id, false,"
                    " false, false, true, false FROM record r, professional p"
                    " WHERE p.national_id = :number AND r.state = 'actif'"
                ),
                {"number": MARTIN.person.national_id},
            )
    await send(app, letter(**REFUSED.get(who, {})))
    await work(app)
    assert await all_of(app, Conversation) == []
    (told,) = received(app)
    assert told["Auto-Submitted"] == "auto-replied"
    assert told["In-Reply-To"] == "<un@medecins.mssante.example>"
    said = bytes_of(told).decode()
    assert "n’a pas pu être remis à cette personne" in said
    assert not any(one in said for one in ("bloqu", "espace", "oppos", "ferm"))


STRANGERS = {
    "outside the network": {"From": "Paul <paul@gmail.example>"},
    "another patient": {"From": citizen_address(JULIE.traits.matricule)},
    "two people": {"From": f"{MARTIN.mailbox}, hugo.petit@pharmaciens.mssante.example"},
    "ourselves": {"From": "reperes@applications.mssante.example"},
    "a machine": {"To": citizen_address(JULIE.traits.matricule), "Auto_Submitted": "auto-replied"},
}


@pytest.mark.parametrize("who", STRANGERS)
async def test_who_is_no_professional_of_the_network_gets_nothing_not_even_an_answer(
    app: Litestar, who: str
) -> None:
    await send(app, letter(**STRANGERS[who]))
    await work(app)
    assert await all_of(app, Conversation) == []
    assert received(app) == []
    assert await all_of(app, Written) == []


AWAY = (
    {"Precedence": "bulk"},
    {"X_Auto_Response_Suppress": "All"},
    {"Return_Path": "<>"},
    {"Auto_Submitted": "auto-generated; owner-email=a@b.example"},
)


async def test_what_answers_by_itself_is_never_answered_and_nobody_is_for_ever(
    app: Litestar,
) -> None:
    nobody = {"To": citizen_address(JULIE.traits.matricule)}
    for number, away in enumerate(AWAY):
        await send(app, letter(**nobody, **away, Message_ID=f"<away{number}@m.example>"))
    await work(app)
    assert received(app) == []
    for number in range(8):
        await send(app, letter(**nobody, Message_ID=f"<wrong{number}@m.example>"))
        await work(app)
    assert len(received(app)) == 5
    async with app.state.sessions.begin() as db:
        assert await sending.forget_refused(db) == 0
        await db.execute(text("UPDATE refused_mail SET at = at - interval '31 days'"))
        assert await sending.forget_refused(db) == 5


async def test_while_files_cannot_be_looked_at_a_letter_waits_a_day(
    app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(_content: bytes) -> None:
        raise Unavailable

    def carrying(name: str) -> EmailMessage:
        mail = letter(Message_ID=f"<{name}@medecins.mssante.example>")
        mail.add_attachment("Bonjour", filename=f"{name}.txt")
        return mail

    box = network(app)
    with monkeypatch.context() as patch:
        patch.setattr(app.state.outside.antivirus, "scan", down)
        await send(app, carrying("attend"))
        assert await all_of(app, Conversation) == []
        (kept,) = [mail for mail in box.of(box.ours) if not mail.seen]
        await read(app)
        assert not kept.seen
    await read(app)
    assert kept.seen
    assert len(await all_of(app, Enclosure)) == 1
    with monkeypatch.context() as patch:
        patch.setattr(app.state.outside.antivirus, "scan", down)
        box.deliver(box.ours, carrying("tard").as_bytes())
        box.of(box.ours)[-1].at -= timedelta(days=2)
        await read(app)
    assert len(await all_of(app, Conversation)) == 2
    assert len(await all_of(app, Enclosure)) == 1


async def test_an_answer_that_is_leaving_keeps_nobody_waiting_and_is_given_up_in_the_end(
    app: Litestar,
) -> None:
    browser = await laura(app)
    await send(app, letter())
    (one,) = await all_of(app, Conversation)
    path = f"{PAGE}/{one.id}"
    assert (await browser.send(path, texte="Bonjour")).status_code == 303
    (mine,) = [each for each in await all_of(app, Written) if each.sent]
    again = letter(
        In_Reply_To=f"<{await key_of_answer(app, mine)}@applications.mssante.example>",
        Message_ID="<deux@medecins.mssante.example>",
    )
    async with app.state.sessions.begin() as db:
        assert await sending.prepare(db, app.state.outside.files, mine.id) is not None
        async with asyncio.timeout(15):
            assert "En cours d’envoi" in text_of(await browser.get(path))
            await send(app, again)
        async with app.state.sessions.begin() as other:
            await other.execute(text("SET lock_timeout = '2s'"))
            assert await sending.give_up_lost(other) == 0
    assert [each.messages for each in await all_of(app, Conversation)] == [3]
    async with app.state.sessions.begin() as db:
        assert await sending.give_up_lost(db) == 0
        await db.execute(text("UPDATE message SET at = at - interval '49 hours'"))
    async with app.state.sessions.begin() as db:
        assert await sending.give_up_lost(db) == 1
    assert "Pas arrivé" in text_of(await browser.get(path))


async def key_of_answer(app: Litestar, message: Written) -> str:
    async with app.state.sessions() as db:
        return answer_key(vault_of(db), message.id)


HEAD = f"From: {MARTIN.mailbox}\r\nTo: {HERS}\r\nSubject: Bonjour\r\n"
HOSTILE = {
    "a million headers": "X: y\r\n" * 1_000_000 + "\r\nBonjour",
    "parts in parts": "".join(
        f"Content-Type: multipart/mixed; boundary={n}\r\n\r\n--{n}\r\n" for n in range(2_000)
    ),
    "a codec that is none": "Content-Type: text/plain; charset=rot13\r\n\r\nBonjour",
    "a codec that unpacks": "Content-Type: text/plain; charset=zip\r\n\r\nBonjour",
    "a page without an end": "Content-Type: text/html\r\n\r\n" + "<!--<script><a " * 10_000,
    "no body": "",
    "a lone surrogate": "Subject: =?utf-8?b?7aCA?=\r\n\r\n\ud800".replace("\ud800", "\x00"),
}


async def test_a_hostile_mail_never_keeps_the_next_one_away(app: Litestar) -> None:
    box = network(app)
    for words in HOSTILE.values():
        box.deliver(box.ours, (HEAD + words).encode())
    await send(app, letter("<script>alert(1)</script> & bonjour", Subject="Après l’orage"))
    assert all(mail.seen for mail in box.of(box.ours))
    browser = await laura(app)
    listed = await browser.get(PAGE)
    rows = listed.text.split('class="rowlink" href="')[1:]
    (path,) = [row.partition('"')[0] for row in rows if "Après l’orage" in row]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; bonjour" in (await browser.get(path)).text


async def test_a_page_is_reduced_to_its_words(app: Litestar) -> None:
    mail = letter()
    mail.set_content(
        "<html><head><title>T</title><style>p{}</style></head><body><p>Bonjour,</p>"
        "<script>alert(1)</script><p>Venez <b>lundi</b> &amp; mardi.<br>Merci<!-- x --></p>",
        subtype="html",
    )
    await send(app, mail)
    browser = await laura(app)
    (one,) = await all_of(app, Conversation)
    shown = await browser.get(f"{PAGE}/{one.id}")
    assert "Bonjour,\n\nVenez lundi &amp; mardi.\nMerci" in shown.text
    assert "alert(1)" not in shown.text
