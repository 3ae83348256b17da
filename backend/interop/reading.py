"""From an HL7 v2 message to a deposit, in our own words."""

from hashlib import sha256

from backend.domain.deposits import (
    Deposit,
    DepositAction,
    Flags,
    Order,
    Recipient,
)
from backend.domain.dispatches.letter import read_body
from backend.domain.formats.cda import read_cda
from backend.domain.formats.hl7v2 import Action, Message, read_message

ACTIONS = {
    Action.NEW: DepositAction.NEW,
    Action.REPLACE: DepositAction.REPLACE,
    Action.DELETE: DepositAction.WITHDRAW,
}


def read_deposit(body: bytes) -> tuple[Message, Deposit]:
    """The message and the document inside it, or MessageError, Malformed, InvalidDocument.

    DESTDMP=N: its patient is opposed or wants it so; it is for its recipients alone.
    """
    message = read_message(body)
    flags = message.flags
    return message, Deposit(
        action=ACTIONS[message.action],
        patient=message.patient,
        sender=message.structure,
        type_code=message.type_code,
        content=message.document,
        report=read_cda(message.document),
        flags=Flags(
            masked=flags.masque_ps,
            withheld=flags.invisible_patient,
            hidden_from_guardians=flags.invisible_rep_legaux or flags.connexion_secrete,
            visibility_only=flags.modif_conf_code,
        ),
        recipients=tuple(
            Recipient(recipient.person, recipient.address, recipient.id_type == "INS")
            for recipient in message.recipients
        ),
        order=_order(message),
        only_sent=not flags.destdmp,
    )


def _order(message: Message) -> Order:
    flags = message.flags
    return Order(
        to_professionals=flags.destmssanteps,
        to_patient=flags.destmssantepat,
        tell_reception=flags.ack_reception,
        tell_reading=flags.ack_lecture_mss,
        reply_to=message.reply_to,
        body_professional=read_body(message.body_professional),
        body_patient=read_body(message.body_patient),
        ends_exchange=message.ends_exchange,
        sending=message.msh.sending,
        control_id=message.msh.control_id,
    )


def message_key(message: Message, body: bytes) -> str:
    """What makes two messages the same: senders reuse control ids (interop.md §1.8 item 3)."""
    msh = message.msh
    digest = sha256(body).hexdigest()
    return "|".join((*msh.sending, msh.control_id, digest))
