"""What somebody who comes to a laboratory’s desk is told, and decides. Pure."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from backend.domain.errors import Refused
from backend.domain.reports import Traits
from backend.domain.rniv.children import is_minor


class Sensitive(StrEnum):
    """How a result that may be hard to read is to come."""

    AS_ANY = "comme-les-autres"
    EXPLAINED = "apres-un-entretien"
    """A professional announces it first (R.1111-53)."""


class Choices(Struct, frozen=True):
    """For what is done on this visit, and nothing else."""

    informed: bool = False
    """They were told that the results go to Mon espace santé."""
    opposed: bool = False
    """They do not want this deposit: their care goes on, nothing is deposited."""
    sensitive: Sensitive = Sensitive.AS_ANY
    secret: bool = False
    """« Connexion secrète »: a minor who wants their representatives to know nothing of it."""


NOT_INFORMED = (
    "Dites d’abord à la personne que ses résultats iront dans Mon espace santé, puis cochez "
    "« J’ai informé la personne »."
)


def check_choices(choices: Choices, traits: Traits, today: date) -> None:
    """Refused for what cannot be wanted together."""
    if choices.secret and not is_minor(traits, today):
        raise Refused("La connexion secrète est pour les personnes mineures.")
    if choices.opposed and choices.secret:
        raise Refused(
            "La personne s’oppose au dépôt : il n’y a donc rien à garder secret. "
            "Choisissez l’un des deux."
        )
    if not choices.informed and not choices.opposed:
        raise Refused(NOT_INFORMED)
