"""Reading CDA documents: the header, the body, the files. Own fragments, one rule each."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from backend.domain.calendar import PARIS
from backend.domain.formats.cda import InvalidDocument, read_cda
from backend.domain.formats.xml import Malformed
from backend.domain.reports import (
    Identifier,
    ReportStatus,
)
from tests.domain.formats.fragments import (
    INS,
    PDF,
    chapter,
    document,
    file,
    header,
    media,
)


def test_a_document_of_level_1_is_its_file() -> None:
    report = read_cda(document(file()))
    assert (report.level, report.results, report.pdf) == (1, (), b"%PDF-1.7 signed")


def test_a_self_presenting_document_is_unwrapped_and_nothing_of_it_is_run() -> None:
    wrapped = (
        b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        b'<xsl:include href="http://192.0.2.1/x.xsl"/><xsl:variable name="cda">'
        + document(file())
        + b'</xsl:variable><xsl:template match="/"><script>1</script></xsl:template>'
        b"</xsl:stylesheet>"
    )
    assert read_cda(wrapped) == read_cda(document(file()))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<hello/>", "pas un CDA R2"),
        (b"<ClinicalDocument/>", "pas un CDA R2"),
        (b'<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform"/>', "pas un CDA R2"),
        (document(file(), id=""), "identifiant"),
        (document(file(), id='<id nullFlavor="UNK"/>'), "identifiant"),
        (document(file(), time=""), "date"),
        (document(file(), time='<effectiveTime value="hier"/>'), "date"),
        (document(file(), time='<effectiveTime value="0001"/>'), "date"),
        (document(file(), patient=""), "patient"),
        (document(""), "corps"),
        (document(file("@@@@")), "base64"),
        (document(file("A")), "base64"),
        (document(file("")), "vide"),
    ],
)
def test_what_nothing_can_be_filed_without_is_named(data: bytes, why: str) -> None:
    with pytest.raises(InvalidDocument, match=why):
        read_cda(data)


def test_what_is_not_xml_is_refused_as_such() -> None:
    with pytest.raises(Malformed):
        read_cda(b"%PDF-1.7")


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "deux", "9999999999", "²"])
def test_a_version_is_a_positive_whole_number(number: str) -> None:
    with pytest.raises(InvalidDocument, match="version"):
        header(more=f'<versionNumber value="{number}"/>')


def test_a_version_may_be_left_out() -> None:
    assert header().version is None
    assert header(more='<versionNumber value="12"/>').version == 12


def test_what_a_document_replaces_is_its_parent_and_its_set() -> None:
    read = header(
        more='<setId root="2.25.16"/><relatedDocument typeCode="RPLC"><parentDocument>'
        '<id root="2.25.17" extension="A0"/></parentDocument></relatedDocument>'
        '<relatedDocument typeCode="XFRM"><parentDocument><id root="2.25.99"/></parentDocument>'
        "</relatedDocument>"
    )
    assert read.set_id == Identifier("2.25.16")
    assert read.replaces == (Identifier("2.25.17", "A0"),)


def test_a_set_that_is_unknown_is_no_set() -> None:
    assert header(more='<setId nullFlavor="UNK"/>').set_id is None


@pytest.mark.parametrize(
    ("code", "status"), [("active", ReportStatus.PARTIAL), ("completed", ReportStatus.FINAL)]
)
def test_an_active_act_is_a_partial_report(code: str, status: ReportStatus) -> None:
    event = (
        "<documentationOf><serviceEvent>"
        f'<lab:statusCode code="{code}"/></serviceEvent></documentationOf>'
    )
    assert header(event=event).status is status


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("20261112080530", datetime(2026, 11, 12, 8, 5, 30, tzinfo=PARIS)),
        ("20260712080530", datetime(2026, 7, 12, 6, 5, 30, tzinfo=UTC)),
        ("20261112080530+0000", datetime(2026, 11, 12, 8, 5, 30, tzinfo=UTC)),
    ],
)
def test_hours_without_an_offset_are_those_of_paris(value: str, moment: datetime) -> None:
    assert header(time=f'<effectiveTime value="{value}"/>').created == moment


def test_strict_traits_are_read_by_their_qualifiers() -> None:
    patient = (
        f'<recordTarget><patientRole><id root="2.25.1" extension="IPP"/>{INS}<patient><name>'
        "<given>LAURA MARIE</given>"
        '<given qualifier="BR">LAURA</given><given qualifier="CL">LOLA</given>'
        '<family qualifier="CL">PETIT</family><family qualifier="BR">BERNARD</family></name>'
        '<administrativeGenderCode code="F"/><birthTime value="19910514"/>'
        "<birthplace><place><addr><county>44109</county></addr></place></birthplace>"
        "</patient></patientRole></recordTarget>"
    )
    traits = header(patient=patient).patient
    assert (traits.matricule, traits.oid) == ("291054410900183", "1.2.250.1.213.1.4.10")
    assert (traits.birth_name, traits.first_given) == ("BERNARD", "LAURA")
    assert (traits.given_names, traits.sex, traits.birthplace) == ("LAURA MARIE", "F", "44109")
    assert str(traits.birth_date) == "1991-05-14"
    assert (traits.used_name, traits.used_given) == ("PETIT", "LOLA")


def test_a_local_number_is_not_an_ins() -> None:
    role = '<patientRole><id root="2.25.1" extension="291054410900183"/></patientRole>'
    read = header(patient=f"<recordTarget>{role}</recordTarget>")
    assert (read.patient.matricule, read.patient.oid) == ("", "")
    assert read.patient_ids == (Identifier("2.25.1", "291054410900183"),)


def test_the_signed_copy_comes_after_other_files() -> None:
    copy = '<templateId root="1.2.250.1.213.1.1.2.243"/><entry>{}</entry>'
    body = (
        "<structuredBody><component><section>"
        + copy.format(media(PDF, "application/pdf"))
        + "</section></component><component><section><entry>"
        + media(b64encode(b"PNG").decode(), "image/png")
        + "</entry></section></component></structuredBody>"
    )
    read = read_cda(document(body))
    assert [m.media_type for m in read.media] == ["image/png", "application/pdf"]
    assert read.pdf == b"%PDF-1.7 signed"


def test_base64_may_be_cut_in_lines_and_lack_its_padding() -> None:
    cut = "\n   ".join(PDF.rstrip("=")[i : i + 5] for i in range(0, len(PDF), 5))
    assert read_cda(document(file(cut))).pdf == b"%PDF-1.7 signed"


@pytest.mark.parametrize("content", ["@@@@", "", "QUJ"[:1]])
def test_a_bad_file_in_a_structured_body_refuses_the_document(content: str) -> None:
    with pytest.raises(InvalidDocument, match="fichier joint"):
        read_cda(document(chapter(media(content, "application/pdf"))))
