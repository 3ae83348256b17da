"""What can be wrong with a resource, in the terms of FHIR’s OperationOutcome."""

from backend.domain.errors import Problem


class FhirError(Problem):
    """`code` of the value set issue-type, where (a FHIRPath), and a sentence."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.where = where
