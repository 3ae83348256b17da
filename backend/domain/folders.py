"""« Dossiers »: where people put their documents away. What they may be called."""

from backend.domain.errors import Refused

MOST = 50
LONGEST_NAME = 60


def read_name(text: str) -> str:
    """What a person calls a folder."""
    name = " ".join(text[:1000].split())
    if not name:
        raise Refused("Donnez un nom à ce dossier. Exemple : Grossesse")
    if len(name) > LONGEST_NAME:
        raise Refused(f"Ce nom est trop long. Écrivez {LONGEST_NAME} lettres au plus.")
    if not name.isprintable():
        raise Refused("Ce nom contient un caractère que nous ne savons pas afficher.")
    return name


def is_same(one: str, other: str) -> bool:
    """Two names that a person would take for one."""
    return one.casefold() == other.casefold()
