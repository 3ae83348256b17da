"""What proves an identity at a desk: the documents that RNIV lets validate one, as a table.

Nothing of a document is kept but its kind, who saw it and when: no copy, no number.
"""

from msgspec import Struct

from backend.domain.errors import Refused


class Proof(Struct, frozen=True):
    """A kind of document."""

    code: str
    label: str
    minors_only: bool = False
    with_a_parent: bool = False
    """It names nobody by a photograph: the parent who comes shows theirs."""
    refused: str = ""
    """Why it does not validate an identity, for whoever was about to take it."""


PROOFS = {
    proof.code: proof
    for proof in (
        Proof("passeport", "Passeport"),
        Proof("cni", "Carte nationale d’identité (France ou Union européenne)"),
        Proof("titre-de-sejour", "Titre de séjour"),
        Proof("identite-numerique", "Identité numérique (France Identité, appli carte Vitale)"),
        Proof("livret-de-famille", "Livret de famille", minors_only=True, with_a_parent=True),
        Proof("acte-de-naissance", "Extrait d’acte de naissance de moins de trois mois",
              minors_only=True, with_a_parent=True),
        Proof("permis", "Permis de conduire",
              refused="Le permis de conduire ne dit pas tous les traits de l’état civil."),
        Proof("carte-vitale", "Carte Vitale",
              refused="La carte Vitale sert à interroger INSi : elle ne prouve pas l’identité."),
        Proof("autre", "Autre document",
              refused="Ce document ne permet pas de valider une identité."),
    )
}  # fmt: skip
ACCEPTED = "Il faut un passeport, une carte nationale d’identité ou un titre de séjour."


def proofs_for(*, minor: bool) -> tuple[Proof, ...]:
    """Those that may be offered for this person."""
    return tuple(
        proof for proof in PROOFS.values() if not proof.refused and (minor or not proof.minors_only)
    )


def check_proof(code: str, *, minor: bool, parents_seen: bool, same_traits: bool) -> Proof:
    """The document, when it validates this person’s identity; else Refused, and what would."""
    proof = PROOFS.get(code)
    if proof is None:
        raise Refused("Choisissez la pièce d’identité que vous avez vue.")
    if proof.refused:
        raise Refused(f"{proof.refused} {ACCEPTED}")
    if proof.minors_only and not minor:
        raise Refused(f"{proof.label} : pour un enfant seulement. {ACCEPTED}")
    if proof.with_a_parent and not parents_seen:
        raise Refused(
            f"{proof.label} : demandez aussi la pièce d’identité du parent qui accompagne."
        )
    if not same_traits:
        raise Refused(
            "Les traits de la pièce doivent être ceux du dossier : corrigez le dossier d’après "
            "la pièce, ou ouvrez une anomalie."
        )
    return proof
