"""RNIV: how far an identity may be trusted, how two are compared, what proves one.

The text of the référentiel was not at hand; what follows is the reading of it in the
interoperability notes (§7), to be checked again before any homologation.
"""

from backend.domain.rniv.children import check_whose_number, holds_somebody_elses_number
from backend.domain.rniv.comparing import Difference, Gravity, Piece, agree, compare
from backend.domain.rniv.proofs import PROOFS, Proof, check_proof, proofs_for
from backend.domain.rniv.states import AlreadyQualified, Event, Mark, Standing, Status, advance
from backend.domain.rniv.writing import (
    UNKNOWN_PLACE,
    check_traits,
    complete_birth_date,
    needed_for_insi,
    plain_name,
)

__all__ = [
    "PROOFS",
    "UNKNOWN_PLACE",
    "AlreadyQualified",
    "Difference",
    "Event",
    "Gravity",
    "Mark",
    "Piece",
    "Proof",
    "Standing",
    "Status",
    "advance",
    "agree",
    "check_proof",
    "check_traits",
    "check_whose_number",
    "compare",
    "complete_birth_date",
    "holds_somebody_elses_number",
    "needed_for_insi",
    "plain_name",
    "proofs_for",
]
