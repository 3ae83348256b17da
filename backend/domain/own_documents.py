"""What a person adds to their record: which files, how large, and what is written about them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.domain.calendar import PARIS
from backend.domain.documents import OWN_TYPES, Kind
from backend.domain.errors import Refused
from backend.domain.reports import Header, Identifier, Media, Report, Traits

MOST_BYTES = 5_000_000
"""Of one file, and of the document that is kept."""
MOST_TOGETHER = 20_000_000
MOST_PHOTOS = 10
LONGEST_TITLE = 100
OLDEST = date(1900, 1, 1)
TYPE_SYSTEM = "1.2.250.1.213.1.1.4.12"
"""TRE_A05, where the types of patients’ documents are."""


class Sort(StrEnum):
    """What is done with a file depends on this."""

    PDF = "pdf"
    PICTURE = "picture"
    TEXT = "text"
    RTF = "rtf"


ENDINGS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "tif", "tiff", "heic", "heif"), Sort.PICTURE),
    "pdf": Sort.PDF,
    "txt": Sort.TEXT,
    "rtf": Sort.RTF,
}
STARTS = {
    b"%PDF-": Sort.PDF,
    b"\xff\xd8\xff": Sort.PICTURE,
    b"\x89PNG\r\n\x1a\n": Sort.PICTURE,
    b"II*\0": Sort.PICTURE,
    b"MM\0*": Sort.PICTURE,
    b"{\\rtf": Sort.RTF,
}
BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
"""Of the photos of iPhones and their kin: what follows their size and « ftyp »."""
CALLED = {Sort.PDF: "un PDF", Sort.PICTURE: "une image", Sort.TEXT: "un texte", Sort.RTF: "un RTF"}


class Given(Struct, frozen=True):
    """One file as it was sent; `content` is cut beyond what could be taken."""

    name: str
    content: bytes
    size: int


class Told(Struct, frozen=True):
    """What the person writes about it."""

    title: str
    kind: Kind
    on: date


TOO_HEAVY = (
    "Ce fichier pèse plus de 5 Mo. Est-ce une photo ? Faites-en une capture d’écran, puis "
    "choisissez cette image. Est-ce un PDF ? Envoyez-le en plusieurs parties."
)


def check_files(given: Sequence[Given]) -> Sort:
    """One file, or several photos; what they say they are is what they are."""
    if not given:
        raise Refused("Choisissez un fichier, ou prenez une photo.")
    if len(given) > MOST_PHOTOS:
        raise Refused("Vous pouvez envoyer 10 photos à la fois au plus.")
    if any(not one.size for one in given):
        raise Refused("Ce fichier est vide. Choisissez-en un autre.")
    if any(one.size > MOST_BYTES for one in given):
        raise Refused(TOO_HEAVY)
    if sum(one.size for one in given) > MOST_TOGETHER:
        raise Refused("Ces photos pèsent plus de 20 Mo ensemble. Envoyez-les en plusieurs fois.")
    sorts = {_sort_of(one) for one in given}
    if len(given) > 1 and sorts != {Sort.PICTURE}:
        raise Refused("Envoyez un seul fichier, ou plusieurs photos.")
    return sorts.pop()


def _sort_of(given: Given) -> Sort:
    ending = given.name.rpartition(".")[2].lower()
    said = ENDINGS.get(ending)
    if said is None:
        raise Refused("Nous prenons les fichiers PDF, JPEG, HEIC, PNG, TIFF, TXT et RTF.")
    if said is not _found_in(given.content):
        raise Refused(
            f"Ce fichier n’est pas {CALLED[said]}, malgré son nom. Choisissez-en un autre."
        )
    return said


def _found_in(content: bytes) -> Sort:
    if content[4:8] == b"ftyp" and content[8:12] in BRANDS:
        return Sort.PICTURE
    return next((sort for start, sort in STARTS.items() if content.startswith(start)), Sort.TEXT)


def check_made(pdf: bytes) -> None:
    """What is kept is no heavier than what could be sent."""
    if len(pdf) > MOST_BYTES:
        raise Refused("Ce document pèse plus de 5 Mo. Envoyez-le en plusieurs fois.")


def read_title(text: str) -> str:
    """1 to 100 characters on one line."""
    title = " ".join(text.split())
    if not title or not title.isprintable():
        raise Refused("Donnez un titre à ce document.")
    if len(title) > LONGEST_TITLE:
        raise Refused("Ce titre est trop long : 100 caractères au plus.")
    return title


def read_kind(text: str) -> Kind:
    """One of the categories."""
    try:
        return Kind(text)
    except ValueError:
        raise Refused("Choisissez une catégorie.") from None


def read_day(text: str, today: date) -> date:
    """The day that is written on the document: not in the future."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Refused("Écrivez la date du document, par exemple 12/11/2026.") from None
    if not OLDEST <= day <= today:
        raise Refused("Cette date n’est pas possible : elle est à venir, ou trop ancienne.")
    return day


def report_of(document_id: UUID, told: Told, pdf: bytes | None = None) -> Report:
    """As a report that says nothing but what it is called; its author is the patient."""
    media = (Media("application/pdf", pdf),) if pdf is not None else ()
    header = Header(
        id=Identifier(f"2.25.{document_id.int}"),
        type_code=OWN_TYPES[told.kind],
        type_system=TYPE_SYSTEM,
        title=told.title,
        created=datetime.combine(told.on, time(12), PARIS),
        patient=Traits(),
    )
    return Report(header, level=1, media=media)
