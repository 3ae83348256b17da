"""Reading CDA R2 laboratory reports: CR-BIO and TROD, level 1 and level 3.

Sources: CI-SIS volets CR-BIO 2021.01 to 2024.01 and structuration minimale, as summed up in the
interoperability notes §2. Nothing in a document is executed: a self-presenting one is unwrapped.
"""

from lxml import etree

from backend.domain.formats.cda.errors import InvalidDocument
from backend.domain.formats.cda.header import read_header
from backend.domain.formats.cda.limits import check_lines_of, check_references, check_texts
from backend.domain.formats.cda.media import read_media, read_words
from backend.domain.formats.cda.nodes import NS, Node, attribute, find, text
from backend.domain.formats.cda.results import COMMENT, read_comments, read_results
from backend.domain.formats.xml import parse_closed
from backend.domain.reports import Report

__all__ = ["InvalidDocument", "document_of", "read_cda"]

SECTION = "{urn:hl7-org:v3}section"
DOCUMENT = "{urn:hl7-org:v3}ClinicalDocument"
COMMENT_SECTIONS = ("55112-7", "42349-1")


def read_cda(data: bytes) -> Report:
    """The report, or a Refused that says why: Malformed (XML) or InvalidDocument (CDA)."""
    root = document_of(data)
    header = read_header(root)
    check_lines_of(header)
    words = read_words(root)
    check_references(root, words)
    body = find(root, "c:component/c:structuredBody")
    if body is None and find(root, "c:component/c:nonXMLBody") is None:
        raise InvalidDocument("Le document CDA n’a pas de corps.")
    return Report(
        header=header,
        level=1 if body is None else 3,
        results=() if body is None else read_results(body, words, header.sampled_at),
        comments=() if body is None else tuple(_comments(body, words)),
        media=read_media(root),
    )


def document_of(data: bytes) -> Node:
    """The ClinicalDocument, wherever a self-presenting style sheet carries it."""
    root = parse_closed(data)
    if root.tag == DOCUMENT:
        return root
    if etree.QName(root).localname in {"stylesheet", "transform"}:
        inside = root.find(f".//{DOCUMENT}")
        if inside is not None:
            return inside
    raise InvalidDocument("Le document n’est pas un CDA R2 (ClinicalDocument).")


def _comments(body: Node, words: dict[str, str]) -> list[str]:
    """The biologist's words about the whole: comment sections, and comments of chapters' acts."""
    found: list[str] = []
    for section in body.iterfind(".//c:section", NS):
        if _is_comment(section):
            found += _section_words(section, words)
    for act in body.iterfind(".//c:entry/c:act", NS):
        found += read_comments(act, words)
    for organizer in body.iterfind(".//c:organizer", NS):
        found += read_comments(organizer, words)
    check_texts(*found)
    return list(dict.fromkeys(found))


def _is_comment(section: Node) -> bool:
    return attribute(section, "c:code", "code") in COMMENT_SECTIONS


def _section_words(section: Node, words: dict[str, str]) -> list[str]:
    """Comment acts; without any, the paragraphs of the text, or the text itself."""
    # Those of a comment inside a comment were read with the outer one.
    inner = any(map(_is_comment, section.iterancestors(SECTION)))
    inside = () if inner else section.iterfind(".//c:act", NS)
    acts = [said for act in inside if (said := _own(act, words))]
    paragraphs = [text(node) for node in section.iterfind("c:text/c:paragraph", NS)]
    return acts or [said for said in paragraphs or [text(section, "c:text")] if said]


def _own(act: Node, words: dict[str, str]) -> str:
    code = act.find("c:code", NS)
    if code is None or code.get("code") != COMMENT:
        return ""
    target = attribute(find(act, "c:text"), "c:reference", "value").removeprefix("#")
    return words.get(target, "") or text(act, "c:text")
