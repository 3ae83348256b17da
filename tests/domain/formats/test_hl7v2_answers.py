"""Acknowledgements: in the version and the characters of the request."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.formats.er7 import Segment, split_segments
from backend.domain.formats.hl7v2 import MessageError, Msh, write_ack
from backend.domain.formats.hl7v2.errors import APPLICATION_WORDS, WORDS

AT = datetime(2026, 11, 12, 7, 5, 30, tzinfo=UTC)
REQUEST = Msh(("SIL", "LABO"), ("REPERES", "NATIONAL"), "ORU", "R01", "M1")


def answer(msh: Msh | None, code: str, *errors: MessageError, receipt: str = "") -> list[Segment]:
    body = write_ack(msh, code, control_id="A1", at=AT, errors=errors, receipt=receipt)
    return split_segments(body.decode())


def test_who_asked_is_answered_by_who_was_asked() -> None:
    head, said = answer(REQUEST, "AA", receipt="R-7")
    assert [head.text(n) for n in (3, 4, 5, 6)] == ["REPERES", "NATIONAL", "SIL", "LABO"]
    assert (head.field(9), head.text(10)) == ("ACK^R01^ACK", "A1")
    assert head.text(7) == "20261112080530+0100"
    assert [said.text(n) for n in (1, 2, 3)] == ["AA", "M1", "R-7"]


@pytest.mark.parametrize(
    ("kind", "event", "version"), [("ORU", "R01", "2.5"), ("MDM", "T10", "2.6")]
)
def test_the_answer_has_the_version_and_the_mode_of_the_request(
    kind: str, event: str, version: str
) -> None:
    msh = Msh(kind=kind, event=event, control_id="M1", processing="T", version=version)
    head, _ = answer(msh, "AA")
    assert (head.text(9, 2), head.text(11), head.text(12)) == (event, "T", version)


@pytest.mark.parametrize("code", ["AA", "AE", "AR"])
def test_an_answer_without_a_request_is_still_an_answer(code: str) -> None:
    head, said = answer(None, code)
    assert head.field(9) == "ACK"
    assert (said.text(1), said.text(2)) == (code, "")


@pytest.mark.parametrize("code", WORDS)
def test_each_code_has_its_words(code: str) -> None:
    error = MessageError(code, "Une phrase.", ("OBX", 2, 5, 4))
    said = answer(REQUEST, "AE", error)[-1]
    assert said.name == "ERR"
    assert said.field(2) == "OBX^2^5^1^4"
    assert said.field(3) == f"{code}^{WORDS[code]}^messageErrorCondition"
    assert (said.text(4), said.text(5), said.text(8)) == ("E", "", "Une phrase.")


@pytest.mark.parametrize("code", APPLICATION_WORDS)
def test_each_application_code_has_its_words(code: str) -> None:
    said = answer(REQUEST, "AE", MessageError("207", "Non.", ("PID", 1, 3, 0), app_code=code))[-1]
    assert said.field(2) == "PID^1^3"
    assert [said.text(5, n) for n in (1, 2, 3)] == [
        code,
        APPLICATION_WORDS[code],
        "applicationErrorCondition",
    ]


def test_a_whole_segment_at_fault_has_no_field() -> None:
    said = answer(REQUEST, "AE", MessageError("100", "Manque.", ("PID", 1, 0, 0)))[-1]
    assert said.field(2) == "PID^1"


def test_each_error_has_its_line() -> None:
    errors = (MessageError("101", "Une."), MessageError("102", "Deux."))
    assert [s.name for s in answer(REQUEST, "AE", *errors)] == ["MSH", "MSA", "ERR", "ERR"]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("UNICODE UTF-8", "utf-8"), ("8859/15", "iso8859-15"), ("8859/1", "latin-1")],
)
def test_the_answer_is_written_as_the_request_and_no_letter_is_lost(
    charset: str, codec: str
) -> None:
    error = MessageError("199", "L’émetteur est à préciser.")
    msh = Msh(control_id="M1", charset=charset)
    body = write_ack(msh, "AE", control_id="A1", at=AT, errors=[error])
    head, _, said = split_segments(body.decode(codec))
    assert head.text(18) == charset
    assert said.text(8).replace("'", "’") == "L’émetteur est à préciser."


@pytest.mark.parametrize("charset", ["ASCII", "SHIFT-JIS", ""])
def test_no_charset_stops_an_answer(charset: str) -> None:
    error = MessageError("103", "Jeu de caractères inconnu.")
    body = write_ack(Msh(charset=charset), "AE", control_id="A1", at=AT, errors=[error])
    assert b"MSA|AE\r" in body
    assert b"\rERR|" in body


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_nothing_of_a_request_can_add_a_line_or_a_field_to_its_answer(text: str) -> None:
    msh = Msh((text, text), (text, text), "ORU", text, text, text, text, "UNICODE UTF-8")
    plain = answer(REQUEST, "AE", MessageError("199", "x"), receipt="x")
    found = answer(msh, "AE", MessageError("199", text), receipt=text)
    assert [s.name for s in found] == [s.name for s in plain]
    assert len(found[0].fields) == len(plain[0].fields)
    assert len(found[1].fields) <= len(plain[1].fields)
    assert len(found[2].fields) == len(plain[2].fields)
