from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import etree
from msgspec.structs import replace

from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.cda_writer.values import say_bounds, say_value
from backend.domain.reports import (
    Bounds,
    Header,
    Identifier,
    Media,
    Organisation,
    Person,
    Previous,
    Report,
    ReportStatus,
    Result,
    Traits,
    Value,
    ValueKind,
)

CDA = {"c": "urn:hl7-org:v3", "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2"}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MOMENT = datetime(2026, 4, 12, 6, 42, tzinfo=UTC)

LABORATORY = Organisation("1440099991", "Laboratoire des Tilleuls", "Nantes", "0240999991")
BIOLOGIST = Person("899900000037", "GUILLOU", "Anne", "Dr", "Médecin - Biologie médicale (SM)")
HEADER = Header(
    id=Identifier("2.25.17", "A1"),
    type_code="11502-2",
    type_system="2.16.840.1.113883.6.1",
    title="Compte rendu d'examens biologiques",
    created=MOMENT,
    patient=Traits(
        matricule="291054410900183",
        oid="1.2.250.1.213.1.4.10",
        birth_name="BERNARD",
        first_given="LAURA",
        given_names="LAURA MARIE",
        birth_date=date(1991, 5, 14),
        sex="F",
        birthplace="44109",
        used_name="PETIT",
        used_given="LAURA",
    ),
    author=BIOLOGIST,
    author_organisation=LABORATORY,
    authenticator=BIOLOGIST,
    validated_at=MOMENT,
    custodian=LABORATORY,
    performer=LABORATORY,
    prescriber=Person("899900000045", "MARTIN", "Paul", "Dr"),
    set_id=Identifier("2.25.16"),
    version=1,
    sampled_at=MOMENT,
)
GLUCOSE = Result(
    label="Glycémie à jeun",
    value=Value(ValueKind.QUANTITY, "1.180", "g/L"),
    loinc="1558-6",
    display="Glucose à jeun",
    bounds=Bounds("0.74", "1.06", "g/L"),
    flags=("H",),
    chapter="18719-5",
    chapter_title="Biochimie",
)
PDF = Media("application/pdf", b"%PDF-1.7 signed", "copie")


def written(*results: Result, media: tuple[Media, ...] = (), **header: Any) -> etree._Element:
    report = Report(replace(HEADER, **header), 3, results, media=media)
    return etree.fromstring(write_cda(report))


def nodes(root: etree._Element, path: str) -> list[Any]:
    found = root.xpath(path, namespaces=CDA)
    assert isinstance(found, list)
    return found


def one(root: etree._Element, path: str) -> etree._Element:
    (found,) = nodes(root, path)
    assert isinstance(found, etree._Element)
    return found


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(found) for found in nodes(root, path)]


def test_a_laboratory_report_names_the_templates_of_cr_bio() -> None:
    roots = texts(written(GLUCOSE), "/c:ClinicalDocument/c:templateId/@root")

    assert roots == [
        "2.16.840.1.113883.2.8.2.1",
        "1.2.250.1.213.1.1.1.1",
        "1.3.6.1.4.1.19376.1.3.3",
        "1.2.250.1.213.1.1.1.55",
    ]


def test_a_rapid_test_names_its_own_template() -> None:
    roots = texts(written(GLUCOSE, type_code="96173-0"), "/c:ClinicalDocument/c:templateId/@root")

    assert "1.2.250.1.213.1.1.1.59" in roots
    assert "1.2.250.1.213.1.1.1.55" not in roots


def test_a_level_1_document_is_its_file() -> None:
    root = etree.fromstring(write_cda(Report(HEADER, 1, media=(PDF,))))

    text = one(root, "//c:nonXMLBody/c:text")
    assert text.get("mediaType") == "application/pdf"
    assert text.get("representation") == "B64"
    assert text.text == "JVBERi0xLjcgc2lnbmVk"
    roots = texts(root, "/c:ClinicalDocument/c:templateId/@root")
    assert "1.3.6.1.4.1.19376.1.2.20" in roots


def test_a_level_1_document_without_a_file_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="level 1"):
        write_cda(Report(HEADER, 1))


def test_the_header_follows_the_order_of_the_schema() -> None:
    root = written(GLUCOSE, replaces=(Identifier("2.25.15"),))

    names = [etree.QName(child).localname for child in root]
    assert names == [
        "realmCode",
        "typeId",
        *["templateId"] * 4,
        "id",
        "code",
        "title",
        "effectiveTime",
        "confidentialityCode",
        "languageCode",
        "setId",
        "versionNumber",
        "recordTarget",
        "author",
        "custodian",
        "legalAuthenticator",
        "participant",
        "documentationOf",
        "relatedDocument",
        "componentOf",
        "component",
    ]


def test_the_patient_is_named_by_birth_and_by_use() -> None:
    patient = one(written(GLUCOSE), "//c:recordTarget/c:patientRole")

    assert texts(patient, "c:id/@extension") == ["291054410900183"]
    assert texts(patient, ".//c:family[@qualifier='BR']/text()") == ["BERNARD"]
    assert texts(patient, ".//c:family[@qualifier='CL']/text()") == ["PETIT"]
    assert texts(patient, ".//c:given[@qualifier='BR']/text()") == ["LAURA"]
    assert texts(patient, ".//c:given[not(@qualifier)]/text()") == ["LAURA MARIE"]
    assert texts(patient, ".//c:birthTime/@value") == ["19910514"]
    assert texts(patient, ".//c:birthplace//c:county/text()") == ["44109"]


def test_a_replacement_names_the_version_it_replaces() -> None:
    root = written(GLUCOSE, replaces=(Identifier("2.25.15"),), version=2)

    related = one(root, "/c:ClinicalDocument/c:relatedDocument[@typeCode='RPLC']")
    assert texts(related, "c:parentDocument/c:id/@root") == ["2.25.15"]
    assert texts(related, "c:parentDocument/c:setId/@root") == ["2.25.16"]


@pytest.mark.parametrize(
    ("status", "code"), [(ReportStatus.FINAL, "completed"), (ReportStatus.PARTIAL, "active")]
)
def test_the_first_act_says_whether_the_report_is_final(status: ReportStatus, code: str) -> None:
    root = written(GLUCOSE, status=status)

    assert texts(root, "//c:documentationOf[1]//lab:statusCode/@code") == [code]


@pytest.mark.parametrize(
    ("value", "kind", "path", "expected"),
    [
        (Value(ValueKind.QUANTITY, "1.180", "g/L"), "PQ", "@value", ["1.180"]),
        (Value(ValueKind.QUANTITY, "2.4"), "REAL", "@value", ["2.4"]),
        (Value(ValueKind.QUANTITY, "5", "mg/L", "<"), "IVL_PQ", "c:high/@value", ["5"]),
        (Value(ValueKind.QUANTITY, "5", "mg/L", "<"), "IVL_PQ", "c:high/@inclusive", ["false"]),
        (Value(ValueKind.QUANTITY, "9", "mg/L", ">="), "IVL_PQ", "c:low/@inclusive", ["true"]),
        (Value(ValueKind.CODED, text="Négatif", code="26", system="1"), "CD", "@code", ["26"]),
        (Value(ValueKind.TEXT, text="Urines troubles"), "ED", "text()", ["Urines troubles"]),
    ],
)
def test_each_kind_of_value_has_its_data_type(
    value: Value, kind: str, path: str, expected: list[str]
) -> None:
    found = one(written(replace(GLUCOSE, value=value, bounds=None)), "//c:observation/c:value")

    assert found.get(XSI_TYPE) == kind
    assert texts(found, path) == expected


def test_an_impossible_result_has_a_status_and_no_value() -> None:
    result = replace(GLUCOSE, value=Value(ValueKind.NONE), status="aborted", bounds=None)

    observation = one(written(result), "//c:observation")
    assert texts(observation, "c:statusCode/@code") == ["aborted"]
    assert texts(observation, "c:value") == []


def test_a_second_unit_is_a_translation() -> None:
    result = replace(GLUCOSE, also=(Value(ValueKind.QUANTITY, "6.55", "mmol/L"),))

    root = written(result)
    assert texts(root, "//c:value/c:translation/@value") == ["6.55"]
    assert texts(root, "//c:value/c:translation/@code") == ["mmol/L"]


def test_an_earlier_value_is_kept_apart_from_the_results() -> None:
    past = Previous(Value(ValueKind.QUANTITY, "1.02", "g/L"), MOMENT, "1558-6")

    root = written(replace(GLUCOSE, previous=(past,)))
    assert texts(root, "//c:entryRelationship[@typeCode='REFR']//c:value/@value") == ["1.02"]
    results = "//c:observation[c:templateId/@root='1.3.6.1.4.1.19376.1.3.1.6']"
    assert texts(root, f"{results}/c:value/@value") == ["1.180"]


def test_a_test_without_loinc_keeps_the_laboratory_code_only() -> None:
    local = replace(GLUCOSE, loinc="", local_code="GLY1", local_system="1.2.3")

    code = one(written(local), "//c:observation/c:code")
    assert code.get("code") is None
    assert texts(code, "c:translation/@code") == ["GLY1"]


def test_an_isolate_holds_its_count_and_its_antibiogram() -> None:
    germ = {"isolate": "Escherichia coli", "chapter": "18725-2"}
    count = replace(GLUCOSE, **germ, label="Numération")
    antibiotic = replace(
        GLUCOSE, **germ, label="Amoxicilline", flags=("R",), antibiogram=True, bounds=None
    )

    cluster = one(written(count, antibiotic), "//c:organizer[@classCode='CLUSTER']")
    entity = one(cluster, "c:specimen//c:specimenPlayingEntity/c:code//c:reference")
    target = entity.get("value", "")[1:]
    assert texts(cluster.getroottree().getroot(), f"//*[@ID='{target}']/text()") == [
        "Escherichia coli"
    ]
    assert len(texts(cluster, "c:component/c:observation")) == 1
    battery = one(cluster, "c:component/c:organizer[@classCode='BATTERY']")
    assert texts(battery, "c:code/@code") == ["18769-0"]
    assert texts(battery, ".//c:interpretationCode/@code") == ["R"]


def test_a_sub_chapter_is_a_section_inside_its_chapter() -> None:
    root = written(replace(GLUCOSE, subchapter="14340-4", subchapter_title="Électrophorèse"))

    chapter = one(root, "//c:structuredBody/c:component/c:section")
    assert texts(chapter, "c:entry") == []
    assert texts(chapter, "c:component/c:section/c:title/text()") == ["Électrophorèse"]


def test_results_keep_their_order_when_a_chapter_comes_back() -> None:
    blood = replace(GLUCOSE, label="Hémoglobine", chapter="18723-7", chapter_title="Hématologie")
    last = replace(GLUCOSE, label="Urée")

    root = written(GLUCOSE, blood, last)
    labels = texts(root, "//c:td[1]/c:content[starts-with(@ID, 'examen-')]/text()")
    assert labels == ["Glycémie à jeun", "Hémoglobine", "Urée"]


def test_every_reference_has_its_target_and_every_target_is_unique() -> None:
    rich = replace(
        GLUCOSE,
        method="Enzymatique",
        comments=("À jeun ?", "Vérifié"),
        bounds=Bounds("0.74", "1.06", "g/L", text="Adulte"),
        battery_title="Glycémie",
    )
    coded = replace(rich, value=Value(ValueKind.CODED, text="Négatif"))

    root = written(rich, coded, media=(Media("image/png", b"x", "courbe"), PDF))
    targets = texts(root, "//@ID")
    pointed = [ref[1:] for ref in texts(root, "//c:reference/@value")]
    pointed += texts(root, "//c:renderMultiMedia/@referencedObject")
    assert sorted(targets) == sorted(set(targets))
    assert set(pointed) <= set(targets)


def test_the_last_pdf_is_the_copy_and_the_first_a_second_line_report() -> None:
    first = Media("application/pdf", b"other", "autre", "Autre laboratoire")

    root = written(GLUCOSE, media=(first, PDF))
    codes = texts(root, "//c:structuredBody/c:component/c:section/c:code/@code")
    assert codes == ["18719-5", "101792-0", "55108-5"]
    copy = "//c:section[c:templateId/@root='1.2.250.1.213.1.1.2.243']//c:observationMedia/@ID"
    assert texts(root, copy) == ["copie"]


def test_the_same_report_gives_the_same_bytes() -> None:
    report = Report(HEADER, 3, (GLUCOSE,), media=(PDF,))

    assert write_cda(report) == write_cda(report)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds("0.74", "1.06"), "0,74 – 1,06"),
        (Bounds(high="1.60", high_inclusive=False), "< 1,60"),
        (Bounds(low="0.40"), "≥ 0,40"),
        (Bounds(text="Selon l’âge"), ""),
    ],
)
def test_a_range_is_printed_as_laboratories_do(bounds: Bounds, words: str) -> None:
    assert say_bounds(bounds) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Value(ValueKind.QUANTITY, "6.1", "10*9/L"), "6,1 10⁹/L"),
        (Value(ValueKind.QUANTITY, "90", "mL/min/{1.73_m2}", ">="), "≥ 90 mL/min/1,73 m²"),
        (Value(ValueKind.QUANTITY, "1.92", "m[IU]/L"), "1,92 mUI/L"),
        (Value(ValueKind.QUANTITY, "250000", "/mL"), "250\u202f000 /mL"),
        (Value(ValueKind.CODED, text="Négatif"), "Négatif"),
    ],
)
def test_a_value_is_printed_as_laboratories_do(value: Value, words: str) -> None:
    assert say_value(value) == words


def test_what_the_published_schematrons_want_is_there() -> None:
    """CI-SIS: Entete_CR-BIO, E_FR-Resultats-examens…, E_specimenCollection, Document attaché."""
    pdf = Media("application/pdf", b"%PDF-1.7", id="copie")
    local = Result(
        label="Test maison",
        value=Value(ValueKind.QUANTITY, "1", "mg/L"),
        local_code="1234",
        local_system="1.2.250.1.2.3.4",
    )
    known = Result(label="Sodium", loinc="2951-2", value=Value(ValueKind.QUANTITY, "140", "mmol/L"))
    header = replace(HEADER, sampled_at=MOMENT, authenticator=replace(BIOLOGIST, profession=""))
    content = write_cda(Report(header, 3, (local, known), media=(pdf,)))
    root = etree.fromstring(content)
    assert content == write_cda(Report(header, 3, (local, known), media=(pdf,)))

    def said(path: str) -> list[Any]:
        return list(root.xpath(path, namespaces=CDA))  # type: ignore[arg-type]

    assert said("c:code/@displayName") == ["CR d'examens biologiques"]
    role = "c:recordTarget/c:patientRole"
    assert said(f"{role}/c:addr/@nullFlavor") == said(f"{role}/c:telecom/@nullFlavor") == ["UNK"]
    assert len(said("c:componentOf//c:responsibleParty/c:assignedEntity/c:code")) == 1
    assert said("//c:translation/@codeSystemName") == ["Codes du laboratoire"]
    assert said("//c:code[@code='2951-2']/@displayName") == ["Sodium"]
    specimen = "//c:procedure/c:participant[@typeCode='PRD']/c:participantRole"
    assert len(said(f"{specimen}/c:id")) == len(said(f"{specimen}/c:playingEntity/c:code")) == 1
    attached = "//c:organizer[c:templateId/@root='1.2.250.1.213.1.1.3.18']"
    kind = f"{attached}/c:component/c:observation"
    assert len(said(f"{attached}/c:id")) == len(said(f"{kind}/c:id")) == 1
    assert len(said(f"{kind}/c:text")) == 1
    assert not said(f"{kind}/c:text/c:reference"), "to no title"
