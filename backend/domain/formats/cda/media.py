"""Files carried inside a CDA, and the words of its narrative."""

from backend.domain.formats.base64 import decode_base64
from backend.domain.formats.cda.errors import InvalidDocument
from backend.domain.formats.cda.nodes import NS, Node, attribute, find, fold, text
from backend.domain.reports import Media

COPY = "1.2.250.1.213.1.1.2.243"
"""Section « copie du document PDF »: the whole report as signed."""


def read_words(root: Node) -> dict[str, str]:
    """Narrative text by ID, for labels and comments that point at it."""
    words = {}
    for narrative in root.iterfind(".//c:text", NS):
        for node in narrative.iter():
            if name := node.get("ID"):
                words[name] = fold(node.itertext())
    return words


def read_media(root: Node) -> tuple[Media, ...]:
    """Every file; the copy of the signed document comes last."""
    body = find(root, "c:component/c:nonXMLBody/c:text")
    if body is not None:
        return (_media(body),)
    found = root.findall(".//c:observationMedia", NS)
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
    if node.get("representation") != "B64":
        return Media(media_type=kind, content=text(node).encode(), id=name)
    try:
        content = decode_base64("".join(map(str, node.itertext())))
    except ValueError as error:
        raise InvalidDocument("Un fichier joint au document n’est pas du base64.") from error
    if not content:
        raise InvalidDocument("Un fichier joint au document est vide.")
    return Media(media_type=kind, content=content, id=name)
