"""Documents provided in FHIR R4 (IHE MHD, profile PDSm of the ANS): read, or refused with reasons.

ITI-65 is a transaction Bundle, ITI-105 a DocumentReference with its document inside.
"""

from backend.domain.formats.mhd.errors import FhirError
from backend.domain.formats.mhd.reading import Provided, read_bundle, read_reference

__all__ = ["FhirError", "Provided", "read_bundle", "read_reference"]
