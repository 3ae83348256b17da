"""The trap of children’s files: a parent’s number pays for a child, and is not the child’s."""

from datetime import date

from backend.domain.calendar import MAJORITY, in_years
from backend.domain.errors import Refused
from backend.domain.ins import MATRICULE
from backend.domain.reports import Traits

SEXES = {"1": "M", "7": "M", "2": "F", "8": "F"}


def is_minor(traits: Traits, today: date) -> bool:
    """Not eighteen yet."""
    return traits.birth_date is not None and in_years(traits.birth_date, MAJORITY) > today


def holds_somebody_elses_number(traits: Traits, today: date) -> bool:
    """Whether a child’s matricule tells another year of birth, or another sex, than the child’s.

    A number is not a source of traits: an adult’s may lawfully differ from them, a child’s has
    had no time to.
    """
    if not is_minor(traits, today) or not MATRICULE.fullmatch(traits.matricule):
        return False
    born = traits.birth_date
    assert born is not None
    sex = SEXES.get(traits.matricule[0])
    other_sex = sex is not None and traits.sex in {"M", "F"} and sex != traits.sex
    return other_sex or int(traits.matricule[1:3]) != born.year % 100


def check_whose_number(traits: Traits, today: date, *, opener: str = "") -> None:
    """Refused for a child under a parent’s number; `opener` is the assuré’s of the card, 13 or 15.

    Who is of age may be their own assuré; a child never is.
    """
    same = bool(opener) and traits.matricule[:13] == opener[:13]
    if is_minor(traits, today) and (same or holds_somebody_elses_number(traits, today)):
        raise Refused(
            "Ce matricule est sans doute celui d’un parent, pas celui de l’enfant. "
            "Retirez-le et interrogez INSi avec les traits de l’enfant."
        )
