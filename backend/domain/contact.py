"""How people can be reached: e-mail addresses and mobile numbers, in one spelling each."""

import re

import idna

from backend.domain.errors import Refused

BAD_EMAIL = "Cette adresse e-mail n’est pas valide. Écrivez une adresse comme nom@domaine.fr."
BAD_PHONE = "Ce numéro de mobile n’est pas valide. Écrivez un numéro comme 06 12 34 56 78."

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf"{ATOM}(?:\.{ATOM})*", re.ASCII)
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z]){LABEL}", re.ASCII)
MOST_LOCAL, MOST_EMAIL = 64, 254

SEPARATORS = re.compile(r"[\s.()\-\u2010-\u2015/]")
"""What people put between digits; NBSP and narrow NBSP are spaces too."""

NATIONAL = re.compile(r"(?:(?:\+|00)(?:33|262|508|590|594|596)0?|0)([1-9]\d{8})", re.ASCII)
OVERSEAS = {
    "690": "590",  # Guadeloupe, Saint-Martin, Saint-Barthélemy
    "691": "590",
    "692": "262",  # La Réunion
    "693": "262",
    "639": "262",  # Mayotte
    "694": "594",  # Guyane
    "696": "596",  # Martinique
    "697": "596",
}
FICTION = "63998"
"""06 39 98 is kept for stories (Arcep), in the middle of Mayotte’s numbers."""


def read_email(text: str) -> str:
    """One plain address, its domain in ASCII and lower case, or Refused.

    Narrower than RFC 5321 on purpose: no quotes, no comments, no name, no list, no literal
    address, so that nobody downstream can read it in another way.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    if not at or len(local) > MOST_LOCAL or not LOCAL_PART.fullmatch(local):
        raise Refused(BAD_EMAIL)
    email = f"{local}@{_read_domain(domain)}"
    if len(email) > MOST_EMAIL:
        raise Refused(BAD_EMAIL)
    return email


def read_mobile(text: str) -> str:
    """A French mobile number as E.164 (`+33612345678`), overseas ones included, or Refused."""
    found = NATIONAL.fullmatch(SEPARATORS.sub("", text))
    number = found[1] if found else ""
    if not number.startswith(("6", "7")):
        raise Refused(BAD_PHONE)
    overseas = OVERSEAS.get(number[:3])
    country = "33" if overseas is None or number.startswith(FICTION) else overseas
    return f"+{country}{number}"


def spelled(phone: str) -> str:
    """« 06 39 98 01 35 »: a number of ours, as people say it in France."""
    digits = "0" + phone[3:]
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _read_domain(text: str) -> str:
    if len(text) > MOST_EMAIL:
        raise Refused(BAD_EMAIL)
    try:
        domain = idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise Refused(BAD_EMAIL) from error
    if not DOMAIN.fullmatch(domain):
        raise Refused(BAD_EMAIL)
    return domain
