from base64 import b64decode
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from backend.domain.formats.hl7v2_writer import Action, Envelope, Recipient, write_mdm, write_oru
from backend.domain.reports import Identifier, Person
from tests.domain.formats.test_cda_writer import BIOLOGIST, HEADER, LABORATORY

DOCUMENT = "<ClinicalDocument>é</ClinicalDocument>".encode()
ENVELOPE = Envelope(
    control_id="M-1",
    sent_at=datetime(2026, 4, 12, 14, 35, tzinfo=UTC),
    sender=BIOLOGIST,
    organisation=LABORATORY,
    flags={"DESTDMP": True, "MASQUE_PS": True},
)


def segments(message: bytes, name: str, coding: str = "utf-8") -> list[list[str]]:
    lines = message.decode(coding).split("\r")
    return [line.split("|") for line in lines if line.startswith(f"{name}|")]


def test_segments_end_with_a_carriage_return_and_nothing_else() -> None:
    message = write_oru(HEADER, DOCUMENT, ENVELOPE)

    assert message.endswith(b"\r")
    assert b"\n" not in message


def test_an_oru_follows_the_order_of_its_structure() -> None:
    message = write_oru(HEADER, DOCUMENT, ENVELOPE).decode()

    names = [line[:3] for line in message.split("\r")[:-1]]
    assert names == ["MSH", "PID", "PV1", "ORC", "OBR", "OBX", "PRT", *["OBX"] * 10]


def test_an_mdm_follows_the_order_of_its_structure() -> None:
    message = write_mdm(HEADER, DOCUMENT, ENVELOPE).decode()

    names = [line[:3] for line in message.split("\r")[:-1]]
    head = ["MSH", "EVN", "PID", "PV1", "ORC", "OBR", "TXA", "OBX", "PRT"]
    assert names == [*head, *["OBX"] * 10]


def test_the_header_says_version_charset_and_profile() -> None:
    ((*_, version, _, _, _, _, country, charset, _, _, profile),) = segments(
        write_oru(HEADER, DOCUMENT, ENVELOPE), "MSH"
    )

    assert (version, country, charset) == ("2.5", "FRA", "UNICODE UTF-8")
    assert profile == "2.1^CISIS_CDA_HL7_V2"


@pytest.mark.parametrize(
    ("action", "control", "status", "event"),
    [
        (Action.NEW, "NW", "F", "MDM^T02^MDM_T02"),
        (Action.REPLACE, "RO", "C", "MDM^T10^MDM_T02"),
        (Action.DELETE, "CA", "D", "MDM^T04^MDM_T02"),
    ],
)
def test_the_three_marks_of_an_action_agree(
    action: Action, control: str, status: str, event: str
) -> None:
    message = write_mdm(HEADER, DOCUMENT, replace(ENVELOPE, action=action))

    assert segments(message, "ORC")[0][1] == control
    assert segments(message, "OBX")[0][11] == status
    assert segments(message, "MSH")[0][8] == event


def test_the_document_travels_whole() -> None:
    message = write_oru(HEADER, DOCUMENT, ENVELOPE)

    value = segments(message, "OBX")[0][5]
    assert value.startswith("^TEXT^XML^Base64^")
    assert b64decode(value.split("^")[4], validate=True) == DOCUMENT


def test_the_patient_has_ins_birth_name_used_name_and_birthplace() -> None:
    (pid,) = segments(write_oru(HEADER, DOCUMENT, ENVELOPE), "PID")

    assert pid[3] == "291054410900183^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS"
    assert pid[5] == "BERNARD^LAURA^LAURA MARIE^^^^L~PETIT^LAURA^^^^^D"
    assert pid[7:9] == ["19910514", "F"]
    assert pid[11] == "^^^^^^BDL^^44109"
    assert pid[32] == "VALI"


def test_the_ten_flags_are_all_sent_in_order() -> None:
    rows = segments(write_oru(HEADER, DOCUMENT, ENVELOPE), "OBX")[1:]

    assert [(row[3].split("^")[0], row[5][0]) for row in rows] == [
        ("MASQUE_PS", "Y"),
        ("INVISIBLE_PATIENT", "N"),
        ("INVISIBLE_REP_LEGAUX", "N"),
        ("CONNEXION_SECRETE", "N"),
        ("MODIF_CONF_CODE", "N"),
        ("DESTDMP", "Y"),
        ("DESTMSSANTEPS", "N"),
        ("DESTMSSANTEPAT", "N"),
        ("ACK_RECEPTION", "N"),
        ("ACK_LECTURE_MSS", "N"),
    ]
    assert {row[2] for row in rows} == {"CE"}
    assert {row[11] for row in rows} == {"F"}


def test_sender_copies_and_reply_are_participants() -> None:
    doctor = Recipient("paul@medecins.example", Person("899900000045", "MARTIN", "Paul"))
    patient = Recipient("291054410900183@patient.example")
    envelope = replace(ENVELOPE, recipients=(doctor, patient), reply_to="labo@labo.example")

    sender, to_doctor, to_patient, reply = segments(write_oru(HEADER, DOCUMENT, envelope), "PRT")
    assert sender[4].startswith("SB^")
    assert sender[5].split("^")[0] == BIOLOGIST.national_id
    assert sender[8].split("^")[9] == LABORATORY.id
    assert to_doctor[5].split("^")[:3] == ["899900000045", "MARTIN", "Paul"]
    assert to_doctor[15] == "^^X.400^paul@medecins.example"
    assert to_patient[5].split("^")[0] == "291054410900183"
    assert to_patient[5].split("^")[12] == "INS"
    assert reply[4].startswith("REPLY^")


def test_a_replacement_by_mdm_names_its_parent() -> None:
    header = replace(HEADER, replaces=(Identifier("2.25.15"),))

    (txa,) = segments(write_mdm(header, DOCUMENT, ENVELOPE), "TXA")
    assert txa[12] == "A1^^2.25.17^ISO"
    assert txa[13] == "2.25.15"


def test_delimiters_inside_words_are_escaped() -> None:
    header = replace(HEADER, prescriber=Person("899900000045", "DUPONT & FILS", "A|B^C"))

    (obr,) = segments(write_oru(header, DOCUMENT, ENVELOPE), "OBR")
    assert obr[16].split("^")[1:3] == [r"DUPONT \T\ FILS", r"A\F\B\S\C"]


def test_an_old_system_may_write_iso_8859_15() -> None:
    envelope = replace(ENVELOPE, charset="8859/15")
    header = replace(HEADER, prescriber=Person("899900000045", "LEBŒUF", "Hélène"))

    message = write_oru(header, DOCUMENT, envelope)
    assert segments(message, "MSH", "iso-8859-15")[0][17] == "8859/15"
    assert "LEBŒUF^Hélène" in segments(message, "OBR", "iso-8859-15")[0][16]
    with pytest.raises(UnicodeDecodeError):
        message.decode("utf-8")


def test_typography_that_iso_8859_15_lacks_is_made_plain() -> None:
    structure = replace(LABORATORY, name="Laboratoire de l’Estuaire")
    envelope = replace(ENVELOPE, organisation=structure, charset="8859/15")

    message = write_oru(HEADER, DOCUMENT, envelope)
    assert "Laboratoire de l'Estuaire" in message.decode("iso-8859-15")
