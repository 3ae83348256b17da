"""Files carried inside a CDA, and the words of its narrative."""

from backend.domain.formats.base64 import decode_base64
from backend.domain.formats.cda.errors import InvalidDocument
from backend.domain.formats.cda.limits import (
    MOST_MEDIA,
    MOST_WORDS,
    TEXT,
    check_count,
    check_line,
)
from backend.domain.formats.cda.nodes import NS, Node, attribute, find, fold, text
from backend.domain.reports import Media

COPY = "1.2.250.1.213.1.1.2.243"
"""Section « copie du document PDF »: the whole report as signed."""


def read_words(root: Node) -> dict[str, str]:
    """Narrative text by ID, for labels and comments that point at it."""
    words: dict[str, str] = {}
    said = 0
    for narrative in root.iter(TEXT):
        if next(narrative.iterancestors(TEXT), None) is not None:
            continue  # it was read with the outer one
        for node in narrative.iter():
            if name := node.get("ID"):
                words[name] = fold(node.itertext())
                said += len(words[name])
                if said > 2 * MOST_WORDS:  # each level repeats what is inside it
                    raise InvalidDocument("Les textes du document sont trop longs.")
    return words


def read_media(root: Node) -> tuple[Media, ...]:
    """Every file; the copy of the signed document comes last."""
    body = find(root, "c:component/c:nonXMLBody/c:text")
    if body is not None:
        return (_media(body),)
    found = root.findall(".//c:observationMedia", NS)
    check_count(len(found), MOST_MEDIA, "fichiers joints")
    ordered = sorted(found, key=_is_copy)
    return tuple(
        _media(value, node.get("ID", ""))
        for node in ordered
        if (value := find(node, "c:value")) is not None
    )


def _is_copy(node: Node) -> bool:
    return any(
        template.get("root") == COPY
        for section in node.iterancestors("{urn:hl7-org:v3}section")
        for template in section.findall("c:templateId", NS)
    )


def _media(node: Node, name: str = "") -> Media:
    kind = attribute(node, ".", "mediaType") or "text/plain"
    check_line(kind, name)
    if node.get("representation") != "B64":
        return Media(media_type=kind, content=text(node).encode(), id=name)
    try:
        content = decode_base64("".join(map(str, node.itertext())))
    except ValueError as error:
        raise InvalidDocument("Un fichier joint au document n’est pas du base64.") from error
    if not content:
        raise InvalidDocument("Un fichier joint au document est vide.")
    return Media(media_type=kind, content=content, id=name)
