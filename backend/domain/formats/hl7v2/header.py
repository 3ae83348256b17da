"""MSH, and the characters that the message is written in (MSH-18)."""

from backend.domain.formats.er7 import Segment, split_segments
from backend.domain.formats.hl7v2.errors import MessageError
from backend.domain.formats.hl7v2.values import Msh
from backend.domain.formats.times import read_time

CHARSETS = {
    "": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "8859/15": "iso8859-15",
    "8859/1": "latin-1",
    "ASCII": "ascii",
}
PLAIN = str.maketrans({"’": "'", "\u202f": "\xa0", "–": "-"})
"""French typography that ISO 8859 lacks, and what stands for it there."""
LONGEST = 4000
"""Bytes of a message in which its header is looked for."""
KINDS = {"ORU": {"R01"}, "MDM": {"T02", "T10", "T04"}}
VERSIONS = {"ORU": ("2.5",), "MDM": ("2.6",)}


def decode(body: bytes) -> str:
    """The text of a message, or MessageError 102 on MSH-18."""
    head = body.lstrip(b"\x0b\xef\xbb\xbf\r\n ")[:LONGEST].split(b"\r", 1)[0].split(b"\n", 1)[0]
    msh = _header(head.decode("latin-1"))
    codec = CHARSETS.get(msh.charset.upper()) if msh else "utf-8"
    if codec is None:
        raise MessageError("103", f"Jeu de caractères inconnu : {msh and msh.charset}.", CHARSET)
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        sentence = "Le message n’est pas écrit dans le jeu de caractères annoncé (MSH-18)."
        raise MessageError("102", sentence, CHARSET) from error


CHARSET = ("MSH", 1, 18, 0)


def read_msh(body: bytes) -> Msh | None:
    """The header if it can be made out, however bad the rest: an answer needs it."""
    return _header(body[:LONGEST].lstrip(b"\x0b\xef\xbb\xbf\r\n ").decode("utf-8", "replace"))


def check_header(segments: list[Segment]) -> Msh:
    """The header of a message that this gateway takes, or MessageError."""
    msh = to_msh(segments[0])
    if msh.kind not in KINDS:
        raise MessageError(
            "200", f"Type de message non accepté : {msh.kind or 'absent'}.", ("MSH", 1, 9, 1)
        )
    if msh.event not in KINDS[msh.kind]:
        raise MessageError(
            "201", f"Événement non accepté : {msh.event or 'absent'}.", ("MSH", 1, 9, 2)
        )
    if not msh.version.startswith(VERSIONS[msh.kind]):
        raise MessageError(
            "203", f"Version non acceptée pour {msh.kind} : {msh.version}.", ("MSH", 1, 12, 1)
        )
    if msh.processing not in {"P", "T", "D"}:
        raise MessageError("202", "MSH-11 vaut P, T ou D.", ("MSH", 1, 11, 1))
    if not msh.control_id:
        raise MessageError("101", "L’identifiant du message (MSH-10) manque.", ("MSH", 1, 10, 1))
    return msh


def to_msh(segment: Segment) -> Msh:
    return Msh(
        sending=(segment.text(3), segment.text(4)),
        receiving=(segment.text(5), segment.text(6)),
        kind=segment.text(9),
        event=segment.text(9, 2),
        control_id=segment.text(10),
        processing=segment.text(11) or "P",
        version=segment.text(12) or "2.5",
        charset=segment.text(18) or "UNICODE UTF-8",
        sent_at=read_time(segment.text(7)),
    )


def _header(text: str) -> Msh | None:
    if not text.startswith("MSH") or len(text) < 8:  # noqa: PLR2004 - MSH|^~\&
        return None
    return to_msh(split_segments(text)[0])
