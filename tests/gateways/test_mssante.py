"""MSSanté over real sockets: TLS with certificates, each failure, the mailbox, the directory."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme

from backend.demo.mssante import Behaviour, Neighbours, open_network
from backend.domain.dispatches.listed import Asked, Listed
from backend.domain.dispatches.mailboxes import BoxKind
from backend.domain.errors import Unavailable
from backend.domain.formats.mail import DeliveryReport, ReadReceipt, read_mail
from backend.domain.reports import Person
from backend.gateways import annuaire as directory
from backend.gateways import mailbox
from backend.gateways import mssante as sending
from backend.gateways.annuaire import AnnuaireSante
from backend.gateways.delivery import PermanentFailure
from backend.gateways.mailbox import Mailbox
from backend.gateways.mssante import Attachment, MssanteMailer, NoMssante, Rejected, SecureMail
from backend.settings import Mssante

PAUL = "paul.martin@medecins.mssante.example"
RPPS = "899700012345"
MAIL = SecureMail(
    to=PAUL,
    subject="XDM/1.0/DDM+CR d'examens biologiques BERNARD LAURA",
    text="Bonjour,\n\n.Voici l’essai.\n",
    message_id="5f3a" * 10,
    at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    reply_to="resultats@estuaire.mssante.example",
    type_codes=("11502-2",),
    attachments=(
        Attachment("IHE_XDM.zip", "application/zip", b"PK-zip"),
        Attachment("20261123_CR.pdf", "application/pdf", b"%PDF-1.7"),
    ),
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A client’s certificate and the authority of the operator, as an operator gives them."""
    folder = tmp_path_factory.mktemp("igc")
    paths = {name: str(folder / f"{name}.pem") for name in ("certificate", "key", "authority")}
    ours = authority.issue_cert("repères.example".encode("idna").decode())
    Path(paths["certificate"]).write_bytes(b"".join(pem.bytes() for pem in ours.cert_chain_pems))
    ours.private_key_pem.write_to_path(paths["key"])
    authority.cert_pem.write_to_path(paths["authority"])
    return paths


@pytest.fixture
async def near() -> AsyncIterator[Neighbours]:
    async with open_network({RPPS: [PAUL]}) as opened:
        yield opened


def strict(authority: trustme.CA) -> ssl.SSLContext:
    """An operator that wants to see a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def taken(near: Neighbours) -> list[object]:
    """What is read in our mailbox, once."""
    found: list[object] = []

    async def take(raw: bytes, _came: datetime) -> None:
        found.append(read_mail(raw))

    await Mailbox(near.mssante).visit(take)
    return found


async def test_a_mail_travels_as_the_network_wants_it_and_is_answered(near: Neighbours) -> None:
    await MssanteMailer(near.mssante).send(MAIL)
    (kept,) = near.network.of(PAUL)
    mail = message_from_bytes(kept.raw, _class=EmailMessage, policy=default)
    assert mail["Subject"] == MAIL.subject
    assert mail["Message-ID"] == f"<{MAIL.message_id}@applications.mssante.example>"
    assert mail["Disposition-Notification-To"] == near.mssante.sender == mail["From"]
    assert (mail["Reply-To"], mail["X-MSS-CODECDA"], mail["X-MSS-INS"]) == (
        MAIL.reply_to,
        "11502-2",
        "O",
    )
    assert mail["X-MSS-NIL"]
    assert mail["X-MSS-MES"] is None
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.text
    assert [(one.get_filename(), one.get_content()) for one in mail.iter_attachments()] == [
        (one.name, one.content) for one in MAIL.attachments
    ]
    delivered, read = await taken(near)
    assert isinstance(delivered, DeliveryReport)
    assert delivered.message_keys[0] == MAIL.message_id  # the ENVID came back
    assert isinstance(read, ReadReceipt)
    assert await taken(near) == []


async def test_the_same_promise_gives_the_same_bytes(near: Neighbours) -> None:
    for _ in range(2):
        await MssanteMailer(near.mssante).send(MAIL)
    first, second = near.network.of(PAUL)
    assert first.raw == second.raw


@pytest.mark.parametrize(
    ("behaviour", "code"), [(Behaviour.UNKNOWN, "550 5.1.1"), (Behaviour.FULL, "552 5.2.2")]
)
async def test_a_refusal_for_good_gives_its_numbers(
    near: Neighbours, behaviour: Behaviour, code: str
) -> None:
    near.network.behave(PAUL, behaviour)
    with pytest.raises(Rejected) as refusal:
        await MssanteMailer(near.mssante).send(MAIL)
    assert refusal.value.code == code
    assert near.network.taken == []


@pytest.mark.parametrize("behaviour", [Behaviour.LATER, Behaviour.HANG_UP])
async def test_a_failure_that_may_pass_is_to_be_tried_again(
    near: Neighbours, behaviour: Behaviour
) -> None:
    near.network.behave(PAUL, behaviour)
    with pytest.raises(Unavailable):
        await MssanteMailer(near.mssante).send(MAIL)


@asynccontextmanager
async def operator(
    near: Neighbours, **hesitates: float
) -> AsyncIterator[tuple[Mssante, list[str]]]:
    """One that answers a word after so many seconds, and what it was told."""
    told: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.decode().strip()[:4].upper()
            if word == "DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            told.append(word)
            await asyncio.sleep(hesitates.get(word, 0.0))
            writer.write(b"221 bye\r\n" if word == "QUIT" else b"250 fine\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield replace(near.mssante, port=server.sockets[0].getsockname()[1]), told


async def test_when_the_time_is_over_nothing_more_is_said(
    near: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 1.0)
    async with operator(near, EHLO=0.4, MAIL=0.4, RCPT=0.4) as (mssante, told):
        with pytest.raises(Unavailable):
            await MssanteMailer(mssante).send(MAIL)
    assert "QUIT" not in told


async def test_what_was_taken_stays_so_when_nobody_says_good_bye(
    near: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 3.0)
    monkeypatch.setattr(sending, "GOODBYE", 0.1)
    async with operator(near, EHLO=1.0, DATA=1.0, QUIT=1.4) as (mssante, told):
        await MssanteMailer(mssante).send(MAIL)
    assert told[-2:] == ["DATA", "QUIT"]


async def test_nobody_listening_is_to_be_tried_again(near: Neighbours) -> None:
    shut = replace(near.mssante, port=1, imap_port=1)
    with pytest.raises(Unavailable):
        await MssanteMailer(shut).send(MAIL)
    with pytest.raises(Unavailable):
        await Mailbox(shut).visit(lambda _raw, _came: None)  # type: ignore[arg-type, return-value]


async def test_nothing_leaves_the_espace_de_confiance(near: Neighbours) -> None:
    for address in ("laura@courriel.example", "a@mssante.fr.evil.example", ""):
        with pytest.raises(PermanentFailure):
            await MssanteMailer(near.mssante).send(replace(MAIL, to=address))
    with pytest.raises(Rejected):
        await NoMssante().send(MAIL)
    assert near.network.taken == []


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "a\r\nBcc: x@y.mssante.fr"},
        {"message_id": "x>\r\nBcc: y"},
        {"text": "a\x00b"},
        {"attachments": (Attachment("a\r\nb", "text/plain", b""),)},
    ],
)
async def test_nothing_is_smuggled_into_a_header(
    near: Neighbours, change: dict[str, object]
) -> None:
    with pytest.raises(PermanentFailure):
        await MssanteMailer(near.mssante).send(replace(MAIL, **change))  # type: ignore[arg-type]
    assert near.network.taken == []


@pytest.mark.parametrize("where", ["a@b.mssante.fr, c@d.fr", "labo@courriel.example", "x\r\ny"])
async def test_an_answer_never_goes_outside(near: Neighbours, where: str) -> None:
    await MssanteMailer(near.mssante).send(replace(MAIL, reply_to=where))
    ((_, raw),) = near.network.taken
    assert message_from_bytes(raw)["Reply-To"] is None


async def test_too_large_a_mail_loses_its_pdf_then_does_not_leave(near: Neighbours) -> None:
    small = replace(near.mssante, largest=10)
    assert [one.name for one in MAIL.within(10).attachments] == ["IHE_XDM.zip"]
    await MssanteMailer(small).send(MAIL.within(10))
    with pytest.raises(Rejected) as refusal:
        await MssanteMailer(replace(small, largest=3)).send(MAIL.within(3))
    assert refusal.value.code == "too-large"


async def test_both_sides_show_a_certificate(authority: trustme.CA, files: dict[str, Any]) -> None:
    async with open_network(tls=strict(authority), host="localhost", **files) as near:
        await MssanteMailer(near.mssante).send(MAIL)
        assert len(await taken(near)) == 2


async def test_without_our_certificate_or_theirs_nothing_is_sent(
    authority: trustme.CA, files: dict[str, Any]
) -> None:
    async with open_network(tls=strict(authority), host="localhost", **files) as near:
        anonymous = replace(near.mssante, certificate="", key="")
        trusting_others = replace(near.mssante, authority="")
        for mssante in (anonymous, trusting_others):
            with pytest.raises(Unavailable):
                await MssanteMailer(mssante).send(MAIL)
            with pytest.raises(Unavailable):
                await Mailbox(mssante).visit(lambda _raw, _came: None)  # type: ignore[arg-type, return-value]
        assert near.network.taken == []


async def test_a_mail_is_seen_only_once_it_was_taken(near: Neighbours) -> None:
    near.network.deliver(near.mssante.sender, b"Subject: a\r\n\r\nx")
    near.network.deliver(near.mssante.sender, b"Subject: b\r\n\r\nx")

    async def fail(raw: bytes, _came: datetime) -> None:
        if b"Subject: b" in raw:
            raise OSError

    with pytest.raises(Unavailable):
        await Mailbox(near.mssante).visit(fail)
    assert [kept.seen for kept in near.network.of(near.mssante.sender)] == [True, False]
    wrong = replace(near.mssante, imap_password="another")
    with pytest.raises(Unavailable):
        await Mailbox(wrong).visit(fail)


async def test_mails_that_wait_keep_no_other_away(
    near: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "AT_ONCE", 2)
    for name in (b"a", b"b", b"c"):
        near.network.deliver(near.mssante.sender, b"Subject: %s\r\n\r\nx" % name)
    tried: list[bytes] = []

    async def wait(raw: bytes, came: datetime) -> bool:
        assert abs((datetime.now(UTC) - came).total_seconds()) < 60
        tried.append(raw[9:10])
        return raw[9:10] == b"c"

    box = Mailbox(near.mssante)
    for _ in range(3):
        await box.visit(wait)
    assert b"".join(tried) == b"abcaba"
    assert [kept.seen for kept in near.network.of(near.mssante.sender)] == [False, False, True]


async def test_the_directory_knows_a_professionals_mailbox(near: Neighbours) -> None:
    annuaire = AnnuaireSante(near.annuaire)
    try:
        (box,) = await annuaire.of_professional(RPPS)
        assert (box.address, box.kind) == (PAUL, BoxKind.PERSONAL)
        assert await annuaire.of_professional(RPPS) == [box]
        assert await annuaire.of_structure("440099801") == []
        assert near.directory.asked == [
            f"Practitioner?urn:oid:1.2.250.1.71.4.2.1|{RPPS}",
            f"PractitionerRole?urn:oid:1.2.250.1.71.4.2.1|{RPPS}",
            "Organization?https://finess.esante.gouv.fr|440099801",
        ]
    finally:
        await annuaire.aclose()


async def test_the_directory_finds_people_by_name_or_number() -> None:
    paul = Listed(Person(RPPS, "MARTIN", "Paul", "Dr"), ("Nantes",))
    async with open_network({RPPS: [PAUL]}, listed=[paul]) as near:
        annuaire = AnnuaireSante(near.annuaire)
        try:
            for asked in (Asked(names=("mart", "Paul")), Asked(RPPS)):
                (found,) = await annuaire.find(asked)
                assert (found.person, found.towns) == (paul.person, ("Nantes",))
                assert [box.address for box in found.boxes] == [PAUL]
            assert await annuaire.find(Asked(names=("Martin", "Paule"))) == []
            assert near.directory.asked[0] == "Practitioner?['mart', 'Paul']"
            near.directory.down = True
            with pytest.raises(Unavailable):
                await annuaire.find(Asked(names=("Durand",)))
        finally:
            await annuaire.aclose()


@pytest.mark.parametrize("trouble", ["down", "key", "nobody"])
async def test_a_directory_that_does_not_answer_is_to_be_asked_again(
    near: Neighbours, trouble: str
) -> None:
    near.directory.down = trouble == "down"
    settings = {
        "key": replace(near.annuaire, key="wrong"),
        "nobody": replace(near.annuaire, url="http://127.0.0.1:1/fhir/v2"),
    }.get(trouble, near.annuaire)
    annuaire = AnnuaireSante(settings)
    try:
        with pytest.raises(Unavailable):
            await annuaire.of_professional(RPPS)
    finally:
        await annuaire.aclose()


async def test_a_directory_that_dawdles_does_not_answer(
    near: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time; the whole does not."""
    monkeypatch.setattr(directory, "TIMEOUT", 0.5)

    async def dawdle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
        with suppress(OSError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(dawdle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        annuaire = AnnuaireSante(replace(near.annuaire, url=url))
        try:
            with pytest.raises(Unavailable):
                await annuaire.of_professional(RPPS)
        finally:
            await annuaire.aclose()
