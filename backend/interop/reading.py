"""From an HL7 v2 message to a deposit, in our own words."""

from hashlib import sha256

from backend.domain.deposits import (
    Deposit,
    DepositAction,
    DepositRefused,
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
NOT_HERE = (
    "DESTDMP=N : ce message ne va pas dans l’espace du patient, et ce service n’en transmet pas "
    "d’autres. Envoyez-le par la messagerie de votre logiciel, ou mettez DESTDMP=Y."
)


def read_deposit(body: bytes) -> tuple[Message, Deposit]:
    """The message and the document inside it, or MessageError, Malformed, InvalidDocument.

    What is not for the record (DESTDMP=N) is refused: here nothing is sent that is not filed.
    """
    message = read_message(body)
    flags = message.flags
    if not flags.destdmp:
        raise DepositRefused("906", NOT_HERE, place="flags")
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
