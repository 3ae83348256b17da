"""Messages that carry a document: what is read, and where what is refused is wrong."""

import re
from base64 import b64encode

import pytest

from backend.domain.formats.hl7v2 import Action, Flags, MessageError, read_message, read_msh

CONTENT = b"<ClinicalDocument>\xc3\xa9t\xc3\xa9.</ClinicalDocument>"
BASE64 = b64encode(CONTENT).decode()
TYPE = "11502-2^CR d'examens biologiques^LN"
NAMES = (
    "MASQUE_PS",
    "INVISIBLE_PATIENT",
    "INVISIBLE_REP_LEGAUX",
    "CONNEXION_SECRETE",
    "MODIF_CONF_CODE",
    "DESTDMP",
    "DESTMSSANTEPS",
    "DESTMSSANTEPAT",
    "ACK_RECEPTION",
    "ACK_LECTURE_MSS",
)


def flag(name: str, value: str = "N") -> str:
    return f"OBX|2|CE|{name}^libellé^MetaDMPMSS||{value}^^expandedYes-NoIndicator||||||F"


LINES = (
    (
        r"MSH|^~\&|SIL|LABO|REPERES|REPERES|20261112080530+0100||ORU^R01^ORU_R01|M1|P|2.5"
        "|||||FRA|UNICODE UTF-8|||2.1^CISIS_CDA_HL7_V2"
    ),
    "PID|||291054410900183^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS~42^^^HOP&2.25.1&ISO^PI"
    "||BERNARD^LAURA^LAURA MARIE^^^^L~PETIT^LAURA^^^^^D||19910514|F|||"
    "1 rue^^NANTES^^44000^^H~^^^^44000^^BDL^^44109" + "|" * 21 + "VALI",
    "PV1|1|I|LABO",
    "ORC|NW|1^SIL",
    f"OBR|1|1^SIL||{TYPE}",
    f"OBX|1|ED|{TYPE}||^TEXT^XML^Base64^{BASE64}||||||F",
    (
        "PRT||UC||SB^^participation|899900000037^GUILLOU^Anne|||"
        "Laboratoire des Tilleuls^^^^^ASIP-SANTE-ST&1.2.250.1.71.4.2.2&ISO^FINEG^^^1440099991"
    ),
    (
        "PRT||UC||RCT^^participation|899900000045^MARTIN^Paul^^^^^^^^^^IDNPS||||||||||"
        "^^X.400^paul.martin@medecin.mssante.example"
    ),
    "PRT||UC||REPLY^^participation|||||||||||^^X.400^labo@labo.mssante.example",
    *(flag(name, "Y" if name == "DESTDMP" else "N") for name in NAMES),
    "OBX|12|ED|CORPSMAIL_PS^Corps du mail^MetaDMPMSS||^TEXT^^Base64^not decodable||||||F",
)
GOOD = "\r".join(LINES) + "\r"


def without(start: str) -> str:
    return "\r".join(line for line in LINES if not line.startswith(start))


def but(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new)


def test_everything_that_a_deposit_needs_is_read() -> None:
    message = read_message(GOOD.encode())
    assert message.action is Action.NEW
    assert (message.type_code, message.document) == ("11502-2", CONTENT)
    assert (message.msh.sending, message.msh.control_id) == (("SIL", "LABO"), "M1")
    assert message.msh.sent_at is not None
    traits = message.patient
    assert (traits.matricule, traits.oid) == ("291054410900183", "1.2.250.1.213.1.4.10")
    assert (traits.birth_name, traits.first_given) == ("BERNARD", "LAURA")
    assert (traits.given_names, traits.used_name) == ("LAURA MARIE", "PETIT")
    assert (str(traits.birth_date), traits.sex) == ("1991-05-14", "F")
    assert traits.birthplace == "44109", "the code of the commune, not the postal code"
    assert message.identity_status == "VALI"
    assert (message.sender.national_id, message.structure.finess) == ("899900000037", "440099991")
    assert message.reply_to == "labo@labo.mssante.example"
    (recipient,) = message.recipients
    assert (recipient.person.family, recipient.id_type) == ("MARTIN", "IDNPS")
    assert recipient.address == "paul.martin@medecin.mssante.example"
    assert [name for name in Flags.__struct_fields__ if getattr(message.flags, name)] == ["destdmp"]
    assert message.warnings == ()


MALFORMED = {
    "nothing": ("", "100", "MSH", 0),
    "not HL7": ("bonjour", "100", "MSH", 0),
    "an order of another kind": (but("ORU^R01^ORU_R01", "ADT^A01"), "200", "MSH", 9),
    "no type": (but("ORU^R01^ORU_R01", ""), "200", "MSH", 9),
    "an answer": (but("ORU^R01^ORU_R01", "ACK^R01^ACK"), "200", "MSH", 9),
    "another event": (but("ORU^R01", "ORU^R30"), "201", "MSH", 9),
    "an event of MDM": (but("ORU^R01", "ORU^T02"), "201", "MSH", 9),
    "a version too old": (but("|P|2.5|", "|P|2.3|"), "203", "MSH", 12),
    "the version of ORU for MDM": (but("ORU^R01^ORU_R01", "MDM^T02"), "203", "MSH", 12),
    "an unknown processing": (but("|P|2.5|", "|X|2.5|"), "202", "MSH", 11),
    "no control id": (but("|M1|", "||"), "101", "MSH", 10),
    "an unknown charset": (but("UNICODE UTF-8", "UTF-7"), "103", "MSH", 18),
    "no PID": (without("PID"), "100", "PID", 0),
    "two PID": (GOOD + LINES[1], "198", "PID", 0),
    "two messages": (GOOD + GOOD, "198", "PID", 0),
    "no ORC": (without("ORC"), "100", "ORC", 0),
    "no OBR": (without("OBR"), "100", "OBR", 0),
    "no document": (without("OBX|1|"), "101", "OBX", 5),
    "two documents": (GOOD + LINES[5], "198", "OBX", 5),
    "no sender": (without("PRT||UC||SB"), "101", "PRT", 4),
    "two senders": (GOOD + LINES[6], "198", "PRT", 4),
    "an unknown order": (but("ORC|NW", "ORC|XX"), "103", "ORC", 1),
    "an unknown state": (but(f"{BASE64}||||||F", f"{BASE64}||||||P"), "103", "OBX", 11),
    "no state": (but(f"{BASE64}||||||F", BASE64), "103", "OBX", 11),
    "ORC and OBX apart": (but("ORC|NW", "ORC|RO"), "199", "ORC", 1),
    "a deletion that is new": (but("ORC|NW", "ORC|CA"), "199", "ORC", 1),
    "OBR and OBX apart": (but("||11502-2^", "||96173-0^"), "199", "OBX", 3),
    "no type of document": (but(f"|ED|{TYPE}", "|ED|"), "101", "OBX", 3),
    "a type of no system": (but(f"|ED|{TYPE}", "|ED|11502-2"), "101", "OBX", 3),
    "not base64": (but("^Base64^" + BASE64, "^A^" + BASE64), "103", "OBX", 5),
    "broken base64": (but(BASE64, "@@@@"), "102", "OBX", 5),
    "base64 of the other alphabet": (but(BASE64, "-_-_"), "102", "OBX", 5),
    "one letter too many": (but(BASE64, "QUJDR"), "102", "OBX", 5),
    "an empty document": (but(BASE64, ""), "101", "OBX", 5),
    "a flag missing": (without("OBX|2|CE|MASQUE_PS"), "101", "OBX", 3),
    "no flag at all": (without("OBX|2|CE"), "101", "OBX", 3),
    "a flag neither yes nor no": (but(flag("MASQUE_PS"), flag("MASQUE_PS", "1")), "103", "OBX", 5),
    "a flag said twice, otherwise": (GOOD + flag("MASQUE_PS", "Y"), "198", "OBX", 3),
    "hidden from the patient and sent to them": (
        but(flag("INVISIBLE_PATIENT"), flag("INVISIBLE_PATIENT", "Y")).replace(
            flag("DESTMSSANTEPAT"), flag("DESTMSSANTEPAT", "Y")
        ),
        "199",
        "OBX",
        5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_wrong_is_named_with_its_place(name: str) -> None:
    text, code, segment, field = MALFORMED[name]
    with pytest.raises(MessageError) as refusal:
        read_message(text.encode())
    error = refusal.value
    assert (error.code, error.place[0], error.place[2]) == (code, segment, field)
    assert error.place[1] >= 1
    assert error.message
    assert not re.search("BERNARD|LAURA|291054", error.message)


def test_bytes_that_the_charset_lacks_are_said_of_the_charset() -> None:
    with pytest.raises(MessageError) as refusal:
        read_message(GOOD.encode().replace(b"LAURA", b"LAUR\xff"))
    assert (refusal.value.code, refusal.value.place[2]) == ("102", 18)


def mdm(event: str, order: str, state: str) -> str:
    text = but("ORU^R01^ORU_R01", f"MDM^{event}^MDM_T02").replace("|P|2.5|", "|P|2.6|")
    return text.replace("ORC|NW", f"ORC|{order}").replace(
        f"{BASE64}||||||F", f"{BASE64}||||||{state}"
    )


@pytest.mark.parametrize(
    ("order", "state", "event", "action"),
    [
        ("NW", "F", "T02", Action.NEW),
        ("RO", "C", "T10", Action.REPLACE),
        ("CA", "D", "T04", Action.DELETE),
    ],
)
def test_the_action_is_said_by_the_order_the_state_and_the_event(
    order: str, state: str, event: str, action: Action
) -> None:
    oru = GOOD.replace("ORC|NW", f"ORC|{order}").replace(
        f"{BASE64}||||||F", f"{BASE64}||||||{state}"
    )
    assert read_message(oru.encode()).action is action
    assert read_message(mdm(event, order, state).encode()).action is action


@pytest.mark.parametrize(
    ("event", "order", "state"),
    [("T02", "RO", "C"), ("T10", "NW", "F"), ("T04", "NW", "F"), ("T04", "CA", "F")],
)
def test_an_event_that_contradicts_the_order_is_refused(event: str, order: str, state: str) -> None:
    with pytest.raises(MessageError) as refusal:
        read_message(mdm(event, order, state).encode())
    assert refusal.value.code == "199"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert read_message(GOOD.replace("\r", end).encode()) == read_message(GOOD.encode())


def test_a_byte_order_mark_or_a_frame_changes_nothing() -> None:
    for framed in ("\ufeff" + GOOD, "\x0b" + GOOD + "\x1c\r"):
        assert read_message(framed.encode()) == read_message(GOOD.encode())


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("unicode utf-8", "utf-8"),
        ("", "utf-8"),
        ("8859/15", "iso8859-15"),
        ("8859/1", "latin-1"),
    ],
)
def test_names_are_read_in_the_charset_that_is_announced(charset: str, codec: str) -> None:
    text = but("UNICODE UTF-8", charset).replace("LAURA MARIE", "ZOÉ")
    message = read_message(text.encode(codec))
    assert message.patient.given_names == "ZOÉ"
    assert message.document == CONTENT, "the document has a charset of its own"


def test_the_ligature_of_iso_8859_15_is_read() -> None:
    text = but("UNICODE UTF-8", "8859/15").replace("BERNARD", "LEBŒUF")
    assert read_message(text.encode("iso8859-15")).patient.birth_name == "LEBŒUF"


@pytest.mark.parametrize(
    "written",
    [
        BASE64.rstrip("="),
        " ".join(BASE64[i : i + 7] for i in range(0, len(BASE64), 7)),
        BASE64 + " ",
        BASE64[:8] + "\t" + BASE64[8:],
    ],
)
def test_base64_may_lack_its_padding_or_have_blanks(written: str) -> None:
    assert read_message(but(BASE64, written).encode()).document == CONTENT


def test_a_document_of_half_a_megabyte_is_read_quickly() -> None:
    content = bytes(range(256)) * 1_800
    message = read_message(but(BASE64, b64encode(content).decode()).encode())
    assert message.document == content


def test_a_message_with_separators_of_its_own_says_the_same() -> None:
    own = GOOD.translate(str.maketrans("|^~\\&", "!*?#%"))
    assert read_message(own.encode()) == read_message(GOOD.encode())


def test_escaped_separators_are_part_of_a_name() -> None:
    message = read_message(but("Laboratoire des Tilleuls", r"Labo A \T\ B").encode())
    assert message.structure.name == "Labo A & B"


def test_the_body_of_a_mail_is_never_taken_for_the_document() -> None:
    first = (*LINES[:5], LINES[-1], *LINES[5:-1])
    assert read_message("\r".join(first).encode()).document == CONTENT


@pytest.mark.parametrize(
    ("old", "new"),
    [("ACK_LECTURE_MSS", "ACK_LECTURE"), ("MODIF_CONF_CODE", "MODIF_CONFIDENTIALITYCODE")],
)
def test_earlier_names_of_flags_are_understood(old: str, new: str) -> None:
    text = but(flag(old), flag(new, "Y"))
    assert getattr(read_message(text.encode()).flags, old.lower())


def test_a_flag_said_twice_in_the_same_way_is_one_flag() -> None:
    assert not read_message((GOOD + flag("MASQUE_PS")).encode()).flags.masque_ps


@pytest.mark.parametrize(
    ("one", "other"),
    [("INVISIBLE_REP_LEGAUX", "DESTMSSANTEPAT"), ("MASQUE_PS", "DESTMSSANTEPS")],
)
def test_unusual_combinations_pass_with_a_warning(one: str, other: str) -> None:
    text = but(flag(one), flag(one, "Y")).replace(flag(other), flag(other, "Y"))
    (warning,) = read_message(text.encode()).warnings
    assert one in warning
    assert other in warning


def test_without_an_ins_the_traits_are_read_all_the_same() -> None:
    text = but("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.2")
    traits = read_message(text.encode()).patient
    assert (traits.matricule, traits.oid, traits.birth_name) == ("", "", "BERNARD")


@pytest.mark.parametrize("body", [b"", b"bonjour", b"MSH", b"\xff\xfe\x00"])
def test_what_has_no_header_has_none(body: bytes) -> None:
    assert read_msh(body) is None


def test_a_header_is_made_out_however_bad_the_rest() -> None:
    msh = read_msh(LINES[0].encode() + b"\r\xff\xff\xff")
    assert msh is not None
    assert (msh.kind, msh.event, msh.control_id) == ("ORU", "R01", "M1")
