"""A letter as it travels: what is written, where it goes, and nothing that was slipped in."""

from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gateways.delivery import PermanentFailure
from backend.gateways.mail import Mail, SmtpMailer, compose
from tests.gateways.mail_servers import Server, listening

LAURA = "laura.bernard@courriel.example"
LETTER = Mail(LAURA, "Votre code", "Bonjour\n", "5f3a")
FROM = Address("Repères", addr_spec="ne-pas-repondre@reperes.example")


@pytest.mark.parametrize(
    "broken",
    [
        {"to": "laura@courriel.example,karim@courriel.example"},
        {"to": "laura@courriel.example\r\nRCPT TO:<karim@courriel.example>"},
        {"to": "Laura <laura@courriel.example>"},
        {"to": " laura@courriel.example"},
        {"to": "laura@COURRIEL.example"},
        {"to": ""},
        {"subject": "Code\r\nBcc: karim@courriel.example"},
        {"subject": "Code\nBcc: karim@courriel.example"},
        {"subject": "Code\x00"},
        {"subject": "Code\u2028Bcc: karim@courriel.example"},
        {"subject": "\ud800"},
        {"text": "Bonjour\r\n.\r\nMAIL FROM:<x@y.example>"},
        {"text": "Bonjour\x1b[2J"},
        {"message_id": "a>\r\nBcc: karim@courriel.example"},
        {"message_id": ""},
    ],
    ids=repr,
)
async def test_nothing_can_be_slipped_into_a_letter(broken: dict[str, str]) -> None:
    server = Server()
    async with listening(server) as smtp:
        with pytest.raises(PermanentFailure):
            await SmtpMailer(smtp).send(replace(LETTER, **broken))
    assert server.received == []
    assert server.connections == []


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}


@given(subject=st.text(), text=st.text())
def test_whatever_is_written_no_header_is_added_and_nothing_is_lost(
    subject: str, text: str
) -> None:
    try:
        message = compose(replace(LETTER, subject=subject, text=text), FROM)
    except PermanentFailure:
        return
    parsed = message_from_bytes(message.as_bytes(), _class=EmailMessage, policy=default)
    assert sorted(parsed.keys()) == sorted(HEADERS)
    assert [address.addr_spec for address in parsed["To"].addresses] == [LAURA]
    assert parsed["Subject"].split() == subject.split()
    assert parsed.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert b"\n" not in message.as_bytes().replace(b"\r\n", b"")
