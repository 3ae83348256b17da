"""How signing in says no. Refusals are returned, so that what they counted is committed."""

from enum import StrEnum

from msgspec import Struct

from backend.access import Action, refuse
from backend.access.actors import Visitor
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession

MINUTE = 60


class Reason(StrEnum):
    """Written in the journal."""

    PASSWORD = "password"  # noqa: S105 - a name
    CODE = "code"
    DEAD_CODE = "code-over"
    TOO_OFTEN = "too-often"
    UNUSABLE = "unusable"
    PASSKEY = "passkey"
    CLONED_PASSKEY = "passkey-counter"
    """Its counter went back: somebody may have a copy."""


class Rejected(Struct, frozen=True):
    """No, why, and how many seconds to wait when waiting helps."""

    reason: Reason
    message: str
    retry_after: int = 0

    @property
    def over(self) -> bool:
        """Nothing can follow in this half-way session: start again."""
        return self.reason is Reason.UNUSABLE


WRONG_PASSWORD = Rejected(
    Reason.PASSWORD,
    "L’identifiant ou le mot de passe ne convient pas. Vérifiez-les, puis réessayez.",
)
"""The same for an unknown identifier, a wrong password, and an account that is closed."""

UNUSABLE = Rejected(
    Reason.UNUSABLE,
    "La connexion ne peut pas continuer. Recommencez avec votre identifiant et votre mot de passe.",
)
BAD_PASSKEY = Rejected(
    Reason.PASSKEY,
    "Cette clé d’accès n’a pas été reconnue. Réessayez, ou entrez avec votre mot de passe.",
)
CLONED_PASSKEY = Rejected(Reason.CLONED_PASSKEY, BAD_PASSKEY.message)
WRONG_APP_CODE = Rejected(
    Reason.CODE,
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant dans votre application.",
)
DEAD_CODE = Rejected(Reason.DEAD_CODE, "Ce code n’est plus valable. Demandez-en un nouveau.")


def wrong_code(tries_left: int) -> Rejected:
    """A code that is not the one."""
    if tries_left < 1:
        return Rejected(
            Reason.CODE, "Ce code n’est pas le bon. Demandez-en un nouveau pour continuer."
        )
    tries = "un essai" if tries_left == 1 else f"{tries_left} essais"
    return Rejected(Reason.CODE, f"Ce code n’est pas le bon. Il vous reste {tries}.")


def too_soon(seconds: int) -> Rejected:
    """A code has just left."""
    wait = "une seconde" if seconds == 1 else f"{seconds} secondes"
    return Rejected(
        Reason.TOO_OFTEN,
        f"Un code vient de partir. Attendez {wait} avant d’en demander un autre.",
        seconds,
    )


def too_often(seconds: int) -> Rejected:
    """A limiter said no."""
    minutes = -(-seconds // MINUTE)
    wait = "une minute" if minutes == 1 else f"{minutes} minutes"
    if minutes >= MINUTE:
        hours = -(-minutes // MINUTE)
        wait = "une heure" if hours == 1 else f"{hours} heures"
    return Rejected(Reason.TOO_OFTEN, f"Trop d’essais. Réessayez dans {wait}.", seconds)


def write_refusal(db: AsyncSession, account: Account | None, rejected: Rejected) -> Rejected:
    """One line of the journal, in the person's lane when there is one; `rejected` again."""
    refuse(
        db,
        Visitor(),
        Action.SIGN_IN_REFUSED,
        record_id=account.record_id if account else None,
        thing_id=account.id if account else None,
        reason=rejected.reason,
    )
    return rejected
