"""Writes `IHE_XDM.zip`: names of eight letters, fixed dates; a retry sends the same bytes."""

from collections.abc import Sequence
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from backend.domain.formats.xdm.metadata import write_metadata
from backend.domain.formats.xdm.values import Entry, Submission

FOLDER = "IHE_XDM/SUBSET01/"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier day; when the lot was made is in its metadata."""
README = (
    "IHE XDM - Echange de documents de sante (CI-SIS)\r\n"
    "\r\n"
    "Ouvrez INDEX.HTM pour la liste des documents.\r\n"
    "IHE_XDM/SUBSET01 contient les documents et METADATA.XML, leur description.\r\n"
    "\r\n"
    "Logiciel : Reperes\r\n"
)


def write_xdm(submission: Submission, documents: Sequence[tuple[Entry, bytes]]) -> bytes:
    """The package of these documents, which are of one patient."""
    if len({entry.patient_id for entry, _ in documents}) != 1:
        raise ValueError("a package is about one patient")
    named = [(f"DOC{rank:04d}.XML", entry) for rank, (entry, _) in enumerate(documents, 1)]
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        _add(package, "README.TXT", README.encode("ascii"))
        _add(package, "INDEX.HTM", _index(named).encode())
        _add(package, FOLDER + "METADATA.XML", write_metadata(submission, named))
        for (name, _), (_, content) in zip(named, documents, strict=True):
            _add(package, FOLDER + name, content)
    return out.getvalue()


def _add(package: ZipFile, name: str, content: bytes) -> None:
    about = ZipInfo(name, EPOCH)
    about.compress_type = ZIP_DEFLATED
    about.external_attr = 0o600 << 16
    about.create_system = 3
    package.writestr(about, content)


def _index(named: Sequence[tuple[str, Entry]]) -> str:
    rows = "".join(
        f'<li><a href="{FOLDER}{name}">{escape(entry.title)}</a></li>' for name, entry in named
    )
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.0//EN" '
        '"http://www.w3.org/TR/xhtml-basic/xhtml-basic10.dtd">'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />'
        f"<title>Documents</title></head><body><ul>{rows}</ul>"
        f'<p><a href="{FOLDER}METADATA.XML">METADATA.XML</a></p></body></html>'
    )
