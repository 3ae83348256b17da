"""What came of asking INSi about a file, in the words of the desk."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.domain.reports import Traits
from backend.domain.rniv import Difference, Standing
from backend.gateways.insi import Answer, Found, InsiDown, Nobody, Several
from backend.storage.desk import PatientFile


class Outcome(StrEnum):
    """What came of asking."""

    RETRIEVED = "recuperee"
    QUALIFIED = "qualifiee"
    NOBODY = "personne"
    SEVERAL = "plusieurs"
    DIFFERENT = "ecarts"
    TAKEN = "autre-dossier"
    PARENT = "numero-du-parent"
    CONTRADICTED = "contredite"
    CONFIRMED = "confirmee"
    MOVED = "dossier-modifie"
    DOWN = "indisponible"


SAID = {
    Outcome.RETRIEVED: "INSi connaît cette personne. Contrôlez maintenant sa pièce d’identité.",
    Outcome.QUALIFIED: "L’identité est qualifiée.",
    Outcome.NOBODY: "INSi ne trouve personne. Vérifiez l’orthographe sur la pièce d’identité : "
    "nom de naissance, autres prénoms, lieu de naissance.",
    Outcome.SEVERAL: "INSi trouve plusieurs personnes. Ajoutez le lieu de naissance et tous les "
    "prénoms, puis recommencez.",
    Outcome.DIFFERENT: "INSi répond avec d’autres traits. Vérifiez la pièce d’identité avant de "
    "qualifier, et corrigez le dossier s’il le faut.",
    Outcome.TAKEN: "Un autre dossier du laboratoire porte déjà cette INS. Ouvrez une anomalie.",
    Outcome.PARENT: "Ce matricule est sans doute celui d’un parent. Ouvrez une anomalie.",
    Outcome.CONTRADICTED: "INSi ne reconnaît plus cette INS avec ces traits : l’identité redevient "
    "provisoire.",
    Outcome.CONFIRMED: "INSi confirme cette INS.",
    Outcome.MOVED: "Le dossier a été modifié pendant la recherche. Recommencez.",
}


class Lookup(Struct, frozen=True):
    """What the desk sees of it."""

    outcome: Outcome
    message: str
    standing: Standing
    theirs: Traits | None = None
    """What INSi answered, to be set beside the file’s."""
    differences: tuple[Difference, ...] = ()
    twin_id: UUID | None = None


class Question(Struct, frozen=True):
    """What a file held when INSi was asked."""

    file_id: UUID
    traits: Traits
    finess: str


def code_of(answer: Answer | InsiDown) -> str:
    """For the journal: a code, nobody’s name."""
    match answer:
        case InsiDown():
            return answer.code
        case Found():
            return "00"
        case Nobody():
            return "01"
        case Several():
            return "02"


def told(
    file: PatientFile,
    outcome: Outcome,
    theirs: Traits | None = None,
    differences: tuple[Difference, ...] = (),
    twin: UUID | None = None,
) -> Lookup:
    return Lookup(outcome, SAID[outcome], file.standing, theirs, differences, twin)
