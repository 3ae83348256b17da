"""Mails that come in: understood when they are what they should be, else refused or harmless."""

import random
from email.message import EmailMessage, Message
from time import monotonic

import pytest

from backend.demo.mssante.reports import write_dsn, write_mdn
from backend.domain.errors import Refused
from backend.domain.formats.mail import (
    BadMail,
    Delivery,
    DeliveryReport,
    Letter,
    ReadReceipt,
    read_mail,
)

KEY = "5f3a" * 10
OTHER = "77aa" * 10
PAUL = "paul.martin@medecins.mssante.example"
INS = "291054410900165"


def sent(key: str = KEY) -> Message:
    mail = EmailMessage()
    mail["From"], mail["To"] = "reperes@applications.mssante.example", PAUL
    mail["Message-ID"] = f"<{key}@applications.mssante.example>"
    return mail


def letter(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    defaults = {"From": "Laura <laura@x.mssante.example>", "To": f"{INS}@patient.mssante.fr"}
    for name, value in {**defaults, **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Bonjour,\nà demain.\n")
    return mail


@pytest.mark.parametrize("envelope", [KEY, ""])
def test_a_report_of_delivery(envelope: str) -> None:
    found = read_mail(write_dsn(sent(), PAUL, "delivered", "2.1.5", envelope))
    assert isinstance(found, DeliveryReport)
    assert set(found.message_keys) == {KEY}
    assert found.deliveries == (Delivery((PAUL,), "delivered", "2.1.5"),)


def test_a_refusal_keeps_the_numbers_and_not_the_words() -> None:
    found = read_mail(write_dsn(sent(), PAUL, "failed", "5.1.1"))
    assert isinstance(found, DeliveryReport)
    assert found.deliveries[0].code == "5.1.1 550"


def test_a_report_that_gives_the_mail_back_whole() -> None:
    raw = write_dsn(sent(), PAUL, "failed", "5.2.2").replace(
        b"Content-Type: text/rfc822-headers", b"Content-Type: message/rfc822"
    )
    found = read_mail(raw)
    assert isinstance(found, DeliveryReport)
    assert found.message_keys == (KEY,)


@pytest.mark.parametrize(
    ("disposition", "kind", "failed"),
    [
        ("displayed", "displayed", False),
        ("processed", "processed", False),
        ("processed/Error: 12^x", "processed", True),
        ("failed", "failed", True),
        ("deleted", "deleted", False),
    ],
)
def test_a_read_receipt(disposition: str, kind: str, *, failed: bool) -> None:
    found = read_mail(write_mdn(sent(), PAUL, disposition))
    assert found == ReadReceipt((KEY,), (PAUL,), kind, failed)


def test_a_letter_to_a_patient() -> None:
    mail = letter(
        Subject="Vos résultats", Message_ID="<a@x>", In_Reply_To="<b@x>", References="<b@x> <c@x>"
    )
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="../a/é.pdf")
    found = read_mail(mail.as_bytes())
    assert isinstance(found, Letter)
    assert (found.sender, found.patients) == ("laura@x.mssante.example", (INS,))
    assert (found.subject, found.text) == ("Vos résultats", "Bonjour,\nà demain.\n")
    assert (found.in_reply_to, found.references) == ("<b@x>", ("<b@x>", "<c@x>"))
    assert [(one.name, one.content) for one in found.attachments] == [("é.pdf", b"%PDF-")]
    assert not found.ends_exchange


def test_a_matricule_of_corsica_is_one_too() -> None:
    found = read_mail(
        letter(
            Cc="1600A2B0207771@patient.mssante.fr, 160012b02077713@patient.mssante.fr"
        ).as_bytes()
    )
    assert isinstance(found, Letter)
    assert found.patients == (INS, "160012B02077713")


@pytest.mark.parametrize("headers", [{"Subject": "[FIN]"}, {"Subject": "x", "X_MSS_MES": "FIN"}])
def test_an_exchange_ends_as_the_network_says(headers: dict[str, str]) -> None:
    found = read_mail(letter(**headers).as_bytes())
    assert isinstance(found, Letter)
    assert found.ends_exchange


def test_a_report_about_somebody_elses_mail_names_it() -> None:
    found = read_mail(write_mdn(sent(OTHER), PAUL, "displayed"))
    assert isinstance(found, ReadReceipt)
    assert found.message_keys == (OTHER,)


def nested(levels: int, kind: str = "multipart/mixed") -> bytes:
    head = b"".join(
        f"Content-Type: {kind}; boundary=b{n}\r\n\r\n--b{n}\r\n".encode() for n in range(levels)
    )
    return b"From: a@b.fr\r\n" + head + b"Content-Type: text/plain\r\n\r\nx\r\n"


REFUSED = {
    "empty": b"",
    "no end of headers": b"Subject: x\r\n" * 6_000,
    "a long header": b"Subject: " + b"x" * 100_000 + b"\r\n\r\n",
    "too large": b"Subject: x\r\n\r\n" + bytes(36_000_000),
    "a thousand levels": nested(1_000),
    "a thousand messages in messages": nested(1_000, "message/rfc822"),
    "a thousand parts": nested(1) + b"--b0\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 1_000,
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_would_take_too_long_is_refused_at_once(name: str) -> None:
    began = monotonic()
    with pytest.raises(BadMail):
        read_mail(REFUSED[name])
    assert monotonic() - began < 1


TAKEN = {
    "bytes of nowhere": b"Subject: \xff\xfe\x00\r\nFrom: \xe9\r\nTo: \x80@x\r\n\r\n\x00\xff",
    "an unknown charset": b"Subject: =?x-none?Q?a?=\r\n"
    b"Content-Type: text/plain; charset=x-none\r\n\r\nabc",
    "a codec that is not text": b"Subject: =?zlib?B?YQ==?=\r\n"
    b"Content-Type: text/plain; charset=rot13\r\n\r\nabc",
    "a charset in too many pieces": b"Content-Type: text/plain; charset*"
    + b"9" * 5_000
    + b"=x\r\n\r\nabc",
    "a slow codec": b"Subject: =?punycode?Q?" + b"a" * 5_000 + b"?=\r\n\r\nx",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n====%%%",
    "many addresses": b"To: " + b"a@b.fr, " * 5_000 + b"\r\n\r\nx",
    "many brackets": b"To: " + b"<(" * 20_000 + b"\r\n\r\nx",
    "a filename of two lines": b'Content-Type: x/y; name="a\r\n b"\r\n'
    b"Content-Disposition: attachment; filename*=utf-8''%0d%0aX%2f..\r\n\r\nx",
    "a report of nothing": b"Content-Type: multipart/report; boundary=b\r\n\r\n--b--\r\n",
    "an empty report": b"Content-Type: multipart/report; report-type=delivery-status; boundary=b"
    b"\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n--b--\r\n",
    "an empty receipt": b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: message/disposition-notification\r\n\r\n\r\n--b--\r\n",
    "a multipart without a boundary": b"Content-Type: multipart/mixed\r\n\r\nabc",
    "a multipart in base64": b"Content-Type: multipart/mixed; boundary=b\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n--b\r\n\r\nabc\r\n--b--\r\n",
}


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_what_is_only_strange_does_no_harm(name: str) -> None:
    began = monotonic()
    found = read_mail(TAKEN[name])
    assert monotonic() - began < 1
    if isinstance(found, Letter):
        shown = (found.subject, *found.to, *(one.name for one in found.attachments))
        assert not any(c in text for text in shown for c in "\r\n\x00/")
    else:
        assert not getattr(found, "deliveries", ())


def test_a_mail_altered_anywhere_raises_nothing_but_a_refusal() -> None:
    chance = random.Random(7)
    for good in (
        write_dsn(sent(), PAUL, "failed", "5.1.1", KEY),
        write_mdn(sent(), PAUL, "displayed"),
    ):
        for _ in range(300):
            data = bytearray(good)
            for _ in range(chance.randrange(1, 8)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                read_mail(
                    bytes(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
                )
            except Refused:
                continue
