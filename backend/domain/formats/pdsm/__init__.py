"""Documents asked for in FHIR R4 (IHE MHD ITI-66, ITI-67, profile PDSm of the ANS), and told of."""

from backend.domain.formats.pdsm.matching import matches
from backend.domain.formats.pdsm.query import Criterion, Kind, Search, read_search
from backend.domain.formats.pdsm.values import Content, Pointer
from backend.domain.formats.pdsm.writing import write_bundle, write_lot, write_reference

__all__ = [
    "Content",
    "Criterion",
    "Kind",
    "Pointer",
    "Search",
    "matches",
    "read_search",
    "write_bundle",
    "write_lot",
    "write_reference",
]
