"""A document that cannot be filed."""

from backend.domain.errors import Refused


class InvalidDocument(Refused):
    """XML, but not a CDA R2 document that this service can file; the sentence says why."""
