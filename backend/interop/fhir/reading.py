"""From what was provided in FHIR to a deposit, in our own words."""

from backend.domain.deposits import Deposit, DepositAction, DepositRefused, Flags
from backend.domain.formats.cda import read_cda
from backend.domain.formats.mhd import FhirError, Provided


def to_deposit(provided: Provided) -> Deposit:
    """In the words of every door; or FhirError, or what a document may be refused for."""
    report = read_cda(provided.content)
    own = report.header.id
    if provided.unique_id not in {str(own), f"{own.root}.{own.extension}"}:
        raise FhirError(
            "conflict",
            "masterIdentifier n’est pas l’identifiant du document.",
            "DocumentReference.masterIdentifier",
        )
    if provided.labels & {"R", "V"}:
        raise DepositRefused(
            "906", "Un document de confidentialité R ou V ne se dépose pas ici.", place="flags"
        )
    return Deposit(
        action=DepositAction.REPLACE if provided.replaces else DepositAction.NEW,
        patient=provided.patient,
        sender=provided.sender or report.header.custodian,
        type_code=provided.type_code,
        content=provided.content,
        report=report,
        flags=Flags(
            masked="MASQUE_PS" in provided.labels,
            withheld="INVISIBLE_PATIENT" in provided.labels,
            hidden_from_guardians="INVISIBLE_REPRESENTANTS_LEGAUX" in provided.labels,
        ),
    )
