"""Who will see what a professional deposits by hand, as they choose it."""

from enum import StrEnum

from backend.domain.deposits import Flags
from backend.domain.errors import Refused


class Visibility(StrEnum):
    """Who may see it: one of these, so that nobody being able to read it cannot be asked for."""

    NOW = "tout-de-suite"
    LATER = "apres-annonce"
    MASKED = "masque"
    SENT = "envoi-seul"
    """In nobody’s space: only sent to the professionals that it names."""


def read_visibility(text: str) -> Visibility:
    """One of them."""
    if text not in set(Visibility):
        raise Refused("Choisissez quand la personne verra ce document.")
    return Visibility(text)


def visibility_of(*, withheld: bool, masked: bool) -> Visibility:
    """The one of the three that a document has."""
    return Visibility.LATER if withheld else Visibility.MASKED if masked else Visibility.NOW


def flags_of(visibility: Visibility, *, secret: bool) -> Flags:
    """The same as a machine would say."""
    return Flags(
        masked=visibility is Visibility.MASKED,
        withheld=visibility is Visibility.LATER,
        hidden_from_guardians=secret,
    )
