"""Activation: the three things typed, the provisional code, and how long each lasts.

Sources: product.md §1.2 (code of 12 characters, single use; NIR of 15 with its key; serial number
of 8 to 13 digits), security.md §3.6.
"""

import re
from datetime import timedelta
from enum import StrEnum
from unicodedata import normalize

from msgspec import Struct

from backend.domain.errors import Refused
from backend.domain.ins import key_is_right

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0 and O, 1 and I, which look alike on paper."""
CODE_LENGTH = 12
"""60 bits."""
FIRST_CODE_LIFE = timedelta(weeks=6)
"""Of a code that nobody asked for: the letter or e-mail of the opening."""
ASKED_CODE_LIFE = timedelta(hours=1)
"""Of a code asked for on the page, by e-mail or SMS."""
LETTER_LIFE = timedelta(weeks=3)
"""Of a code asked for by letter."""
CODE_TRIES = 5
ENROLMENT_LIFE = timedelta(hours=1)
"""A whole activation, reading included: never less than twenty minutes (RGAA 13.1)."""
WINDOW = timedelta(weeks=6)
"""Between the information and the opening (R.1111-28)."""
ARCHIVE_YEARS = 10
"""A closed space is kept, locked (R.1111-36)."""
ERASE_AFTER = timedelta(days=30)
"""Early deletion: the law says three months at most; until then the person may come back."""

BLANKS = re.compile(r"[\s\-‐‑‒–—.]+")
NIR = re.compile(r"[12378][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}", re.ASCII)
SERIAL = re.compile(r"[0-9]{8,13}", re.ASCII)


class Purpose(StrEnum):
    """Why somebody without a session is here."""

    ACTIVATION = "activation"
    REFUSAL = "refusal"
    RETURN = "return"
    """With a letter of the help desk: the account is the person’s again, by new means."""


class Contacts(Struct, frozen=True):
    """How the person can be reached, as the Assurance maladie knows it; empty: not known."""

    email: str = ""
    phone: str = ""
    address: tuple[str, ...] = ()
    """Lines of a postal address, the name left out."""


class Proof(Struct, frozen=True):
    """The three things typed, in one spelling."""

    code: str
    nir: str
    serial: str


def in_fours(code: str) -> str:
    """« ABCD EFGH JKLM »."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_provisional_code(text: str) -> str:
    """Twelve letters and digits, however they were typed."""
    code = _bare(text)
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isalnum():
        raise Refused("Le code a 12 lettres et chiffres. Recopiez celui de votre courrier.")
    return code


def read_nir(text: str) -> str:
    """Fifteen characters with a right key; Corsica’s 2A and 2B are in."""
    nir = _bare(text)
    if not NIR.fullmatch(nir):
        raise Refused(
            "Le numéro de sécurité sociale a 15 caractères : 13, puis une clé de 2 chiffres. "
            "Exemple : 1 85 05 78 006 084 36."
        )
    if not key_is_right(nir):
        raise Refused(
            "Ce numéro contient une erreur : ses 2 derniers chiffres ne vont pas avec les 13 "
            "premiers. Recopiez-le depuis votre carte Vitale."
        )
    return nir


def read_serial(text: str) -> str:
    """The serial number of a carte Vitale: 11 digits with a photo, 8 to 13 without."""
    serial = _bare(text)
    if not SERIAL.fullmatch(serial):
        raise Refused(
            "Le numéro de série de la carte Vitale a entre 8 et 13 chiffres. "
            "Avec une photo sur la carte, ce sont les 11 derniers chiffres en haut à droite."
        )
    return serial


def masked_phone(phone: str) -> str:
    """« •• •• •• •• 35 »."""
    return f"•• •• •• •• {phone[-2:]}"


def _bare(text: str) -> str:
    return BLANKS.sub("", normalize("NFKC", text[:100])).upper()
