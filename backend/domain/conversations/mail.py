"""Mails of professionals outside: whose they may be, and what refuses one."""

from collections.abc import Sequence
from enum import StrEnum

from backend.domain.conversations.rules import SUBJECT_AT_MOST
from backend.domain.dispatches import is_citizens, is_secure
from backend.domain.dispatches.letter import PREFIX
from backend.domain.formats.mail.parsing import plain

MAILED_AT_MOST = 20_000
WITHOUT_SUBJECT = "Sans objet"


class Refusal(StrEnum):
    """Why a mail was not taken in: for the journal and the logs, never for its sender."""

    ADDRESSEE = "addressee"
    """Nobody’s address here, or several people’s: one mail is about one person."""
    SENDER = "sender"
    """Outside the espace de confiance, another patient, or ourselves."""
    SHUT = "shut"
    """No active space, or one whose person wants no messages."""
    BLOCKED = "blocked"
    TOO_MANY = "too-many"


BOUNCE = (
    "Bonjour,\n\n"
    "Votre message n’a pas pu être remis à cette personne.\n"
    "Transmettez-le par un autre moyen sécurisé.\n\n"
    "Ce message est envoyé automatiquement.\n"
)
"""The same for every reason: whether somebody has a space here is nobody’s to learn."""
BOUNCED = "Message non remis"


def one_patient(patients: Sequence[str]) -> str:
    """The matricule that a mail is for; `""` when there is none, or more than one."""
    found = {*patients}
    return found.pop() if len(found) == 1 else ""


def sender_refused(sender: str, ours: str, domains: Sequence[str]) -> bool:
    """Nobody but professionals of the espace de confiance writes to a patient."""
    return not is_secure(sender, domains) or is_citizens(sender) or sender == ours.lower()


def read_mailed_subject(text: str) -> str:
    """On one line, without what only software reads, cut where ours would be refused."""
    bare = " ".join(plain(text).split()).removeprefix(PREFIX).strip()
    return bare[:SUBJECT_AT_MOST].strip() or WITHOUT_SUBJECT


def read_mailed_text(text: str) -> str:
    """Cut where no letter goes on."""
    return plain(text).replace("\t", " ").strip()[:MAILED_AT_MOST]
