"""The segments of an ORU or an MDM, one function each."""

from base64 import b64encode
from collections.abc import Mapping

from backend.domain.formats.er7 import escape
from backend.domain.formats.hl7v2_writer.encoding import instant, parts, segment
from backend.domain.formats.hl7v2_writer.envelope import FLAGS, Envelope
from backend.domain.reports import Header, Identifier, Person

YES_NO = "expandedYes-NoIndicator"


def msh(envelope: Envelope, kind: str, version: str) -> str:
    """Message header."""
    # MSH-1 is the separator itself: fields are counted from MSH-2.
    return segment(
        "MSH",
        {
            1: "^~\\&",
            2: escape(envelope.sending[0]),
            3: escape(envelope.sending[1]),
            4: escape(envelope.receiving[0]),
            5: escape(envelope.receiving[1]),
            6: instant(envelope.sent_at),
            8: kind,
            9: escape(envelope.control_id),
            10: envelope.processing,
            11: version,
            16: "FRA",
            17: envelope.charset,
            20: "2.1^CISIS_CDA_HL7_V2",
        },
    )


def pid(header: Header, envelope: Envelope) -> str:
    """The patient: INS, birth and used names, strict traits."""
    who = header.patient
    ins = f"{who.matricule}^^^ASIP-SANTE-INS-NIR&{who.oid}&ISO^INS"
    local = [
        f"{escape(other.extension)}^^^&{other.root}&ISO^PI"
        for other in header.patient_ids
        if other.root != who.oid
    ]
    birth = [who.birth_name, who.first_given, who.given_names, "", "", "", "L"]
    used = [who.used_name, who.used_given, "", "", "", "", "D"]
    names = [birth, used] if who.used_name else [birth]
    return segment(
        "PID",
        {
            3: "~".join(([ins] if who.matricule else []) + local),
            5: "~".join("^".join(escape(part) for part in name) for name in names),
            7: instant(who.birth_date) if who.birth_date else "",
            8: who.sex,
            11: parts({7: "BDL", 9: who.birthplace}) if who.birthplace else "",
            32: envelope.identity_status,
        },
    )


def pv1(envelope: Envelope) -> str:
    """Outpatient visit, or none known."""
    visit = {19: f"{escape(envelope.visit)}^^^^VN"} if envelope.visit else {}
    return segment("PV1", {1: "1", 2: "O" if visit else "N", **visit})


def orc(header: Header, control: str) -> str:
    """The order, with its prescriber."""
    return segment("ORC", {1: control, 3: escape(header.id.extension), 12: _xcn(header.prescriber)})


def obr(header: Header) -> str:
    """The type of the document."""
    return segment("OBR", {1: "1", 4: _type(header), 16: _xcn(header.prescriber)})


def _type(header: Header) -> str:
    coding = "LN" if header.type_system == "2.16.840.1.113883.6.1" else "TRE_A05"
    return f"{header.type_code}^{escape(header.title)}^{coding}"


def _xcn(person: Person) -> str:
    if not person.family:
        return ""
    names = {1: person.national_id, 2: escape(person.family), 3: escape(person.given)}
    if person.national_id:
        names |= {9: "ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO", 10: "D", 13: "IDNPS"}
    return parts(names)


def txa(header: Header, envelope: Envelope) -> str:
    """The document and the one it replaces."""
    replaced = header.replaces[0] if header.replaces else None
    return segment(
        "TXA",
        {
            1: "1",
            2: header.type_code,
            3: "TEXT",
            4: instant(header.created),
            12: _entity(header.id),
            13: _entity(replaced) if replaced else "",
            17: "AU",
            22: envelope.sender.national_id,
        },
    )


def _entity(identifier: Identifier) -> str:
    if not identifier.extension:
        return identifier.root
    return f"{escape(identifier.extension)}^^{identifier.root}^ISO"


def observations(
    header: Header, document: bytes, envelope: Envelope, status: str, coded: str
) -> list[str]:
    """The document, its participants, then the flags."""
    body = b64encode(document).decode("ascii")
    fields = {1: "1", 2: "ED", 3: _type(header), 5: f"^TEXT^XML^Base64^{body}", 11: status}
    flags = [
        _flag(rank, coded, name, yes=envelope.flags.get(name, False))
        for rank, name in enumerate(FLAGS, start=2)
    ]
    return [segment("OBX", fields), *_participants(header, envelope), *flags]


def _flag(rank: int, coded: str, name: str, *, yes: bool) -> str:
    code = f"{name}^{FLAGS[name]}^MetaDMPMSS"
    value = f"{'Y' if yes else 'N'}^^{YES_NO}"
    return segment("OBX", {1: str(rank), 2: coded, 3: code, 5: value, 11: "F"})


def _participants(header: Header, envelope: Envelope) -> list[str]:
    where = envelope.organisation
    structure = parts(
        {
            1: escape(where.name),
            6: "ASIP-SANTE-ST&1.2.250.1.71.4.2.2&ISO",
            7: "FINEG" if where.finess else "IDNST",
            10: where.id,
        }
    )
    sender = _prt("SB^Send by", {5: _xcn(envelope.sender), 8: structure})
    copies = [
        _prt("RCT^Results Copies To", {5: _recipient(header, to.person), 15: _mailbox(to.mailbox)})
        for to in envelope.recipients
    ]
    reply = [_prt("REPLY^Reply to", {15: _mailbox(envelope.reply_to)})] if envelope.reply_to else []
    return [sender, *copies, *reply]


def _prt(role: str, fields: Mapping[int, str]) -> str:
    return segment("PRT", {2: "UC", 4: f"{role}^participation", **fields})


def _recipient(header: Header, person: Person) -> str:
    if person.national_id:
        return _xcn(person)
    who = header.patient
    names = {2: escape(who.birth_name), 3: escape(who.first_given)}
    return parts({1: who.matricule, **names, 9: f"&{who.oid}&ISO", 10: "L", 13: "INS"})


def _mailbox(address: str) -> str:
    return f"^^X.400^{escape(address)}"
