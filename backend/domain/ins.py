"""INS: the matricule and its key, the strict traits and how two identities are compared.

Sources: référentiel INS and RNIV as summed up in the interoperability notes; the key is
97 − (first 13 characters mod 97), with 2A read as 19 and 2B as 18.
"""

import re
import unicodedata

from backend.domain.errors import Refused
from backend.domain.reports import Traits

NIR = "1.2.250.1.213.1.4.8"
NIA = "1.2.250.1.213.1.4.9"
NIR_TEST = "1.2.250.1.213.1.4.10"
NIR_DEMO = "1.2.250.1.213.1.4.11"
OIDS = frozenset({NIR, NIA, NIR_TEST, NIR_DEMO})

STRICT = ("birth_name", "first_given", "birth_date", "sex", "birthplace")
MATRICULE = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{8}", re.ASCII)


def key_is_right(matricule: str) -> bool:
    """Whether the last two of the fifteen characters are the key of the first thirteen."""
    if not MATRICULE.fullmatch(matricule):
        return False
    number = matricule[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(matricule[13:])


def check_matricule(matricule: str, oid: str) -> None:
    """Refused for a matricule that cannot be one; test ranges may have wrong keys."""
    if oid not in OIDS:
        raise Refused("Le domaine d’identification (OID) n’est pas celui d’un INS.")
    if not MATRICULE.fullmatch(matricule):
        raise Refused("Le matricule INS n’a pas la forme attendue : 15 caractères.")
    if oid in {NIR, NIA} and not key_is_right(matricule):
        raise Refused("La clé du matricule INS est fausse.")


def normalise_name(name: str) -> str:
    """Upper case, no accent, one space; hyphens and apostrophes kept (RNIV)."""
    bare = unicodedata.normalize("NFKD", name.replace("’", "'")).upper()
    bare = bare.replace("Œ", "OE").replace("Æ", "AE")
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(kept.split())


def missing_traits(sent: Traits) -> tuple[str, ...]:
    """Which strict traits the sender left out."""
    return tuple(name for name in STRICT if not getattr(sent, name))


def different_traits(one: Traits, other: Traits) -> tuple[str, ...]:
    """Which of matricule, OID and strict traits differ; one that a side lacks is not compared."""
    names = ("matricule", "oid", *STRICT)
    pairs = {name: (_plain(one, name), _plain(other, name)) for name in names}
    return tuple(name for name, (a, b) in pairs.items() if a and b and a != b)


def _plain(traits: Traits, name: str) -> object:
    value = getattr(traits, name)
    return normalise_name(value) if isinstance(value, str) else value
