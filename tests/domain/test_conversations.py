"""Messages: who may write what, what a mail from outside is reduced to."""

import time

import pytest

from backend.domain.conversations import (
    TEMPLATES,
    State,
    check_may_write,
    check_room,
    model_of,
    needs_words,
    one_patient,
    read_mailed_subject,
    read_mailed_text,
    read_reason,
    read_subject,
    read_text,
    read_written,
    sender_refused,
)
from backend.domain.errors import Refused
from backend.domain.formats.mail.html import text_of_html

OURS, DOMAINS = "reperes@applications.mssante.example", ("mssante.example", "mssante.fr")


def test_what_is_written_is_kept_as_it_is_and_bounded() -> None:
    assert read_subject("  Votre\n prise  de sang ") == "Votre prise de sang"
    assert read_text(" Bonjour,\r\n\r\n\tMerci.\x00 ") == "Bonjour,\n\n Merci."
    assert read_reason("C’est réglé.") == "C’est réglé."
    for read, wrong in (
        (read_subject, ("", " ", "a" * 101)),
        (read_text, ("a" * 5_001,)),
        (read_written, ("", " \n ")),
        (read_reason, ("", "a" * 301)),
    ):
        for text in wrong:
            with pytest.raises(Refused):
                read(text)


def test_a_file_speaks_for_itself_and_nothing_else_does() -> None:
    needs_words("", enclosed=True)
    with pytest.raises(Refused):
        needs_words("", enclosed=False)
    check_room([1_000_000] * 5)
    for sizes in ([1] * 6, [4_000_000, 4_000_000]):
        with pytest.raises(Refused):
            check_room(sizes)
    check_may_write(State.OPEN)
    with pytest.raises(Refused):
        check_may_write(State.CLOSED)


def test_templates_are_texts_that_may_be_sent() -> None:
    assert len({one.key for one in TEMPLATES}) == len(TEMPLATES) > 2
    for one in TEMPLATES:
        assert read_subject(one.title) == one.title
        assert read_written(one.text) == one.text
        assert model_of(one.key) is one
    assert model_of("rien") is None


@pytest.mark.parametrize(
    ("sender", "refused"),
    [
        ("paul.martin@medecins.mssante.example", False),
        ("paul@gmail.example", True),
        ("paul@mssante.example.gmail.example", True),
        ("291054410900117@patient.mssante.fr", True),
        (OURS, True),
        ("", True),
    ],
)
def test_only_professionals_of_the_network_write_to_a_patient(
    sender: str, *, refused: bool
) -> None:
    assert sender_refused(sender, OURS, DOMAINS) is refused


def test_one_mail_is_about_one_person() -> None:
    assert one_patient(["1", "1"]) == "1"
    assert one_patient([]) == one_patient(["1", "2"]) == ""
    assert read_mailed_subject("XDM/1.0/DDM+CR BERNARD LAURA") == "CR BERNARD LAURA"
    assert read_mailed_subject(" \n ") == "Sans objet"
    assert len(read_mailed_subject("a" * 900)) == 100
    assert len(read_mailed_text("a" * 90_000)) == 20_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Bonjour", "Bonjour"),
        ("<p>Un</p><p>Deux &lt;b&gt;</p>", "Un\n\nDeux <b>"),
        ("<script>mal()</script>Bien<style>p{}</style>", "Bien"),
        ("a < b <b>c</b>", "a < b c"),
        ("Bon<!-- <p>rien</p> -->jour<!-- jamais", "Bonjour"),
        ("<ul><li>Un<li>Deux</ul>\n\n\n\nTrois", "Un\nDeux\nTrois"),
        ("<SCRIPT src=x>mal()", ""),
        ("<a href='>'>lien</a>", "'>lien"),
    ],
)
def test_a_page_is_reduced_to_its_words(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_and_takes_no_longer_for_a_page_made_to_take_long() -> None:
    began = time.perf_counter()
    for piece in ("<", "<!--", "<p>", "&", "<script>", "</", "<a ", "&#x"):
        text_of_html(piece * 60_000)
    assert time.perf_counter() - began < 5
