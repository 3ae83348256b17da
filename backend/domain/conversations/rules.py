"""Who may write when, how long, how much; and how it ends."""

from collections.abc import Sequence
from enum import StrEnum

from backend.domain.errors import Refused
from backend.domain.formats.mail.parsing import plain

SUBJECT_AT_MOST, TEXT_AT_MOST, REASON_AT_MOST = 100, 5_000, 300
FILES_AT_MOST = 5
BYTES_AT_MOST = 7_000_000
"""Of the files of one message: what a mail of MSSanté carries once it is in base64."""
NOBODY_THERE = "Cette personne ne reçoit pas de messages ici. Appelez-la, ou écrivez-lui."
"""Without a space, blocked, opposed: the same words, so that none of these is told."""
CLOSED_ANYWAY = (
    "Cette conversation est fermée. Votre message n’est pas parti. "
    "Vous pouvez le copier, puis appeler."
)


class State(StrEnum):
    """Stored as these words."""

    OPEN = "ouverte"
    CLOSED = "fermee"


class Side(StrEnum):
    """Who wrote a message, or whose turn it is."""

    PATIENT = "patient"
    PROFESSIONAL = "professionnel"


class Ending(StrEnum):
    """Who ended it."""

    PROFESSIONAL = "professionnel"
    SPACE = "espace"
    """The space of its person was closed."""


def read_subject(text: str) -> str:
    """1 to 100 characters on one line."""
    subject = " ".join(plain(text).split())
    if not subject:
        raise Refused("Écrivez l’objet du message.")
    if len(subject) > SUBJECT_AT_MOST:
        raise Refused(f"Cet objet est trop long : {SUBJECT_AT_MOST} caractères au plus.")
    return subject


def read_text(text: str) -> str:
    """What is written, its lines kept; it may be empty where a file speaks."""
    words = plain(text).replace("\t", " ").strip()
    if len(words) > TEXT_AT_MOST:
        raise Refused(f"Ce message est trop long : {TEXT_AT_MOST} caractères au plus.")
    return words


def read_written(text: str) -> str:
    """The same, where there must be words."""
    words = read_text(text)
    needs_words(words, enclosed=False)
    return words


def needs_words(text: str, *, enclosed: bool) -> None:
    """Refused when there is nothing to send."""
    if not text and not enclosed:
        raise Refused("Écrivez votre message.")


def read_reason(text: str) -> str:
    """Why it is closed: the person reads it."""
    reason = " ".join(plain(text).split())
    if not reason:
        raise Refused("Écrivez pourquoi : la personne lira cette phrase.")
    if len(reason) > REASON_AT_MOST:
        raise Refused(f"Cette phrase est trop longue : {REASON_AT_MOST} caractères au plus.")
    return reason


def check_may_write(state: State) -> None:
    """Refused once it is closed."""
    if state is State.CLOSED:
        raise Refused(CLOSED_ANYWAY)


def check_open(state: State) -> None:
    """The same, of who does something else there."""
    if state is State.CLOSED:
        raise Refused("Cette conversation est déjà fermée. Il n’y a plus rien à y faire.")


def check_room(sizes: Sequence[int]) -> None:
    """Refused for more files, or heavier ones, than a mail may carry."""
    if len(sizes) > FILES_AT_MOST:
        raise Refused(f"Joignez {FILES_AT_MOST} documents au plus.")
    if sum(sizes) > BYTES_AT_MOST:
        raise Refused("Ces documents pèsent plus de 7 Mo ensemble. Envoyez-les en plusieurs fois.")
