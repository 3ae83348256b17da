"""The register of identity anomalies: what they are, how one is treated, as a table. Pure."""

import csv
import io
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.domain.errors import Refused

LONGEST = 2_000
RISKY = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    *("numéro", "ouverte le", "par", "dossier", "nature", "partenaire", "description"),
    *("état", "prise en charge le", "par", "close le", "par", "motif de clôture"),
)


class AnomalyKind(StrEnum):
    """What is wrong with an identity."""

    DIFFERS = "ecart"
    DUPLICATE = "doublon"
    COLLISION = "collision"
    PARENT_NUMBER = "numero-du-parent"
    DOUBT = "usurpation"
    PARTNER = "partenaire"
    MISFILED = "mauvais-dossier"
    """A patient said so: `domain.misfilings`. Nobody of the laboratory opens one."""
    OTHER = "autre"


class AnomalyState(StrEnum):
    """Where it stands."""

    OPEN = "ouverte"
    TREATED = "en-cours"
    SETTLED = "close"


KINDS = {
    AnomalyKind.DIFFERS: "Les traits diffèrent d’INSi ou de la pièce d’identité",
    AnomalyKind.DUPLICATE: "Deux dossiers pour une même personne",
    AnomalyKind.COLLISION: "Un dossier pour deux personnes",
    AnomalyKind.PARENT_NUMBER: "Le dossier d’un enfant porte le numéro d’un parent",
    AnomalyKind.DOUBT: "Doute sur la personne, ou usurpation",
    AnomalyKind.PARTNER: "Identité fausse reçue d’un partenaire",
    AnomalyKind.MISFILED: "Document dans le mauvais dossier",
    AnomalyKind.OTHER: "Autre",
}
BY_HAND = {kind: words for kind, words in KINDS.items() if kind is not AnomalyKind.MISFILED}
"""Those that somebody of the laboratory may open."""
STATES = {
    AnomalyState.OPEN: "ouverte",
    AnomalyState.TREATED: "en cours de traitement",
    AnomalyState.SETTLED: "close",
}


class Line(Struct, frozen=True):
    """One line of the register, in words."""

    id: UUID
    file_id: UUID | None
    """None of a document that a patient says is not theirs."""
    number: str
    opened: str
    opened_by: str
    file: str
    kind: AnomalyKind
    partner: str
    detail: str
    state: AnomalyState
    treated: str = ""
    treated_by: str = ""
    settled: str = ""
    settled_by: str = ""
    outcome: str = ""


def treat(state: AnomalyState) -> AnomalyState:
    """Somebody takes it; Refused when it is not open."""
    if state is AnomalyState.TREATED:
        raise Refused("Cette anomalie est déjà prise en charge.")
    if state is AnomalyState.SETTLED:
        raise Refused("Cette anomalie est close.")
    return AnomalyState.TREATED


def settle(state: AnomalyState, outcome: str) -> AnomalyState:
    """It is closed, with what was found; Refused before somebody takes it, and without a reason."""
    if state is AnomalyState.SETTLED:
        raise Refused("Cette anomalie est déjà close.")
    if state is AnomalyState.OPEN:
        raise Refused("Prenez d’abord cette anomalie en charge, puis clôturez-la.")
    if not read_words(outcome):
        raise Refused("Écrivez le motif de clôture : ce qui a été trouvé et corrigé.")
    return AnomalyState.SETTLED


def read_words(text: str) -> str:
    """What somebody wrote, without blanks around; Refused when it is too long."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise Refused(f"Écrivez {LONGEST} caractères au plus.")
    return words


def write_register(lines: Iterable[Line]) -> bytes:
    """For a spreadsheet, in French: a BOM, semicolons, and no cell that it would run."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(COLUMNS)
    for one in lines:
        kind, state = KINDS[one.kind], STATES[one.state]
        cells = (
            *(one.number, one.opened, one.opened_by, one.file, kind, one.partner, one.detail),
            *(state, one.treated, one.treated_by, one.settled, one.settled_by, one.outcome),
        )
        writer.writerow([f"'{cell}" if cell.startswith(RISKY) else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")
