"""What a person types to find a professional: a name, or the number on their papers (RPPS)."""

import re
from unicodedata import combining, normalize

from msgspec import Struct

from backend.domain.errors import Refused

MOST = 80
RPPS = re.compile(r"8?\d{11}$")
TITLES = frozenset({"dr", "docteur", "pr", "professeur", "m", "mme", "monsieur", "madame"})
ASK = "Écrivez le nom du professionnel, ou son numéro RPPS."


class Wanted(Struct, frozen=True):
    """Either words of a name, small letters without accents, or a number."""

    words: tuple[str, ...] = ()
    number: str = ""


def read_wanted(text: str) -> Wanted:
    """« Dr Hélène LEROUX » → leroux, helene; Refused when there is nothing to look for."""
    digits = re.sub(r"\s", "", text)
    if RPPS.match(digits):
        return Wanted(number=digits)
    plain = "".join(c for c in normalize("NFD", text[:MOST].lower()) if not combining(c))
    words = tuple(word for word in re.findall(r"[a-z]+", plain) if word not in TITLES)
    if not words or max(map(len, words)) < 2:  # noqa: PLR2004 - one letter is no name
        raise Refused(ASK)
    return Wanted(words=words)
