"""What an HL7 v2 message says beside the document that it carries."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from backend.domain.formats.hl7v2 import Action
from backend.domain.reports import Organisation, Person

FLAGS = {
    "MASQUE_PS": "Masqué aux professionnels de santé",
    "INVISIBLE_PATIENT": "Non visible par le patient",
    "INVISIBLE_REP_LEGAUX": "Non visible par les représentants légaux",
    "CONNEXION_SECRETE": "Connexion secrète",
    "MODIF_CONF_CODE": "Modification du code de confidentialité",
    "DESTDMP": "Destinataire DMP",
    "DESTMSSANTEPS": "Destinataire professionnel ou organisation",
    "DESTMSSANTEPAT": "Destinataire patient",
    "ACK_RECEPTION": "Accusé de réception",
    "ACK_LECTURE_MSS": "Accusé de lecture",
}
"""The ten flags in the order of the standard: all are sent, Y or N, none has a default."""


MARKS = {
    Action.NEW: ("NW", "F", "T02"),
    Action.REPLACE: ("RO", "C", "T10"),
    Action.DELETE: ("CA", "D", "T04"),
}
"""ORC-1, OBX-11 and MDM event: they must agree, or the message is refused."""


class Recipient(Struct, frozen=True):
    """Who gets a copy by MSSanté: a professional, or the patient when `person` has no id."""

    mailbox: str
    person: Person = Person()


class Envelope(Struct, frozen=True, kw_only=True):
    """What a message says beside the document and its header."""

    control_id: str
    sent_at: datetime
    sender: Person
    organisation: Organisation
    action: Action = Action.NEW
    flags: Mapping[str, bool] = {}
    """Names of FLAGS; those not named are sent as N."""
    recipients: tuple[Recipient, ...] = ()
    reply_to: str = ""
    charset: str = "UNICODE UTF-8"
    """`UNICODE UTF-8` or `8859/15` (MSH-18)."""
    sending: tuple[str, str] = ("SGL", "LABO")
    """Application and facility (MSH-3, MSH-4)."""
    receiving: tuple[str, str] = ("REPERES", "REPERES")
    processing: str = "P"
    """`P` production, `T` training, `D` debugging (MSH-11)."""
    identity_status: str = "VALI"
    """PID-32: `PROV`, `RECUP`, `VALI` or `QUAL`."""
    visit: str = ""
    """Venue (PV1-19)."""
