"""« Partage du profil »: an invitation from one parent to the other, and what may become of it.

Source: product.md §6 (name, birth date and NIR of the second parent; accepted from their account).
"""

from datetime import date, timedelta

from msgspec import Struct

from backend.domain.errors import Refused
from backend.domain.ins import normalise_name
from backend.domain.reports import Traits

INVITATION_LIFE = timedelta(days=15)
GUARDIANS_AT_MOST = 2


class Invitee(Struct, frozen=True):
    """The second parent, as the first one typed it."""

    name: str
    birth_date: date
    matricule: str

    def is_(self, traits: Traits) -> bool:
        """Whether this person is meant: the number alone could be a mistake."""
        names = {normalise_name(traits.birth_name), normalise_name(traits.used_name)} - {""}
        return (
            traits.matricule == self.matricule
            and traits.birth_date == self.birth_date
            and normalise_name(self.name) in names
        )


def read_family_name(text: str, problem: str) -> str:
    """Not empty, or Refused(problem); whether it is the right one, only the match tells."""
    if not text.strip():
        raise Refused(problem)
    return text.strip()[:100]
