"""XML from strangers: bytes only, no DTD, no entity, no network, bounded in size and depth."""

import re

from lxml import etree

from backend.domain.errors import Refused

LARGEST = 20_000_000
DEEPEST = 100
MOST_ELEMENTS = 60_000
"""Thirty times the largest report known; reading as many takes a second."""
MOST_ATTRIBUTES = 2 * MOST_ELEMENTS
DOCTYPE = re.compile(rb"<!\s*DOCTYPE|<!\s*ENTITY", re.IGNORECASE)
ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
ENCODINGS = {"UTF-8", "US-ASCII", "ASCII", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"}
too_deep = etree.XPath(f"boolean({'/*' * (DEEPEST + 1)})")
too_many = etree.XPath(f"count(//*) > {MOST_ELEMENTS}")
TOO_MANY = "Le document a trop d’éléments, d’attributs ou de niveaux."
BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00")


class Malformed(Refused):
    """Not XML that this service reads; the sentence says why."""


def parse_closed(data: bytes, *, limit: int = LARGEST) -> etree._Element:
    """The root element, or Malformed. Nothing outside `data` is ever read.

    Only single-byte and UTF-8 encodings are taken, so that a declaration that matters is seen in
    the bytes before anything parses them; what the parser saw is checked again after.
    """
    if len(data) > limit:
        raise Malformed("Le document est trop volumineux.")
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith(BOMS) or b"\x00" in body[:200]:
        raise Malformed("Le document doit être écrit en UTF-8 ou en ISO-8859.")
    declared = ENCODING.match(body)
    encoding = declared[1].decode().upper() if declared else "UTF-8"
    if encoding not in ENCODINGS:
        raise Malformed("Le document doit être écrit en UTF-8 ou en ISO-8859.")
    if DOCTYPE.search(body):
        raise Malformed("Le document contient une déclaration DTD ou une entité : refusé.")
    # Before a tree a hundred times as large is made.
    if body.count(b"<") > 2 * MOST_ELEMENTS or body.count(b"=") > MOST_ATTRIBUTES:
        raise Malformed(TOO_MANY)
    root = _parse(body, encoding)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("Le document contient une déclaration DTD : refusé.")
    _check_shape(root)
    return root


def _parse(body: bytes, encoding: str) -> etree._Element:
    parser = etree.XMLParser(
        encoding=encoding,  # the one that was checked, whatever the parser would make out
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # a PDF in base64 is one long text; depth and count are bounded below
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed("Le document n’est pas du XML bien formé.") from error


def _check_shape(root: etree._Element) -> None:
    if too_deep(root) or too_many(root):
        raise Malformed(TOO_MANY)
