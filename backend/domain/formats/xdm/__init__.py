"""`IHE_XDM.zip`, as MSSanté carries documents: written from a CDA.

Sources: IHE ITI XDM and XDS metadata (TF-3 §4.2), CI-SIS « Volet Échange de documents de santé »,
and how the ANS derives each metadata from the CDA header.
"""

from backend.domain.formats.xdm.entry import entry_of
from backend.domain.formats.xdm.values import Code, Entry, Submission
from backend.domain.formats.xdm.writing import write_xdm

__all__ = [
    "Code",
    "Entry",
    "Submission",
    "entry_of",
    "write_xdm",
]
