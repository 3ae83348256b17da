"""Means to sign in: what may change, how long it can be undone, and the words for it."""

from datetime import timedelta
from enum import StrEnum

from backend.domain.errors import Refused

COOLING_OFF = timedelta(hours=24)
"""How long a change can be undone by its link, and how long sensitive acts wait."""


class Kind(StrEnum):
    """A change of a means to sign in."""

    PASSWORD = "password"  # noqa: S105 - a name
    EMAIL = "email"
    PHONE = "phone"
    TOTP_ADDED = "totp-added"
    TOTP_REMOVED = "totp-removed"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    RECOVERED = "recovered"
    REENROLLED = "re-enrolled"
    """By a letter of the help desk: every means is new."""


COOLING = frozenset(
    {
        *(Kind.PASSWORD, Kind.EMAIL, Kind.PHONE),
        *(Kind.TOTP_ADDED, Kind.PASSKEY_ADDED, Kind.RECOVERED, Kind.REENROLLED),
    }
)
"""Changes by which somebody who is not the person would take the space over."""

WORDS = {
    Kind.PASSWORD: "Votre mot de passe a été changé",
    Kind.EMAIL: "Votre adresse e-mail a été changée",
    Kind.PHONE: "Votre numéro de mobile a été changé",
    Kind.TOTP_ADDED: "Une application de codes a été ajoutée",
    Kind.TOTP_REMOVED: "Votre application de codes a été retirée",
    Kind.PASSKEY_ADDED: "Une clé d’accès a été ajoutée",
    Kind.PASSKEY_REMOVED: "Une clé d’accès a été retirée",
    Kind.RECOVERED: "Votre mot de passe oublié a été remplacé",
    Kind.REENROLLED: "Vos moyens de connexion ont été remplacés grâce à un courrier",
}


LONGEST_NAME = 40


def read_name(text: str) -> str:
    """What a person calls one of their passkeys: a few words, or nothing."""
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"Choisissez un nom de {LONGEST_NAME} caractères au plus.")
    return name


class Cooling(Refused):
    """A day has not passed since the last change."""

    message = (
        "Vous avez changé vos moyens de connexion il y a moins de 24 heures. "
        "Pour vous protéger, attendez demain pour faire cela."
    )
