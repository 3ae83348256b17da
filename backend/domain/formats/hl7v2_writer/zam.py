"""ZAM^Z02 and ZAM^Z03: what became of a mail, for the system that asked (interop.md §1.6)."""

from datetime import datetime

from msgspec import Struct

from backend.domain.formats.er7 import escape
from backend.domain.formats.hl7v2_writer.encoding import encode, instant, segment

CODES = {
    "Z02": (
        "ACK_RECEPTION_MSS^Accusé de réception MSSanté",
        "DESTINATAIRE_MSS^Destinataire MSSanté",
    ),
    "Z03": ("ACK_LECTURE_MSS^Accusé de lecture", "LECTEUR_MSS^Lecteur du courriel MSSanté"),
}


class News(Struct, frozen=True, kw_only=True):
    """What is told of one recipient of one message."""

    event: str
    """`Z02` or `Z03`."""
    control_id: str
    """Of this acknowledgement."""
    at: datetime
    """When it happened."""
    about: str
    """MSH-10 of the message that asked."""
    to: tuple[str, str]
    """Its MSH-3 and MSH-4."""
    number: str
    """Of the recipient: idNat_PS, or the INS of a patient."""
    address: str
    failure: tuple[str, str] = ("", "")
    """SMTPERRORCODE and its words when it failed."""


def write_zam(news: News) -> bytes:
    """The message, as ER7."""
    answer, who = CODES[news.event]
    done = "N" if news.failure[0] else "Y"
    head = {1: "^~\\&", 2: "REPERES", 3: "REPERES", 4: escape(news.to[0]), 5: escape(news.to[1])}
    head |= {6: instant(news.at), 8: f"ZAM^{news.event}^ZAM_Z01", 9: news.control_id, 10: "P"}
    head |= {11: "2.6", 16: "FRA", 17: "UNICODE UTF-8", 20: "2.1^CISIS_CDA_HL7_V2"}
    status = {1: "1", 2: "CWE", 3: f"{answer}^AckMetierZAM", 4: escape(news.about)}
    status |= {5: f"{done}^^expandedYes-NoIndicator", 11: "F"}
    detail = {1: "2", 2: "XTN", 3: f"{who}^AckMetierZAM", 4: escape(news.number)}
    detail |= {5: f"^^X.400^{escape(news.address)}", 11: "F"}
    lines = [
        segment("MSH", head),
        segment("EVN", {2: instant(news.at)}),
        segment("OBX", status),
        segment("OBX", detail),
    ]
    if news.failure[0]:
        code, words = map(escape, news.failure)
        error = {3: "207^Application internal error^messageErrorCondition", 4: "E"}
        lines.append(segment("ERR", {**error, 5: f"{code}^{words}^SMTPERRORCODE"}))
    return encode(lines, "UNICODE UTF-8")
