"""ACK messages: MSH, MSA, and one ERR for each thing wrong."""

from collections.abc import Sequence
from datetime import datetime

from backend.domain.calendar import PARIS
from backend.domain.formats.er7 import escape, split_segments
from backend.domain.formats.hl7v2.errors import APPLICATION_WORDS, WORDS, MessageError
from backend.domain.formats.hl7v2.header import CHARSETS, PLAIN, decode
from backend.domain.formats.hl7v2.values import Msh

OURS = Msh(sending=("", ""), receiving=("REPERES", "REPERES"))


def write_ack(
    msh: Msh | None,
    code: str,
    *,
    control_id: str,
    at: datetime,
    errors: Sequence[MessageError] = (),
    receipt: str = "",
) -> bytes:
    """`code` is AA, AE or AR; the answer has the version and the characters of the request."""
    msh = msh or OURS
    head = (
        f"MSH|^~\\&|{escape(msh.receiving[0])}|{escape(msh.receiving[1])}"
        f"|{escape(msh.sending[0])}|{escape(msh.sending[1])}|{at.astimezone(PARIS):%Y%m%d%H%M%S%z}"
        f"||{_kind(msh)}|{escape(control_id)}|{escape(msh.processing)}|{escape(msh.version)}"
        f"|||||FRA|{escape(msh.charset)}|||2.1^CISIS_CDA_HL7_V2"
    )
    lines = [head, f"MSA|{code}|{escape(msh.control_id)}|{escape(receipt)}".rstrip("|")]
    lines += [_error(error) for error in errors]
    codec = CHARSETS.get(msh.charset.upper(), "utf-8")
    text = "".join(line + "\r" for line in lines)
    return (text if codec == "utf-8" else text.translate(PLAIN)).encode(codec, "replace")


def read_msa(body: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2 of an ACK that somebody writes to us, or MessageError."""
    for segment in split_segments(decode(body)):
        if segment.name == "MSA":
            return segment.text(1).upper(), segment.text(2)
    raise MessageError("101", "Un acquittement doit avoir un segment MSA.", ("MSA", 1, 0, 0))


def _kind(msh: Msh) -> str:
    return f"ACK^{escape(msh.event)}^ACK" if msh.event else "ACK"


def _error(error: MessageError) -> str:
    segment, occurrence, field, component = error.place
    where = [segment, str(occurrence), *(str(n) for n in (field and field, component) if n)]
    if field and component:
        where = [segment, str(occurrence), str(field), "1", str(component)]
    application = ""
    if error.app_code:
        words = APPLICATION_WORDS.get(error.app_code, "")
        application = f"{error.app_code}^{escape(words)}^applicationErrorCondition"
    return (
        f"ERR||{'^'.join(where)}|{error.code}^{WORDS[error.code]}^messageErrorCondition|{error.severity}"
        f"|{application}|||{escape(error.message)}"
    )
