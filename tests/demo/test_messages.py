from base64 import b64decode

import hl7  # type: ignore[import-untyped]
from lxml import etree

from backend.demo.people import MARTIN
from backend.demo.reports import DemoDeposit, envelope_of
from backend.domain.formats.cda_writer import write_cda

Deposits = dict[str, DemoDeposit]
ROOTS = {"2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1"}
OF_TYPE = {
    ("11502-2", 3): {"1.3.6.1.4.1.19376.1.3.3", "1.2.250.1.213.1.1.1.55"},
    ("11502-2", 1): {"1.3.6.1.4.1.19376.1.2.20"},
    ("96173-0", 3): {"1.2.250.1.213.1.1.1.59"},
}


def document_of(message: bytes, coding: str = "utf-8") -> bytes:
    line = next(part for part in message.decode(coding).split("\r") if part.startswith("OBX|1|"))
    return b64decode(line.split("|")[5].split("^")[4], validate=True)


def test_every_message_carries_its_document(deposits: Deposits, messages: dict[str, bytes]) -> None:
    for name, sent in deposits.items():
        coding = "iso-8859-15" if sent.charset == "8859/15" else "utf-8"
        assert document_of(messages[name], coding) == write_cda(sent.report)


def test_every_document_is_well_formed_and_names_its_templates(deposits: Deposits) -> None:
    for sent in deposits.values():
        root = etree.fromstring(write_cda(sent.report))
        found = {node.get("root") for node in root.findall("{urn:hl7-org:v3}templateId")}
        assert found == ROOTS | OF_TYPE[sent.report.header.type_code, sent.report.level]


def test_one_message_is_of_another_age(deposits: Deposits, messages: dict[str, bytes]) -> None:
    old = [name for name, sent in deposits.items() if sent.charset == "8859/15"]

    assert old == ["karim-bilan-v1"]
    assert "Masqué".encode("iso-8859-15") in messages["karim-bilan-v1"]


def test_a_masked_report_is_sent_to_no_professional(deposits: Deposits) -> None:
    envelope = envelope_of(deposits["laura-serologies-v1"])

    assert envelope.recipients == ()
    assert not envelope.flags.get("DESTMSSANTEPS")


def test_a_withheld_report_goes_to_the_prescriber_and_not_to_the_patient(
    deposits: Deposits,
) -> None:
    envelope = envelope_of(deposits["laura-anti-gad-v1"])

    assert [copy.person for copy in envelope.recipients] == [MARTIN.person]
    assert envelope.flags["INVISIBLE_PATIENT"]
    assert not envelope.flags.get("DESTMSSANTEPAT")


def test_control_ids_are_never_used_twice(deposits: Deposits) -> None:
    ids = [envelope_of(sent).control_id for sent in deposits.values()]

    assert len(set(ids)) == len(ids)


def test_an_independent_parser_reads_every_message(
    deposits: Deposits, messages: dict[str, bytes]
) -> None:
    for name, sent in deposits.items():
        coding = "iso-8859-15" if sent.charset == "8859/15" else "utf-8"
        message = hl7.parse(messages[name].decode(coding))
        assert message["PID.F3.R1.C1"] == sent.patient.traits.matricule
        assert message["PID.F5.R1.C1"] == sent.patient.traits.birth_name
        assert message["OBR.F4.R1.C1"] == sent.report.header.type_code
        raised = {row[3][0][0][0] for row in message["OBX"][1:] if str(row[5][0][0]) == "Y"}
        assert raised - {"DESTDMP", "DESTMSSANTEPS"} == sent.raised
