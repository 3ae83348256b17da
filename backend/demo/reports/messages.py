"""The deposits of the demonstration as the HL7 v2 messages that laboratories send."""

from collections.abc import Iterator
from datetime import date

from backend.demo.people import PRACTITIONERS
from backend.demo.reports.deposit import DemoDeposit
from backend.demo.reports.timeline import demo_reports
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Envelope, Recipient, write_mdm, write_oru

WRITERS = {"ORU": write_oru, "MDM": write_mdm}


def demo_messages(today: date) -> Iterator[tuple[str, str, bytes]]:
    """Name, machine client and ER7 message of every deposit, in their order."""
    for sent in demo_reports(today):
        yield sent.name, sent.laboratory.client_id, write_message(sent)


def write_message(sent: DemoDeposit) -> bytes:
    """The message of one deposit."""
    header = sent.report.header
    return WRITERS[sent.kind](header, write_cda(sent.report), envelope_of(sent))


def envelope_of(sent: DemoDeposit) -> Envelope:
    """Who sends, who gets a copy, what may be seen.

    A masked report goes to no professional; a withheld one goes to professionals only.
    """
    header = sent.report.header
    doctors = [doctor for doctor in PRACTITIONERS if doctor.person == header.prescriber]
    copies = (
        ()
        if "MASQUE_PS" in sent.raised
        else tuple(Recipient(doctor.mailbox, doctor.person) for doctor in doctors)
    )
    flags = dict.fromkeys(sorted(sent.raised), True) | {"DESTDMP": True}
    return Envelope(
        control_id=f"{sent.name}-{header.created:%Y%m%d}",
        sent_at=sent.at,
        sender=header.authenticator,
        organisation=sent.laboratory.structure,
        action=sent.action,
        flags=flags | ({"DESTMSSANTEPS": True} if copies else {}),
        recipients=copies,
        reply_to=sent.laboratory.mailbox if copies else "",
        charset=sent.charset,
        sending=(sent.laboratory.software, sent.laboratory.key.upper()),
        identity_status=sent.patient.status,
    )
