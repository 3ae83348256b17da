"""`read_message`: one ORU^R01 or MDM^T02/T10/T04 into a Message, or a MessageError that says where.

Tolerances are those that official samples need (interop.md §1.8); the rest is refused.
"""

from collections.abc import Mapping

from backend.domain.formats.base64 import decode_base64
from backend.domain.formats.er7 import Segment, has_too_many_segments, split_segments
from backend.domain.formats.hl7v2.errors import MessageError
from backend.domain.formats.hl7v2.header import check_header, decode
from backend.domain.formats.hl7v2.people import read_patient, read_recipients, read_sender
from backend.domain.formats.hl7v2.values import Action, Flags, Message, Msh

CONTROLS = {"NW": Action.NEW, "RO": Action.REPLACE, "CA": Action.DELETE}
STATES = {"F": Action.NEW, "C": Action.REPLACE, "D": Action.DELETE}
EVENTS = {"T02": Action.NEW, "T10": Action.REPLACE, "T04": Action.DELETE}
META = "MetaDMPMSS"
ALIASES = {"ACK_LECTURE": "ACK_LECTURE_MSS", "MODIF_CONFIDENTIALITYCODE": "MODIF_CONF_CODE"}


def read_message(body: bytes) -> Message:
    """Everything that a deposit needs. Nothing is guessed about flags or the action."""
    text = decode(body)
    if not text.lstrip("\x0b\ufeff\r\n ").startswith("MSH"):
        raise MessageError("100", "Le message ne commence pas par un segment MSH.")
    if has_too_many_segments(text):
        raise MessageError("198", "Le message a trop de segments.")
    segments = split_segments(text)
    msh = check_header(segments)
    by_name: dict[str, list[Segment]] = {}
    for segment in segments:
        by_name.setdefault(segment.name, []).append(segment)
    pid = _one(by_name, "PID")
    document = _document(by_name.get("OBX", []))
    participants = by_name.get("PRT", [])
    sender, structure = read_sender(participants)
    recipients, reply_to = read_recipients(participants)
    flags = _flags(by_name.get("OBX", []))
    return Message(
        msh=msh,
        action=_action(msh, _one(by_name, "ORC"), document),
        patient=read_patient(pid),
        identity_status=pid.text(32),
        type_code=_type(_one(by_name, "OBR"), document),
        document=_content(document),
        sender=sender,
        structure=structure,
        flags=flags,
        recipients=recipients,
        reply_to=reply_to,
        warnings=_warnings(flags),
        body_professional=_body(by_name.get("OBX", []), "CORPSMAIL_PS"),
        body_patient=_body(by_name.get("OBX", []), "CORPSMAIL_PATIENT"),
        ends_exchange=any(note.text(4) == "FIN" for note in by_name.get("NTE", [])),
    )


def _one(by_name: Mapping[str, list[Segment]], name: str) -> Segment:
    found = by_name.get(name, [])
    if not found:
        raise MessageError("100", f"Le segment {name} manque.", (name, 1, 0, 0))
    if len(found) > 1:
        raise MessageError("198", f"Un seul segment {name} est attendu.", (name, 2, 0, 0))
    return found[0]


def _document(observations: list[Segment]) -> Segment:
    """The OBX that carries the document: of type ED, and not one of the MetaDMPMSS."""
    found = [s for s in observations if s.text(2) == "ED" and s.text(3, 3) != META]
    if not found:
        raise MessageError("101", "Le document (OBX de type ED) manque.", ("OBX", 1, 5, 0))
    if len(found) > 1:
        raise MessageError("198", "Un seul document par message est accepté.", ("OBX", 2, 5, 0))
    return found[0]


def _action(msh: Msh, order: Segment, document: Segment) -> Action:
    """ORC-1, OBX-11 and the MDM event must say the same."""
    control, state = order.text(1), document.text(11)
    if control not in CONTROLS:
        raise MessageError("103", "ORC-1 vaut NW, RO ou CA.", ("ORC", 1, 1, 1))
    if state not in STATES:
        raise MessageError("103", "OBX-11 du document vaut F, C ou D.", ("OBX", 1, 11, 1))
    said = {CONTROLS[control], STATES[state]}
    if msh.kind == "MDM":
        said.add(EVENTS[msh.event])
    if len(said) > 1:
        raise MessageError("199", "ORC-1, OBX-11 et l’événement se contredisent.", ("ORC", 1, 1, 1))
    return said.pop()


def _type(request: Segment, document: Segment) -> str:
    """OBR-4 and OBX-3 name the type of the document, the same one."""
    announced, carried = request.text(4), document.text(3)
    if not carried:
        raise MessageError("101", "Le type du document (OBX-3) manque.", ("OBX", 1, 3, 1))
    if announced and announced != carried:
        raise MessageError(
            "199", "OBR-4 et OBX-3 annoncent deux types de documents.", ("OBX", 1, 3, 1)
        )
    if not document.text(3, 3):
        raise MessageError("101", "Le type du document n’a pas de nomenclature.", ("OBX", 1, 3, 3))
    return carried


def _content(document: Segment) -> bytes:
    """OBX-5.5: base64, with blanks or without padding as senders write it."""
    if document.text(5, 4).upper() != "BASE64":
        raise MessageError("103", "OBX-5.4 vaut Base64.", ("OBX", 1, 5, 4))
    try:
        content = decode_base64(document.component(document.field(5), 5))
    except ValueError as error:
        raise MessageError("102", "Le document n’est pas du base64.", ("OBX", 1, 5, 5)) from error
    if not content:
        raise MessageError("101", "Le document est vide.", ("OBX", 1, 5, 5))
    return content


def _body(observations: list[Segment], code: str) -> str:
    """What a mail is to say. Official samples carry some that cannot be decoded: then nothing."""
    for segment in observations:
        if segment.text(2) == "ED" and segment.text(3) == code and segment.text(3, 3) == META:
            try:
                return decode_base64(segment.component(segment.field(5), 5)).decode()
            except ValueError:
                return ""
    return ""


def _flags(observations: list[Segment]) -> Flags:
    """The ten MetaDMPMSS flags: each one present, once, Y or N."""
    said: dict[str, bool] = {}
    for occurrence, segment in enumerate(observations, 1):
        if segment.text(3, 3) != META or segment.text(2) == "ED":
            continue
        name = ALIASES.get(segment.text(3), segment.text(3))
        value = segment.text(5)
        if value not in {"Y", "N"}:
            raise MessageError("103", f"{name} vaut Y ou N.", ("OBX", occurrence, 5, 1))
        if said.setdefault(name.lower(), value == "Y") != (value == "Y"):
            raise MessageError("198", f"{name} est donné deux fois.", ("OBX", occurrence, 3, 1))
    missing = [name for name in Flags.__struct_fields__ if name not in said]
    if missing:
        where = ("OBX", len(observations) + 1, 3, 1)
        raise MessageError("101", f"Indicateurs absents : {', '.join(missing).upper()}.", where)
    flags = Flags(**{name: said[name] for name in Flags.__struct_fields__})
    if flags.invisible_patient and flags.destmssantepat:
        raise MessageError(
            "199",
            "INVISIBLE_PATIENT=Y interdit DESTMSSANTEPAT=Y.",
            ("OBX", 2, 5, 1),
        )
    return flags


def _warnings(flags: Flags) -> tuple[str, ...]:
    """Combinations outside the table of the volet, which official samples use all the same."""
    found = []
    if flags.invisible_rep_legaux and flags.destmssantepat:
        found.append("INVISIBLE_REP_LEGAUX=Y avec DESTMSSANTEPAT=Y")
    if flags.masque_ps and flags.destmssanteps:
        found.append("MASQUE_PS=Y avec DESTMSSANTEPS=Y")
    return tuple(found)
