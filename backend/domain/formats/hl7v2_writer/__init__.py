"""Write the HL7 v2 messages that carry a CDA: ORU^R01 (2.5) and MDM^T02/T10/T04 (2.6).

Source: volet « Transmission d’un document CDA-R2 en HL7v2 » 2.1 (CI-SIS).
"""

from backend.domain.formats.hl7v2 import Action
from backend.domain.formats.hl7v2_writer.encoding import encode, instant, segment
from backend.domain.formats.hl7v2_writer.envelope import MARKS, Envelope, Recipient
from backend.domain.formats.hl7v2_writer.segments import (
    msh,
    obr,
    observations,
    orc,
    pid,
    pv1,
    txa,
)
from backend.domain.reports import Header

__all__ = ["Action", "Envelope", "Recipient", "write_mdm", "write_oru"]


def write_oru(header: Header, document: bytes, envelope: Envelope) -> bytes:
    """`document` (CDA bytes) in an ORU^R01, ER7 with CR between segments."""
    control, result_status, _ = MARKS[envelope.action]
    return encode(
        [
            msh(envelope, "ORU^R01^ORU_R01", "2.5"),
            pid(header, envelope),
            pv1(envelope),
            orc(header, control),
            obr(header),
            *observations(header, document, envelope, result_status, "CE"),
        ],
        envelope.charset,
    )


def write_mdm(header: Header, document: bytes, envelope: Envelope) -> bytes:
    """`document` (CDA bytes) in an MDM^T02, T10 or T04, ER7 with CR between segments."""
    control, result_status, event = MARKS[envelope.action]
    return encode(
        [
            msh(envelope, f"MDM^{event}^MDM_T02", "2.6"),
            segment("EVN", {2: instant(envelope.sent_at)}),
            pid(header, envelope),
            pv1(envelope),
            orc(header, control),
            obr(header),
            txa(header, envelope),
            *observations(header, document, envelope, result_status, "CWE"),
        ],
        envelope.charset,
    )
