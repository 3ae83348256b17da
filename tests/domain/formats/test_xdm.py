"""IHE_XDM.zip: what we write, opened by other means."""

from datetime import UTC, date, datetime
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree
from msgspec.structs import replace

from backend.demo.reports import demo_reports
from backend.domain.formats.cda import InvalidDocument
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.xdm import Code, Submission, entry_of, write_xdm
from backend.domain.reports import Identifier, Traits
from tests.xdm import SCHEMA, receive

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "cda"
REPORTS = {sent.name: sent.report for sent in demo_reports(date(2026, 11, 23))}
LAURA = REPORTS["laura-bilan-sanguin-v1"]
CDA = write_cda(LAURA)
LOT = Submission("2.25.42", "2.25.7", datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
METADATA, DOCUMENT = "IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/DOC0001.XML"
N = {
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "c": "urn:hl7-org:v3",
}
CODES = {
    "class": "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
    "confidentiality": "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
    "event": "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
    "format": "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "facility": "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "setting": "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
    "type": "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
}


def opened(package: bytes) -> tuple[dict[str, bytes], etree._Element]:
    """As another program does: its files, and the root of its metadata."""
    with ZipFile(BytesIO(package)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    return files, etree.fromstring(files[METADATA])


def texts(node: etree._Element, path: str) -> list[str]:
    found = node.xpath(path, namespaces=N)
    assert isinstance(found, list)
    return [str(one) for one in found]


def slot(node: etree._Element, name: str) -> list[str]:
    return texts(node, f"rim:Slot[@name='{name}']/rim:ValueList/rim:Value/text()")


def codes(node: etree._Element, scheme: str) -> list[tuple[str, str]]:
    found = [
        one
        for one in node.findall("rim:Classification", N)
        if one.get("classificationScheme") == CODES[scheme]
    ]
    return [(one.get("nodeRepresentation") or "", slot(one, "codingScheme")[0]) for one in found]


def entry_in(root: etree._Element) -> etree._Element:
    (entry,) = root.findall(".//rim:ExtrinsicObject", N)
    return entry


def test_a_package_opens_elsewhere_and_says_what_the_header_says() -> None:
    files, root = opened(write_xdm(LOT, [(entry_of(CDA), CDA)]))
    assert list(files) == ["README.TXT", "INDEX.HTM", METADATA, DOCUMENT]
    assert files[DOCUMENT] == CDA
    assert DOCUMENT.encode() in files["INDEX.HTM"]
    entry, header = entry_in(root), LAURA.header
    assert root.tag == f"{{{N['lcm']}}}SubmitObjectsRequest"
    assert slot(entry, "hash") == [sha1(CDA).hexdigest()]
    assert slot(entry, "size") == [str(len(CDA))]
    assert slot(entry, "URI") == ["DOC0001.XML"]
    assert slot(entry, "creationTime") == [header.created.astimezone(UTC).strftime("%Y%m%d%H%M%S")]
    assert codes(entry, "class") == [("10", "1.2.250.1.213.1.1.4.1")]
    assert codes(entry, "type") == [("11502-2", "2.16.840.1.113883.6.1")]
    assert codes(entry, "format") == [("urn:ihe:lab:xd-lab:2008", "1.3.6.1.4.1.19376.1.2.3")]
    assert codes(entry, "facility") == [("SA25", "1.2.250.1.71.4.2.4")]
    assert codes(entry, "setting") == [("AMBULATOIRE", "1.2.250.1.213.1.1.4.9")]
    assert codes(entry, "confidentiality") == [("N", "2.16.840.1.113883.5.25")]
    ids = dict(
        zip(
            texts(entry, "rim:ExternalIdentifier/rim:Name/rim:LocalizedString/@value"),
            texts(entry, "rim:ExternalIdentifier/@value"),
            strict=True,
        )
    )
    ins = header.patient
    assert ids == {
        "XDSDocumentEntry.patientId": f"{ins.matricule}^^^&{ins.oid}&ISO^NH",
        "XDSDocumentEntry.uniqueId": str(header.id),
    }
    author = header.author
    person = f"{author.national_id}^{author.family}^{author.given}"
    assert texts(entry, ".//rim:Slot[@name='authorPerson']//rim:Value/text()") == [
        f"{person}^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    ]


def test_the_lot_holds_the_document_and_every_reference_leads_somewhere() -> None:
    _, root = opened(write_xdm(LOT, [(entry_of(CDA), CDA)]))
    (lot,) = root.findall(".//rim:RegistryPackage", N)
    (member,) = root.findall(".//rim:Association", N)
    entry = entry_in(root)
    assert (member.get("sourceObject"), member.get("targetObject")) == (
        lot.get("id"),
        entry.get("id"),
    )
    assert texts(lot, "rim:ExternalIdentifier/@value")[1:] == ["2.25.7", "2.25.42"]
    ids = texts(root, "//@id")
    assert len(ids) == len(set(ids))
    assert {*texts(root, "//@classifiedObject"), *texts(root, "//@registryObject")} <= set(ids)


def test_the_same_document_gives_the_same_bytes() -> None:
    assert write_xdm(LOT, [(entry_of(CDA), CDA)]) == write_xdm(LOT, [(entry_of(CDA), CDA)])


def test_a_new_version_names_the_entry_of_the_old_one() -> None:
    first = entry_in(opened(write_xdm(LOT, [(entry_of(CDA), CDA)]))[1]).get("id")
    header = replace(LAURA.header, id=Identifier("2.25.9"), version=2, replaces=(LAURA.header.id,))
    newer = write_cda(replace(LAURA, header=header))
    _, root = opened(write_xdm(LOT, [(entry_of(newer), newer)]))
    replaced = [
        link.get("targetObject")
        for link in root.findall(".//rim:Association", N)
        if link.get("associationType") == "urn:ihe:iti:2007:AssociationType:RPLC"
    ]
    assert replaced == [first]


def test_what_is_hidden_travels_with_it() -> None:
    hidden = Code("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13", "Non visible par le patient")
    _, root = opened(write_xdm(LOT, [(entry_of(CDA, [hidden]), CDA)]))
    assert codes(entry_in(root), "confidentiality")[1] == (hidden.code, hidden.system)


def test_a_name_cannot_cut_a_component() -> None:
    patient = replace(LAURA.header.patient, birth_name="A^B&C~D|E<F>")
    content = write_cda(replace(LAURA, header=replace(LAURA.header, patient=patient)))
    _, root = opened(write_xdm(LOT, [(entry_of(content), content)]))
    assert slot(entry_in(root), "sourcePatientInfo")[0].startswith("PID-5|A B C D E<F>^LAURA^")


def test_a_document_without_ins_does_not_leave() -> None:
    nobody = replace(
        LAURA, header=replace(LAURA.header, patient=Traits(birth_name="X"), patient_ids=())
    )
    with pytest.raises(InvalidDocument):
        entry_of(write_cda(nobody))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_receiver_finds_each_document_as_the_metadata_describe_it(name: str) -> None:
    content, header = write_cda(REPORTS[name]), REPORTS[name].header
    (document,) = receive(write_xdm(LOT, [(entry_of(content), content)]))
    assert (document.content, document.unique_id) == (content, str(header.id))
    assert document.patient == f"{header.patient.matricule}^^^&{header.patient.oid}&ISO^NH"


def test_several_documents_of_one_patient_travel_together() -> None:
    sent = [write_cda(report) for name, report in REPORTS.items() if name.startswith("laura")][:3]
    found = receive(write_xdm(LOT, [(entry_of(content), content) for content in sent]))
    assert [one.content for one in found] == sent
    assert [one.name for one in found] == ["DOC0001.XML", "DOC0002.XML", "DOC0003.XML"]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the public samples are not beside the project")
def test_the_public_samples_are_described_as_their_headers_say() -> None:
    for file in sorted(SAMPLES.glob("*.xml")):
        content = file.read_bytes()
        _, root = opened(write_xdm(LOT, [(entry_of(content), content)]))
        entry, cda = entry_in(root), etree.fromstring(content)
        number = cda.find("c:id", N)
        assert number is not None
        unique = "^".join(filter(None, (number.get("root"), number.get("extension"))))
        assert unique in texts(entry, "rim:ExternalIdentifier/@value"), file.name
        said = {*texts(cda, "c:documentationOf/c:serviceEvent/c:code/@code")}
        assert {code for code, _ in codes(entry, "event")} == said, file.name
        trod = "TROD" in file.name
        level1 = "Niveau-1" in file.name
        expected = (
            "urn:ans:ci-sis:trod:2024"
            if trod
            else "urn:ihe:iti:xds-sd:pdf:2008"
            if level1
            else "urn:ihe:lab:xd-lab:2008"
        )
        assert codes(entry, "format")[0][0] == expected, file.name
        assert codes(entry, "class")[0][0] == ("52" if trod else "10"), file.name
        assert slot(entry, "serviceStartTime"), file.name


def test_documents_of_two_people_do_not_share_a_package() -> None:
    other = write_cda(REPORTS[next(n for n in REPORTS if not n.startswith("laura"))])
    with pytest.raises(ValueError, match="one patient"):
        write_xdm(LOT, [(entry_of(CDA), CDA), (entry_of(other), other)])


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"mimeType=", b"mime="),
        (b" registryObject=", b" object="),
        (b"RegistryObjectList", b"RegistryList"),
        (b"rim:ValueList", b"rim:Values"),
        (b'id="SubmissionSet01"', b'id="doc01_class"'),
    ],
)
def test_the_schema_that_mails_are_held_against_refuses(good: bytes, bad: bytes) -> None:
    with ZipFile(BytesIO(write_xdm(LOT, [(entry_of(CDA), CDA)]))) as archive:
        described = archive.read(METADATA)
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.assertValid(etree.fromstring(described))
    assert good in described
    assert not schema.validate(etree.fromstring(described.replace(good, bad)))
