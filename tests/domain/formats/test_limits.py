"""A small message that would become large is refused before it does."""

import pytest

from backend.domain.formats.cda import InvalidDocument, read_cda
from backend.domain.formats.er7 import MOST_SEGMENTS, Separators, split_segments
from backend.domain.formats.hl7v2 import MessageError, read_message
from backend.domain.formats.xml import MOST_ATTRIBUTES, Malformed
from tests.domain.formats.fragments import document

RESULT = '<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>'
HEAD = "MSH|^~\\&|A|B|C|D|20261123||ORU^R01^ORU_R01|1|P|2.5|||||FRA|UNICODE UTF-8\r"


def body(inside: str) -> bytes:
    return document(f"<structuredBody>{inside}</structuredBody>")


def results(count: int, inside: str = "") -> str:
    return f"<observation>{RESULT}{inside}</observation>" * count


POINTING = '<code><originalText><reference value="#a"/></originalText></code>'
AMPLIFIERS = {
    "words that every result repeats": (
        f'<section><text><c ID="a">{"x" * 50_000}</c></text></section>{results(100, POINTING)}',
        "textes",
    ),
    "words inside words": (
        "<section><text>" + '<c ID="a">' * 80 + "x" * 200_000 + "</c>" * 80 + "</text></section>",
        "textes",
    ),
    "a title that every result repeats": (
        f"<section><title>{'x' * 2_000}</title>{results(2)}</section>",
        "trop long",
    ),
    "a label of a book": (results(1, f'<code displayName="{"x" * 2_000}"/>'), "trop long"),
    "a comment of a library": (
        '<section><code code="55112-7"/><text>' + "x" * 200_000 + "</text></section>",
        "trop long",
    ),
    "too many results": (results(2_001), "résultats"),
    "too many files": ("<observationMedia/>" * 51, "fichiers joints"),
}


@pytest.mark.parametrize(("inside", "word"), AMPLIFIERS.values(), ids=AMPLIFIERS.keys())
def test_a_document_that_would_grow_is_refused(inside: str, word: str) -> None:
    with pytest.raises(InvalidDocument, match=word):
        read_cda(body(inside))


def test_a_header_of_a_book_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="trop long"):
        read_cda(document("<nonXMLBody/>", more=f"<title>{'x' * 2_000}</title>"))


def test_too_many_attributes_are_refused() -> None:
    many = "".join(f' a{n}=""' for n in range(MOST_ATTRIBUTES))
    with pytest.raises(Malformed, match="attributs"):
        read_cda(body(f"<a{many}/>"))


def test_a_comment_inside_a_comment_is_read_once() -> None:
    act = '<act><code code="48767-8"/><text>Prélèvement hémolysé.</text></act>'
    inner = f'<section><code code="55112-7"/><entry>{act}</entry></section>'
    report = read_cda(body(f'<section><code code="55112-7"/>{inner}</section>'))
    assert report.comments == ("Prélèvement hémolysé.",)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_too_many_segments_are_refused(end: str) -> None:
    with pytest.raises(MessageError) as refusal:
        read_message((HEAD + f"NTE{end}" * 2 * MOST_SEGMENTS).encode())
    assert refusal.value.code == "198"


@pytest.mark.parametrize("flood", ["PID" + "|" * 100_000, "PID|" + "^" * 100_000, "PID|" + "~" * 9])
def test_separators_without_end_say_nothing(flood: str) -> None:
    (_, pid) = split_segments(HEAD + flood)
    assert len(pid.fields) < 2_000
    assert (pid.text(1), pid.text(1, 3), pid.text(900)) == ("", "", "")
    assert pid.repetitions(1) in ([], ["^" * 100_000])


def test_escapes_without_end_stay_as_they_are() -> None:
    flood = "\\F" * 100_000
    assert Separators().unescape(flood) == flood
