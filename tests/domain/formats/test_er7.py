"""ER7: separators, escapes, segments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.formats.er7 import Separators, escape, read_separators, split_segments

USUAL = Separators()
HEAD = "MSH|^~\\&|A|B"
anything = st.text(st.characters(codec="utf-8"))
printable = anything.map(lambda text: "".join(c for c in text if c.isprintable()))


@settings(deadline=None)
@given(anything)
def test_no_text_can_make_a_segment_a_field_a_repetition_or_a_component(text: str) -> None:
    segments = split_segments(f"{HEAD}\rZZZ|{escape(text)}|end")
    assert [segment.name for segment in segments] == ["MSH", "ZZZ"]
    segment = segments[1]
    assert len(segment.fields) == 3
    assert segment.field(2) == "end"
    assert len(segment.repetitions(1)) <= 1
    assert segment.text(1, 2) == ""
    assert segment.component(segment.field(1), 1, 2) == ""


@settings(deadline=None)
@given(printable)
def test_what_is_escaped_comes_back_as_it_was(text: str) -> None:
    assert USUAL.unescape(escape(text)) == text


@settings(deadline=None)
@given(anything)
def test_unescaping_never_fails(text: str) -> None:
    assert isinstance(USUAL.unescape(text), str)


@settings(deadline=None)
@given(anything)
def test_any_text_has_segments(text: str) -> None:
    for segment in split_segments(text):
        assert segment.field(99) == segment.text(99, 9) == ""


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (r"a\F\b\S\c\R\d\E\e\T\f", r"a|b^c~d\e&f"),
        (r"ligne 1\.br\ligne 2", "ligne 1\nligne 2"),
        (r"\X41\\X42\B", "ABB"),
        (r"\XE9\t\XE9\ ", "été "),
        (r"\E\F\E\ ", r"\F\ "),
        (r"un\H\mot\N\ fort", r"un\H\mot\N\ fort"),
        (r"\X4\ ", r"\X4\ "),
        (r"\XGG\ ", r"\XGG\ "),
        ("C:\\temp", "C:\\temp"),
        ("fin\\", "fin\\"),
        (r"50\% \T\ plus", r"50\% & plus"),
        ("", ""),
    ],
)
def test_known_escapes_are_read_and_others_stay(sent: str, read: str) -> None:
    assert USUAL.unescape(sent) == read


def test_a_message_may_have_separators_of_its_own() -> None:
    head, line = split_segments("MSH$*!?%$APP$LAB\rPID$1$DU?F?PONT*?S?!B%C")
    assert head.separators == Separators("$", "*", "!", "?", "%")
    assert (head.field(1), head.field(2), head.text(3)) == ("$", "*!?%", "APP")
    assert (line.text(2), line.text(2, 2)) == ("DU$PONT", "*")
    assert line.component(line.repetitions(2)[1], 1, 2) == "C"
    assert head.separators.unescape("|^~\\&") == "|^~\\&"


@pytest.mark.parametrize("head", ["MSH", "MSH|^", "MSH|||||", "MSHABCDE", "MSH|^~^&|"])
def test_separators_that_cannot_be_are_the_usual_ones(head: str) -> None:
    assert read_separators(head) == USUAL


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\n"])
def test_segments_end_with_cr_lf_or_both(end: str) -> None:
    text = end.join((HEAD, "PID|1", "OBX|2", ""))
    assert [segment.name for segment in split_segments(text)] == ["MSH", "PID", "OBX"]


@pytest.mark.parametrize("mark", ["\x0b", "\ufeff", " \r\n", ""])
def test_what_frames_a_message_is_passed_over(mark: str) -> None:
    segments = split_segments(f"{mark}{HEAD}\rPID|1\r\x1c\r")
    assert [segment.name for segment in segments] == ["MSH", "PID"]
    assert segments[0].text(3) == "A"


@pytest.mark.parametrize("mark", ["\u2028", "\u0085", "\x0c"])
def test_other_line_ends_belong_to_the_text(mark: str) -> None:
    assert [s.name for s in split_segments(f"{HEAD}\rPID|a{mark}OBX|b")] == ["MSH", "PID"]


def test_fields_are_numbered_as_in_the_standard() -> None:
    head, pid = split_segments(f"{HEAD}\rPID|un|deux^trois&quatre~cinq||")
    assert (head.field(1), head.field(2), head.field(3)) == ("|", "^~\\&", "A")
    assert (pid.field(0), pid.field(1), pid.field(4), pid.field(40)) == ("PID", "un", "", "")
    assert pid.repetitions(2) == ["deux^trois&quatre", "cinq"]
    assert pid.component(pid.field(2), 2, 2) == "quatre~cinq"
    assert pid.text(2, 2) == "trois"


def test_spaces_around_codes_are_not_part_of_them() -> None:
    (_, line) = split_segments(f"{HEAD}\rPRT|| SB ^x")
    assert line.text(2) == "SB"


def test_a_segment_of_600_kilobytes_is_one_field() -> None:
    large = "QUJD" * 150_000
    (_, line) = split_segments(f"{HEAD}\nOBX|1|ED|||^^^Base64^{large}")
    assert line.component(line.field(5), 5) == large
