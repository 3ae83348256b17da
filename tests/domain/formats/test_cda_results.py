"""Reading the results of a CDA document: own fragments, one rule each."""

from datetime import UTC, datetime

import pytest

from backend.domain.calendar import PARIS
from backend.domain.formats.cda import read_cda
from backend.domain.reports import (
    Bounds,
    Report,
    Value,
    ValueKind,
)
from tests.domain.formats.fragments import LOINC, chapter, document, observation, result


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        (
            '<value xsi:type="PQ" value="1.180" unit="g/L"/>',
            Value(ValueKind.QUANTITY, "1.180", "g/L"),
        ),
        (
            '<value xsi:type="PQ" value="1,18" unit="g/L"/>',
            Value(ValueKind.QUANTITY, "1.18", "g/L"),
        ),
        ('<value xsi:type="REAL" value="2.5"/>', Value(ValueKind.QUANTITY, "2.5")),
        (
            '<value xsi:type="IVL_PQ"><high value="5" unit="mg/L" inclusive="false"/></value>',
            Value(ValueKind.QUANTITY, "5", "mg/L", "<"),
        ),
        (
            '<value xsi:type="IVL_PQ"><high value="5" unit="mg/L"/></value>',
            Value(ValueKind.QUANTITY, "5", "mg/L", "<="),
        ),
        (
            (
                '<value xsi:type="IVL_PQ"><low value="200" inclusive="false"/>'
                '<high nullFlavor="PINF"/></value>'
            ),
            Value(ValueKind.QUANTITY, "200", "", ">"),
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="200" inclusive="true"/></value>',
            Value(ValueKind.QUANTITY, "200", "", ">="),
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="5" unit="/uL"/><high value="9"/></value>',
            Value(ValueKind.TEXT, text="5 – 9 /uL"),
        ),
        (
            (
                '<value xsi:type="CD" code="260415000" codeSystem="2.16.840.1.113883.6.96"'
                ' displayName="Non détecté"/>'
            ),
            Value(
                ValueKind.CODED,
                text="Non détecté",
                code="260415000",
                system="2.16.840.1.113883.6.96",
            ),
        ),
        (
            '<value xsi:type="CD" nullFlavor="OTH"><originalText>Rares</originalText></value>',
            Value(ValueKind.CODED, text="Rares"),
        ),
        ('<value xsi:type="ST">&lt;1.0 mg/L</value>', Value(ValueKind.TEXT, text="<1.0 mg/L")),
        ('<value xsi:type="PQ" nullFlavor="UNK"/>', Value(ValueKind.NONE)),
        ('<value xsi:type="PQ" value="beaucoup"/>', Value(ValueKind.NONE)),
        ('<value xsi:type="PQ" value="NaN"/>', Value(ValueKind.NONE)),
        ('<value xsi:type="CD" nullFlavor="UNK"/>', Value(ValueKind.NONE)),
        ("", Value(ValueKind.NONE)),
    ],
)
def test_each_type_of_value_is_read_as_it_was_sent(inside: str, value: Value) -> None:
    assert result(inside).value == value


def test_the_type_of_a_value_is_known_whatever_its_prefix() -> None:
    assert result('<value xmlns:c="urn:hl7-org:v3" xsi:type="c:PQ" value="5"/>').value.number == "5"


def test_a_second_unit_is_kept_beside_the_first_and_nothing_is_converted() -> None:
    read = result(
        '<value xsi:type="PQ" value="10.02" unit="mmol/L">'
        '<translation value="0.60" code="g/L" codeSystem="2.16.840.1.113883.6.8"/></value>'
    )
    assert (read.value.number, read.value.unit) == ("10.02", "mmol/L")
    assert read.also == (Value(ValueKind.QUANTITY, "0.60", "g/L"),)


@pytest.mark.parametrize(
    ("inside", "bounds"),
    [
        (
            (
                '<value xsi:type="IVL_PQ"><low value="0.74" unit="g/L"/>'
                '<high value="1.06" unit="g/L" inclusive="false"/></value>'
            ),
            Bounds("0.74", "1.06", "g/L", high_inclusive=False),
        ),
        (
            '<value xsi:type="IVL_PQ"><high value="1.60" unit="g/L"/></value>',
            Bounds("", "1.60", "g/L"),
        ),
        ("<text>Négatif</text>", Bounds(text="Négatif")),
        ('<value xsi:type="ST">Absence</value>', Bounds(text="Absence")),
        ('<value xsi:type="IVL_PQ"><low nullFlavor="NINF"/></value>', None),
    ],
)
def test_ranges_are_limits_or_words(inside: str, bounds: Bounds | None) -> None:
    found = f"<referenceRange><observationRange>{inside}</observationRange></referenceRange>"
    assert result(found).bounds == bounds


def test_among_several_ranges_the_normal_one_is_taken() -> None:
    ranges = "".join(
        "<referenceRange><observationRange>"
        f'<text>{words}</text><interpretationCode code="{code}"/>'
        "</observationRange></referenceRange>"
        for words, code in (("seuil d’alerte", "HH"), ("habituel", "N"))
    )
    assert result(ranges).bounds == Bounds(text="habituel")


NAMED = (
    f'<code code="1558-6" {LOINC} displayName="Glucose">'
    '<originalText><reference value="#r1"/></originalText></code>'
)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Glycémie à jeun", "Glycémie à jeun"),
        ("4.89 mmol/L", "Glucose"),
        ("4,89 mmol/l", "Glucose"),
        ("4.89", "Glucose"),
        ("", "Glucose"),
        ("4.89-glucose", "4.89-glucose"),
    ],
)
def test_the_label_is_the_laboratorys_unless_it_points_at_the_value(
    written: str, label: str
) -> None:
    value = '<value xsi:type="PQ" value="4.89" unit="mmol/L"/>'
    assert result(value, NAMED, f'<content ID="r1">{written}</content>').label == label


def test_a_test_without_loinc_keeps_the_code_of_the_laboratory() -> None:
    code = (
        '<code><originalText>Indice maison</originalText><translation code="IM1"'
        ' codeSystem="2.25.5"/></code>'
    )
    read = result('<value xsi:type="REAL" value="2"/>', code)
    assert (read.loinc, read.local_code, read.local_system) == ("", "IM1", "2.25.5")
    assert read.label == "Indice maison"


def test_a_code_of_another_system_is_not_a_loinc() -> None:
    read = result("", '<code code="1558-6" codeSystem="2.25.5" displayName="Autre"/>')
    assert (read.loinc, read.local_code) == ("", "1558-6")


def test_earlier_values_are_quoted_and_are_not_results() -> None:
    earlier = observation(
        '<effectiveTime value="20240304"/><value xsi:type="PQ" value="0.94" unit="g/L"/>'
    ).replace("<entryRelationship>", '<entryRelationship typeCode="REFR">')
    read = result(f'<value xsi:type="PQ" value="1.18" unit="g/L"/>{earlier}')
    (quoted,) = read.previous
    assert (read.value.number, quoted.value.number, quoted.loinc) == ("1.18", "0.94", "1558-6")
    assert quoted.on == datetime(2024, 3, 4, tzinfo=PARIS)


def test_a_result_takes_its_hour_from_what_is_nearest() -> None:
    value = '<value xsi:type="REAL" value="1"/>'
    event = (
        "<documentationOf><serviceEvent><effectiveTime>"
        '<low value="20261112070000+0000"/></effectiveTime></serviceEvent></documentationOf>'
    )
    sampling = (
        "<entryRelationship><procedure>"
        '<effectiveTime value="20261112080000+0000"/></procedure></entryRelationship>'
    )
    own = '<effectiveTime value="20261112090000+0000"/>'
    assert result(value).on is None
    assert result(value, event=event).on == datetime(2026, 11, 12, 7, tzinfo=UTC)
    taken = read_cda(document(chapter(sampling + observation(value)), event=event)).results[0]
    assert taken.on == datetime(2026, 11, 12, 8, tzinfo=UTC)
    assert result(own + value, event=event).on == datetime(2026, 11, 12, 9, tzinfo=UTC)


def test_flags_status_and_method_are_kept_as_sent() -> None:
    read = result(
        '<statusCode code="aborted"/><interpretationCode code="H"/><interpretationCode code="HX"/>'
        '<interpretationCode nullFlavor="UNK"/><methodCode displayName="Hexokinase"/>'
    )
    assert (read.flags, read.status, read.method) == (("H", "HX"), "aborted", "Hexokinase")


def test_no_flag_is_not_a_normal_flag() -> None:
    assert result('<value xsi:type="REAL" value="1"/>').flags == ()


COMMENT = f'<act><code code="48767-8" {LOINC}/><text><reference value="#c1"/></text></act>'.join(
    ("<entryRelationship>", "</entryRelationship>")
)


def test_a_comment_on_a_result_stays_with_it() -> None:
    read = read_cda(
        document(chapter(observation(COMMENT), '<paragraph ID="c1">Contrôlé.</paragraph>'))
    )
    assert read.results[0].comments == ("Contrôlé.",)
    assert read.comments == ()


def test_a_comment_on_a_chapter_is_about_the_report() -> None:
    read = read_cda(document(chapter(COMMENT, '<paragraph ID="c1">Bilan stable.</paragraph>')))
    assert read.comments == ("Bilan stable.",)


def test_a_comment_section_is_read_in_its_words() -> None:
    section = (
        '<structuredBody><component><section><code code="55112-7"/><text>'
        "<paragraph>À revoir.</paragraph><paragraph>Merci.</paragraph></text></section>"
        "</component></structuredBody>"
    )
    assert read_cda(document(section)).comments == ("À revoir.", "Merci.")


def test_a_result_knows_its_chapter_battery_and_validator() -> None:
    authenticator = (
        '<participant typeCode="AUTHEN"><participantRole><playingEntity><name>'
        "<given>Anne</given><family>GUILLOU</family></name></playingEntity></participantRole>"
        "</participant>"
    )
    battery = (
        "<entryRelationship><organizer>"
        '<templateId root="1.3.6.1.4.1.19376.1.3.1.4"/><code code="58410-2"'
        ' displayName="Hémogramme"/>'
        + observation("").replace("entryRelationship", "component")
        + "</organizer></entryRelationship>"
    )
    found: Report = read_cda(document(chapter(authenticator + battery)))
    (read,) = found.results
    assert (read.chapter, read.battery, read.battery_title) == ("18719-5", "58410-2", "Hémogramme")
    assert read.validated_by == "Anne GUILLOU"


def test_a_germ_holds_its_count_and_its_antibiogram() -> None:
    isolate = (
        '<entryRelationship><organizer><templateId root="1.3.6.1.4.1.19376.1.3.1.5"/>'
        "<specimen><specimenRole><specimenPlayingEntity>"
        '<code displayName="Escherichia coli"/></specimenPlayingEntity></specimenRole></specimen>'
        + observation('<value xsi:type="REAL" value="5"/>')
        + '<component><organizer><templateId root="1.3.6.1.4.1.19376.1.3.1.4"/>'
        '<code code="18769-0"/>'
        + observation('<interpretationCode code="R"/>')
        + "</organizer></component></organizer></entryRelationship>"
    )
    count, sensitivity = read_cda(document(chapter(isolate, code="18725-2"))).results
    assert count.isolate == sensitivity.isolate == "Escherichia coli"
    assert (count.antibiogram, sensitivity.antibiogram) == (False, True)
