"""The refusals of a deposit, for people: without the codes of machines, with what to do."""

from backend.domain.deposits import DepositRefused
from backend.domain.errors import Refused

REMEDIES = {
    "901": "Ce document n’a pas été fait par votre laboratoire. Seul son auteur le dépose.",
    "902": "Cette personne n’a pas d’espace ouvert : rien ne peut y entrer. "
    "Le compte rendu peut partir chez son prescripteur.",
    "903": "Ce document ne porte pas d’INS. Produisez-le de nouveau avec l’identité qualifiée.",
}


NOBODY = (
    "Masqué aux professionnels et invisible à la personne : nul ne pourrait lire ce document. "
    "Choisissez l’un des deux."
)


OPPOSED = (
    "La personne s’est opposée à ce dépôt, à l’accueil. Le compte rendu peut partir chez son "
    "prescripteur, sans entrer dans son espace."
)
TO_NOBODY = "Rien n’entre dans son espace : choisissez au moins un destinataire."


def in_words(refusal: Refused) -> str:
    """The refusals of the other doors, without their codes, with what to do."""
    if not isinstance(refusal, DepositRefused):
        return refusal.message
    if refusal.place == "flags" and "MASQUE_PS" in refusal.message:
        return NOBODY
    if refusal.place == "recipients" and "DESTDMP=N" in refusal.message:
        return TO_NOBODY
    if refusal.place == "patient" and refusal.code == "906":
        return OPPOSED
    said = REMEDIES.get(refusal.code, refusal.message)
    for word in (" (RO)", " (PID-3)", " (PRT SB)", ", avec DESTDMP=Y"):
        said = said.replace(word, "")
    return said
