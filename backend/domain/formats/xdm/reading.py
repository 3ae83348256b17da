"""Reads an `IHE_XDM.zip` from a stranger: in memory, bounded, and nothing but what it announces.

Nothing is written to a disk and no name is used as a path. A file is read no further than its
share, whatever its header says of its size; each document is the one that METADATA.XML describes,
by SHA-1 and by size, or the whole package is refused.
"""

import re
import zlib
from collections.abc import Mapping
from hashlib import sha1
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from backend.domain.errors import Refused
from backend.domain.formats.cda.nodes import Node
from backend.domain.formats.xdm import schemes
from backend.domain.formats.xdm.metadata import entry_uuid
from backend.domain.formats.xdm.schemes import RIM
from backend.domain.formats.xdm.values import Package, Packed
from backend.domain.formats.xml import parse_closed

LARGEST_PACKAGE = 25_000_000
"""What a mailbox of the espace de confiance takes."""
MOST_FILES = 64
LARGEST_FILE, LARGEST_WHOLE = 20_000_000, 60_000_000
LARGEST_METADATA = 2_000_000
ENCRYPTED = 0x1
IN_DIRECTORY = b"PK\x01\x02"
"""Before each file of the list; a few more may occur by chance in what is compressed."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}){0,3}/?")
METADATA = re.compile(r"IHE_XDM/([A-Z0-9_]{1,8})/METADATA\.XML", re.IGNORECASE)
BROKEN = (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)
"""All that zipfile raises about bytes it cannot read; RuntimeError when they want a password."""


class BadPackage(Refused):
    """Not a package that this service reads; the sentence says why."""


def read_xdm(data: bytes) -> Package:
    """The documents of the package, or BadPackage; Malformed when its metadata are not XML."""
    if len(data) > LARGEST_PACKAGE:
        raise BadPackage("Le paquet XDM est trop volumineux.")
    if data.count(IN_DIRECTORY) > 2 * MOST_FILES:  # before a list of half a million is made
        raise BadPackage("Le paquet XDM contient trop de fichiers.")
    try:
        with ZipFile(BytesIO(data)) as package:
            return _read(package, len(data))
    except BROKEN as error:
        raise BadPackage("Le paquet XDM n’est pas un fichier ZIP lisible.") from error


def _read(package: ZipFile, size: int) -> Package:
    files = _files(package.infolist(), size)
    places = [name for name in files if METADATA.fullmatch(name)]
    if len(places) != 1:
        raise BadPackage("Le paquet XDM doit avoir un seul METADATA.XML.")
    folder = places[0].rpartition("/")[0]
    described = _take(package, files[places[0]], LARGEST_METADATA)
    root = parse_closed(described, limit=LARGEST_METADATA)
    entries = [*root.iter(f"{{{RIM}}}ExtrinsicObject")]
    if not entries:
        raise BadPackage("Le paquet XDM ne décrit aucun document.")
    documents = tuple(_document(package, files, folder, entry, root) for entry in entries)
    patients = {document.patient_id for document in documents}
    if len(patients) != 1:
        raise BadPackage("Les documents du paquet XDM sont de plusieurs personnes.")
    lot = next(root.iter(f"{{{RIM}}}RegistryPackage"), None)
    number = _external(lot, schemes.SET_UNIQUE_ID) if lot is not None else ""
    return Package(number, patients.pop(), documents)


def _files(listed: list[ZipInfo], size: int) -> Mapping[str, ZipInfo]:
    """The files by name in capitals; the whole package refused for one that is suspect."""
    if len(listed) > MOST_FILES:
        raise BadPackage("Le paquet XDM contient trop de fichiers.")
    # Entries that share bytes add up to more than there is: that is how small bombs are made.
    if sum(one.compress_size for one in listed) > size:
        raise BadPackage("Le paquet XDM contient des fichiers qui se recouvrent.")
    if sum(one.file_size for one in listed) > LARGEST_WHOLE:
        raise BadPackage("Le paquet XDM est trop volumineux une fois ouvert.")
    files: dict[str, ZipInfo] = {}
    for one in listed:
        _check(one)
        if files.setdefault(one.filename.upper(), one) is not one:
            raise BadPackage("Le paquet XDM contient deux fichiers de même nom.")
    return files


def _check(one: ZipInfo) -> None:
    if not NAME.fullmatch(one.orig_filename) or ".." in one.orig_filename:
        raise BadPackage("Le paquet XDM contient un nom de fichier interdit.")
    if one.flag_bits & ENCRYPTED or one.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise BadPackage("Le paquet XDM est chiffré, ou compressé d’une manière inconnue.")
    if one.file_size > LARGEST_FILE:
        raise BadPackage("Le paquet XDM contient un fichier trop volumineux.")


def _take(package: ZipFile, one: ZipInfo, most: int) -> bytes:
    with package.open(one) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise BadPackage("Le paquet XDM contient un fichier trop volumineux.")
    return content


def _document(
    package: ZipFile, files: Mapping[str, ZipInfo], folder: str, entry: Node, root: Node
) -> Packed:
    name = _slot(entry, "URI")
    one = files.get(f"{folder}/{name}".upper())
    if one is None or "/" in name:
        raise BadPackage("Le paquet XDM décrit un document qu’il ne contient pas.")
    content = _take(package, one, LARGEST_FILE)
    digest = sha1(content, usedforsecurity=False).hexdigest()
    if _slot(entry, "hash").lower() != digest or _slot(entry, "size") != str(len(content)):
        raise BadPackage("Un document du paquet XDM n’est pas celui que METADATA.XML décrit.")
    unique_id = _external(entry, schemes.UNIQUE_ID)
    patient_id = _external(entry, schemes.PATIENT_ID)
    if not unique_id or not patient_id:
        raise BadPackage("Un document du paquet XDM n’a pas d’identifiant, ou pas de patient.")
    return Packed(
        name=name,
        unique_id=unique_id,
        patient_id=patient_id,
        media_type=entry.get("mimeType") or "",
        type_code=_code(entry, schemes.TYPE),
        title=_title(entry),
        hash=digest,
        replaces=tuple(_replaced(root, entry.get("id") or "", unique_id)),
        content=content,
    )


def _replaced(root: Node, own: str, unique_id: str) -> list[str]:
    """Ids of the entries that this one takes the place of."""
    mine = {own, entry_uuid(unique_id)}
    return [
        link.get("targetObject") or ""
        for link in root.iter(f"{{{RIM}}}Association")
        if link.get("associationType") == schemes.REPLACES and link.get("sourceObject") in mine
    ]


def _slot(entry: Node, name: str) -> str:
    """The first value of a slot, `""` when there is none."""
    for slot in entry.iterchildren(f"{{{RIM}}}Slot"):
        if slot.get("name") == name:
            return (slot.findtext(f"{{{RIM}}}ValueList/{{{RIM}}}Value") or "").strip()
    return ""


def _external(entry: Node, scheme: str) -> str:
    for found in entry.iterchildren(f"{{{RIM}}}ExternalIdentifier"):
        if found.get("identificationScheme") == scheme:
            return (found.get("value") or "").strip()
    return ""


def _code(entry: Node, scheme: str) -> str:
    for found in entry.iterchildren(f"{{{RIM}}}Classification"):
        if found.get("classificationScheme") == scheme:
            return (found.get("nodeRepresentation") or "").strip()
    return ""


def _title(entry: Node) -> str:
    words = entry.find(f"{{{RIM}}}Name/{{{RIM}}}LocalizedString")
    return (words.get("value") or "").strip() if words is not None else ""
