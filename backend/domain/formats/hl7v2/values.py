"""A message of the volet « Transmission d’un document CDA-R2 en HL7v2 », read."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from backend.domain.reports import Organisation, Person, Traits


class Msh(Struct, frozen=True):
    """What an answer needs of the header."""

    sending: tuple[str, str] = ("", "")
    receiving: tuple[str, str] = ("", "")
    kind: str = ""
    """MSH-9.1: ORU, MDM."""
    event: str = ""
    control_id: str = ""
    processing: str = "P"
    version: str = "2.5"
    charset: str = "UNICODE UTF-8"
    sent_at: datetime | None = None


class Action(StrEnum):
    """ORC-1, OBX-11 and the MDM event say it together."""

    NEW = "new"
    REPLACE = "replace"
    DELETE = "delete"


class Flags(Struct, frozen=True):
    """MetaDMPMSS: none has a default, all are sent."""

    masque_ps: bool
    invisible_patient: bool
    invisible_rep_legaux: bool
    connexion_secrete: bool
    modif_conf_code: bool
    destdmp: bool
    destmssanteps: bool
    destmssantepat: bool
    ack_reception: bool
    ack_lecture_mss: bool


class Recipient(Struct, frozen=True):
    """PRT RCT: who else receives the document, by MSSanté."""

    person: Person
    id_type: str
    """RPPS, IDNPS, INS…"""
    address: str


class Message(Struct, frozen=True):
    """One document on its way."""

    msh: Msh
    action: Action
    patient: Traits
    identity_status: str
    """PID-32: PROV, RECUP, VALI, QUAL or empty."""
    type_code: str
    document: bytes
    sender: Person
    structure: Organisation
    flags: Flags
    recipients: tuple[Recipient, ...] = ()
    reply_to: str = ""
    warnings: tuple[str, ...] = ()
    body_professional: str = ""
    """CORPSMAIL_PS: what the mail to professionals says."""
    body_patient: str = ""
    """CORPSMAIL_PATIENT."""
    ends_exchange: bool = False
    """NTE-4 FIN: the patient may not answer."""
