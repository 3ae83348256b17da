"""What a professional deposits by hand: which files, what is asked about a PDF, when it may end.

The rules of a deposit itself are those of `deposits`, whatever door it came through.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.domain.announcements import check_reminder
from backend.domain.calendar import PARIS
from backend.domain.dates import read_date
from backend.domain.deposits import BIOLOGY_REPORT, RAPID_TEST, Recipient
from backend.domain.errors import Refused
from backend.domain.official import Verdict
from backend.domain.own_documents import MOST_BYTES, OLDEST, Given
from backend.domain.reports import Header, Identifier, Media, Organisation, Person, Report, Traits
from backend.domain.visibility import Visibility

MOST_FILES = 10
HOUR = timedelta(hours=1)  # that a draft is kept
TAKEN_BACK_WITHIN = timedelta(minutes=10)
TYPES = {BIOLOGY_REPORT: "Compte rendu de biologie", RAPID_TEST: "Test rapide (TROD)"}
TYPE_SYSTEM = "2.16.840.1.113883.6.1"
LONGEST_NAME = 100
TITLES = {"DR": "Dr", "DOCTEUR": "Dr", "PR": "Pr", "PROFESSEUR": "Pr"}
DAY = "Écrivez le jour du prélèvement, comme 21/11/2026."


class Sort(StrEnum):
    """What a file that was chosen is."""

    PDF = "pdf"
    CDA = "cda"


class About(Struct, frozen=True):
    """What a draft is: `removed` was taken out of an active PDF, `copies` receive it too."""

    name: str
    sort: Sort
    replaces: str = ""  # the number of the receipt of what it takes the place of
    removed: tuple[str, ...] = ()
    copies: tuple[Recipient, ...] = ()
    verdict: Verdict | None = None  # of the official checks, made when the file was chosen


class Told(Struct, frozen=True):
    """What is asked about a PDF, which says nothing that a machine reads."""

    type_code: str
    sampled_on: date
    prescriber: Person
    validator: Person


class Plan(Struct, frozen=True):
    """Of what is withheld: who announces it, when to be reminded, why it waits."""

    owner: UUID
    remind_on: date | None
    reason: str


class Previous(Struct, frozen=True):
    """The version that a PDF takes the place of."""

    id: Identifier
    set_id: Identifier
    number: int
    visibility: Visibility
    """As the laboratory left it."""
    secret: bool


def check_files(given: list[Given]) -> None:
    """Some were chosen, and not too many."""
    if not given:
        raise Refused("Choisissez au moins un fichier.")
    if len(given) > MOST_FILES:
        raise Refused(f"Choisissez {MOST_FILES} fichiers au plus à la fois.")


def sort_of(given: Given) -> Sort:
    """By what it is, not by its name; Refused says what to do."""
    if not given.size:
        raise Refused("Ce fichier est vide. Choisissez-en un autre.")
    if given.size > MOST_BYTES or len(given.content) < given.size:
        raise Refused("Ce fichier pèse plus de 5 Mo. Enregistrez-le en plus petit.")
    begins = given.content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if begins.startswith(b"%PDF-"):
        return Sort.PDF
    if begins.startswith(b"<"):
        return Sort.CDA
    if begins.lstrip(b"\x0b").startswith(b"MSH"):
        raise Refused(
            "Un message HL7 passe par le système du laboratoire. Choisissez son document."
        )
    raise Refused("Ce fichier n’est ni un PDF, ni un document CDA (XML). Choisissez-en un autre.")


def read_type(text: str) -> str:
    """One of the list."""
    if text not in TYPES:
        raise Refused("Choisissez le type du document.")
    return text


def read_day(text: str, today: date) -> date:
    """The day of the sampling, not to come."""
    day = read_date(text, DAY)
    if not OLDEST <= day <= today:
        raise Refused("Ce jour n’est pas possible : il est à venir, ou trop ancien.")
    return day


def read_person(text: str) -> Person:
    """« Dr Paul Martin », « MARTIN Paul »: what is in capitals is the name, else the last word."""
    words = text.split()
    if len(text) > LONGEST_NAME or not all(word.isprintable() for word in words):
        raise Refused(f"Écrivez un nom de {LONGEST_NAME} caractères au plus.")
    titled = bool(words) and words[0].upper().rstrip(".") in TITLES
    prefix = TITLES[words.pop(0).upper().rstrip(".")] if titled else ""
    family = [word for word in words if word.isupper() and len(word) > 1] or words[-1:]
    given = [word for word in words if word not in family]
    if not family:
        return Person()
    return Person(family=" ".join(family), given=" ".join(given), prefix=prefix)


def read_checked(text: str) -> bool:
    """Somebody read on the PDF whose it is: nothing else can."""
    if text != "oui":
        raise Refused("Lisez sur le PDF le nom et la date de naissance, puis cochez la case.")
    return True


def read_validator(text: str, biologists: dict[str, Person]) -> Person:
    """One of the biologists of the site, by number."""
    if text not in biologists:
        raise Refused("Choisissez le biologiste qui a validé ce compte rendu.")
    return biologists[text]


def read_owner(text: str, owners: Collection[str]) -> UUID:
    """One of those who may announce it, by id."""
    if text not in owners:
        raise Refused("Choisissez qui fera l’annonce.")
    return UUID(text)


def read_reminder(text: str, since: date, today: date) -> date | None:
    """A day to come, before the law shows the result by itself; or none."""
    if not text.strip():
        return None
    day = read_date(text, "Écrivez le jour du rappel, comme 21/12/2026, ou rien.")
    check_reminder(day, since, today)
    return day


def report_of(
    told: Told,
    *,
    draft_id: UUID,
    patient: Traits,
    author: Person,
    laboratory: Organisation,
    now: datetime,
    pdf: bytes,
    previous: Previous | None = None,
) -> Report:
    """A report of level 1: what was told, and the PDF."""
    header = Header(
        id=(own := Identifier(f"2.25.{draft_id.int}")),
        type_code=told.type_code,
        type_system=TYPE_SYSTEM,
        title=TYPES[told.type_code],
        created=now,
        patient=patient,
        author=author,
        author_organisation=laboratory,
        authenticator=told.validator,
        validated_at=now,
        custodian=laboratory,
        performer=laboratory,
        prescriber=told.prescriber,
        set_id=previous.set_id if previous else own,
        version=previous.number + 1 if previous else 1,
        replaces=(previous.id,) if previous else (),
        sampled_at=datetime.combine(told.sampled_on, time(), PARIS),
    )
    return Report(header, level=1, media=(Media("application/pdf", pdf),))


def check_still_waits(*, waited: bool, withheld: bool) -> None:
    """A version by hand shows nothing that waits: who made the announcement does, in their name."""
    if waited and not withheld:
        raise Refused(
            "Ce résultat attend son annonce : un biologiste le rend visible depuis « Annonces ». "
            "Laissez cette version invisible."
        )


class TooLate(Refused):
    """It stays; another version may take its place."""


def check_taken_back(
    deposited_at: datetime,
    now: datetime,
    *,
    current: bool,
    read: bool,
    replaces: bool = False,
    only_sent: bool = False,
) -> None:
    """A first version by hand is taken back within ten minutes, if nobody read it."""
    then = "prévenez son destinataire" if only_sent else "remplacez-le"
    if not current:
        raise TooLate("Ce document a déjà été retiré ou remplacé.")
    if replaces:  # what was there before would leave with it
        also = "" if only_sent else " à son tour"
        raise TooLate(f"Ce document remplace une version déjà là : {then}{also}.")
    if read:
        raise TooLate(f"Quelqu’un a déjà lu ce document : {then}.")
    if now - deposited_at > TAKEN_BACK_WITHIN:
        raise TooLate(f"Les dix minutes sont passées : {then}.")
