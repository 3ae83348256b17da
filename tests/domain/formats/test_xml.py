"""XML from strangers: what is read, and what is refused at once."""

import gzip
from pathlib import Path

import pytest

from backend.domain.formats.cda import read_cda
from backend.domain.formats.xml import LARGEST, Malformed, parse_closed


def laughs(times: int = 9) -> str:
    """A few lines that would become a billion words."""
    entities = "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' if i else '<!ENTITY l0 "ha">' for i in range(times)
    )
    return f'<!DOCTYPE a [{entities}]><a v="&l{times - 1};">&l{times - 1};</a>'


def external(address: str) -> str:
    return f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}">]><a>&x;</a>'


HOSTILE = {
    "billion laughs": laughs().encode(),
    "quadratic blow-up": (
        f'<!DOCTYPE a [<!ENTITY b "{"b" * 50_000}">]><a>{"&b;" * 50_000}</a>'.encode()
    ),
    "external entity": external("file:///etc/passwd").encode(),
    "entity on the network": external("http://192.0.2.1/x").encode(),
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
    "external DTD": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "empty DTD": b"<!DOCTYPE a><a/>",
    "DTD in small letters": laughs().replace("DOCTYPE", "doctype").encode(),
    "DTD after a comment": b"<!-- " + b"." * 5_000 + b" -->" + laughs().encode(),
    "UTF-16 with its mark": laughs().encode("utf-16"),
    "UTF-16 without": laughs().encode("utf-16-le"),
    "UTF-32": laughs().encode("utf-32"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>' + laughs().encode("utf-7"),
    "UTF-7 announced late": (
        b"<?xml" + b" " * 400 + b'version="1.0" encoding="UTF-7"?>' + laughs().encode("utf-7")
    ),
    "EBCDIC": ('<?xml version="1.0" encoding="IBM037"?>' + laughs()).encode("cp037"),
    "EBCDIC that hides nothing": '<?xml version="1.0" encoding="IBM037"?><a/>'.encode("cp037"),
    "gzip": gzip.compress(b"<a/>"),
    "10 000 levels": b"<a>" * 10_000 + b"</a>" * 10_000,
    "101 levels": b"<a>" * 101 + b"</a>" * 101,
    "a million elements": b"<a>" + b"<b/>" * 1_000_000 + b"</a>",
    "as many elements as can be": b"<a>" + b"<b/>" * 4_990_000 + b"</a>",
    "too large": b"<a>" + b" " * LARGEST + b"</a>",
    "nothing": b"",
    "blanks": b" \n ",
    "a PDF": b"%PDF-1.7",
    "cut short": b"<a><b></b>",
    "undeclared entity": b"<a>&eacute;</a>",
    "a zero byte": b"<a>\x00</a>",
    "Latin-1 that says nothing": "<a>é</a>".encode("latin-1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_at_once(name: str) -> None:
    with pytest.raises(Malformed):
        parse_closed(HOSTILE[name])


def test_a_document_is_refused_before_anything_is_looked_for_in_it() -> None:
    for data in (HOSTILE["external entity"], HOSTILE["billion laughs"]):
        with pytest.raises(Malformed, match="DTD"):
            read_cda(data)


@pytest.mark.parametrize(
    "document",
    [
        '<?xml-stylesheet type="text/xsl" href="{address}"?><a/>',
        '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{address}"/></a>',
        '<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="u {address}"/>',
    ],
)
def test_a_file_that_is_named_is_not_read(document: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret>parole</secret>")
    root = parse_closed(document.format(address=secret.as_uri()).encode())
    assert "parole" not in "".join(map(str, root.itertext()))


@pytest.mark.parametrize(
    "data",
    [
        "<a>é</a>".encode(),
        "\ufeff<a>é</a>".encode(),
        "\n <a>é</a>".encode(),
        '<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode(),
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"),
        "<?xml version='1.0' encoding = 'ISO-8859-15'?><a>é</a>".encode("iso8859-15"),
        '<?xml version="1.0" encoding="windows-1252"?><a>é</a>'.encode("cp1252"),
    ],
)
def test_usual_encodings_are_read(data: bytes) -> None:
    assert parse_closed(data).text == "é"


def test_the_euro_of_iso_8859_15_is_a_euro() -> None:
    data = '<?xml version="1.0" encoding="ISO-8859-15"?><a>€œ</a>'.encode("iso8859-15")
    assert parse_closed(data).text == "€œ"


def test_ten_megabytes_of_base64_in_one_text_are_read() -> None:
    root = parse_closed(b"<a>" + b"QUJD" * 2_500_000 + b"</a>")
    assert len(root.text or "") == 10_000_000


def test_comments_and_instructions_are_passed_over() -> None:
    root = parse_closed(b'<?xml-stylesheet href="x.xsl"?><a><!-- rien --><?php 1 ?><b/></a>')
    assert [child.tag for child in root] == ["b"]
    assert root.getprevious() is None


@pytest.mark.parametrize("levels", [1, 100])
def test_depth_has_room_for_real_documents(levels: int) -> None:
    root = parse_closed(b"<a>" * levels + b"</a>" * levels)
    assert sum(1 for _ in root.iter()) == levels
