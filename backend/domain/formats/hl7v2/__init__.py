"""HL7 v2 messages that carry a CDA document: read, refused with reasons, acknowledged.

Source: ANS, volet « Transmission d’un document CDA-R2 en HL7v2 », 2.1.
"""

from backend.domain.formats.hl7v2.answers import read_msa, write_ack
from backend.domain.formats.hl7v2.errors import MessageError
from backend.domain.formats.hl7v2.header import read_msh
from backend.domain.formats.hl7v2.reading import read_message
from backend.domain.formats.hl7v2.values import Action, Flags, Message, Msh, Recipient

__all__ = [
    "Action",
    "Flags",
    "Message",
    "MessageError",
    "Msh",
    "Recipient",
    "read_message",
    "read_msa",
    "read_msh",
    "write_ack",
]
