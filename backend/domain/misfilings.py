"""« Ce document n’est pas à moi »: what its laboratory answers, and who has to. Pure.

Giving a document back takes one person. Withdrawing it for good takes two.
"""

from enum import StrEnum

from backend.domain.errors import Refused


class MisfilingState(StrEnum):
    """What became of what a patient reported."""

    OPEN = "open"
    DOUBTED = "doubted"
    """Somebody of the laboratory says so too: somebody else has to confirm it."""
    CONFIRMED = "confirmed"
    """It is this patient’s: somebody checked, or it was replaced in the same record."""
    WITHDRAWN = "withdrawn"


UNANSWERED = frozenset({MisfilingState.OPEN, MisfilingState.DOUBTED})


class Answer(StrEnum):
    """What somebody of the laboratory says, as their form sends it."""

    KEEP = "garder"
    REMOVE = "retirer"
    CONFIRM = "confirmer"
    AGAIN = "reprendre"


ENDS = {
    MisfilingState.CONFIRMED: "Vérifié : le document est bien à cette personne.",
    MisfilingState.WITHDRAWN: "Le document n’était pas à cette personne : il est retiré.",
}
"""As the register says it."""


def read_answer(text: str) -> Answer:
    """What was chosen."""
    if text not in set(Answer):
        raise Refused("Choisissez une réponse.")
    return Answer(text)


def answer(state: MisfilingState, said: Answer, *, first: bool) -> MisfilingState:
    """Where it stands then; `first` for who said first that it is somebody else’s."""
    if state not in UNANSWERED:
        raise Refused("Ce signalement a déjà sa réponse.")
    if said is Answer.AGAIN and state is MisfilingState.DOUBTED:
        return MisfilingState.OPEN
    if said is Answer.CONFIRM and state is MisfilingState.DOUBTED:
        if first:
            raise Refused("Une autre personne du laboratoire doit confirmer le retrait.")
        return MisfilingState.WITHDRAWN
    if state is MisfilingState.DOUBTED:
        raise Refused("Quelqu’un a répondu entre-temps : confirmez, ou reprenez la vérification.")
    if said is Answer.KEEP:
        return MisfilingState.CONFIRMED
    if said is Answer.REMOVE:
        return MisfilingState.DOUBTED
    raise Refused("Personne n’a encore demandé le retrait : vérifiez d’abord le document.")
