"""Signing in: what may be typed, how long things last, how often they may be tried."""

import re
from datetime import datetime, timedelta
from unicodedata import normalize

from backend.domain.errors import Refused

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
RESEND_AFTER = timedelta(seconds=30)
HALFWAY_LIFE = timedelta(minutes=30)
"""How long the right password is remembered while the code is on its way."""

FRESH_FOR = timedelta(minutes=10)
"""How long a proof that the person is still there allows sensitive acts, in the same browser."""

WARNED_BEFORE = timedelta(minutes=10)
"""How long before its end, whatever the person does, a session says so."""
SESSIONS_AT_MOST = 5
"""Browsers signed in at once with one account; one more ends the oldest."""

IDENTIFIER = re.compile(r"[a-z0-9._-]{8,100}")
BLANKS = re.compile(r"[\s\-‐‑‒–—.]+")
CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


def read_identifier(text: str) -> str:
    """An identifier as chosen, lower case; refused when it could never be one."""
    identifier = text.strip().lower()
    if not IDENTIFIER.fullmatch(identifier):
        raise Refused(
            "L’identifiant a 8 caractères au moins : lettres sans accent, chiffres, "
            "point, tiret ou tiret bas."
        )
    return identifier


def read_typed_identifier(text: str) -> str:
    """What somebody who signs in typed: whether it exists is not told here."""
    if not text.strip():
        raise Refused("Écrivez votre identifiant.")
    return text.strip().lower()[:200]


def read_typed_password(text: str) -> str:
    """What somebody who signs in typed, to the letter: blanks count."""
    if not text:
        raise Refused("Écrivez votre mot de passe.")
    return text


def read_code(text: str) -> str:
    """The six digits, whatever was put between them: « 384 201 », « 384-201 », wide digits."""
    code = BLANKS.sub("", normalize("NFKC", text[:100]))
    if not CODE.fullmatch(code):
        raise Refused(f"Le code a {CODE_DIGITS} chiffres. Recopiez celui que vous avez reçu.")
    return code


def seconds_before_resend(sent_at: datetime, now: datetime) -> int:
    """How long until another code may be asked for; 0 when it may."""
    wait = sent_at + RESEND_AFTER - now
    return max(0, -(-int(wait.total_seconds() * 1000) // 1000))
