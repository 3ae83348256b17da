"""« Partage ponctuel »: chosen documents, shown to somebody outside for a while, by a code.

Each showing has a code of its own, made for it and for nothing else (article R.1111-46 CSP: « un
moyen d’identification propre à chaque autorisation »), and ends by itself.
"""

from datetime import timedelta
from unicodedata import normalize

from msgspec import Struct

from backend.domain.activation import BLANKS, CODE_LENGTH
from backend.domain.errors import Refused

LASTS = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "1j": timedelta(days=1),
    "7j": timedelta(days=7),
}
VISIT_LIFE = timedelta(hours=1)
"""After that the visitor types the code again, if it still works."""
DOCUMENTS_AT_MOST = 20
"""As many as one page of the list."""
SHOWN_AT_ONCE = 5
"""Showings of one record that run together: more would be a way to lose sight of them."""
NAME_AT_MOST = 80
SHORTEST_NAME = 3


class Visitor(Struct, frozen=True):
    """Who says they are reading: nobody has verified it, and the person is told so."""

    name: str


def read_code(text: str) -> str:
    """The code as it was shown, however it was typed."""
    code = BLANKS.sub("", normalize("NFKC", text[:100])).upper()
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isalnum():
        raise Refused("Le code a 12 lettres et chiffres. Recopiez celui que montre le patient.")
    return code


def read_visitor(text: str) -> Visitor:
    """Who reads: the person will see it."""
    name = " ".join(text[:1000].split())
    if not SHORTEST_NAME <= len(name) <= NAME_AT_MOST or not name.isprintable():
        raise Refused("Écrivez votre nom et votre métier. Exemple : Dr Anne Roux, dermatologue.")
    return Visitor(name)


def read_whom(text: str) -> str:
    """For whom, as the person wants to remember it; may be empty."""
    name = " ".join(text[:1000].split())
    if len(name) > NAME_AT_MOST or not (name.isprintable() or not name):
        raise Refused(f"Écrivez {NAME_AT_MOST} lettres au plus.")
    return name


def read_duration(text: str) -> timedelta:
    """How long it lasts."""
    if text not in LASTS:
        raise Refused("Choisissez une durée.")
    return LASTS[text]
