from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from backend.demo.reports import DemoDeposit
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.mhd import FhirError, read_bundle, read_reference
from backend.domain.reports import Report
from tests.fhir import BINARY, as_bytes, bundle_of, reference_of

SAMPLES = Path(__file__).parents[4] / "shared/samples/fhir"


@pytest.fixture(scope="module")
def report(reports: Mapping[str, DemoDeposit]) -> Report:
    return reports["laura-premier-bilan-v1"].report


def test_a_reference_and_a_lot_say_the_same(report: Report) -> None:
    alone = read_reference(as_bytes(reference_of(report, "N", "MASQUE_PS")))
    lot = read_bundle(as_bytes(bundle_of(report, "N", "MASQUE_PS")))
    assert alone.content == lot.content == write_cda(report)
    assert (lot.patient, lot.sender, lot.labels) == (alone.patient, alone.sender, alone.labels)
    assert lot.parts == ("List", "DocumentReference", "Binary")
    assert alone.labels == {"N", "MASQUE_PS"}
    assert alone.unique_id == str(report.header.id)
    traits = report.header.patient
    assert (alone.patient.matricule, alone.patient.birth_name) == (
        traits.matricule,
        traits.birth_name,
    )
    assert alone.sender
    assert alone.sender.finess == report.header.custodian.finess
    assert not alone.replaces
    assert read_bundle(as_bytes(bundle_of(report, replaces=True))).replaces


@pytest.mark.skipif(not SAMPLES.exists(), reason="the public samples are not beside the project")
def test_the_examples_of_the_ans_are_read() -> None:
    lot, again, alone = (
        read((SAMPLES / f"pdsm4dmp_{name}.json").read_bytes())
        for read, name in (
            (read_bundle, "Bundle-example-td2-iti65-lot-soumission"),
            (read_bundle, "Bundle-example-td2-1-remplacement"),
            (read_reference, "DocumentReference-example-td2-iti105-publication-simplifiee"),
        )
    )
    assert lot.content == again.content == alone.content
    assert (lot.replaces, again.replaces) == (False, True)
    assert again.parts == ("List", "DocumentReference", "Parameters", "Binary")
    assert lot.patient.matricule == "123456789012345"


def at(resource: Any, *path: str | int) -> Any:
    for step in path:
        resource = resource[step]
    return resource


ATTACHMENT = ("content", 0, "attachment")
WRONG: list[tuple[str, tuple[str | int, ...], object, str]] = [
    ("no INS", ("subject", "reference"), "Patient/42", "required"),
    ("another INS", ("contained", 1, "identifier", 0, "value"), "1", "conflict"),
    ("an old document", ("status",), "superseded", "value"),
    ("no identifier", ("masterIdentifier",), {}, "required"),
    ("a PDF", (*ATTACHMENT, "contentType"), "application/pdf", "value"),
    ("another size", (*ATTACHMENT, "size"), 3, "conflict"),
    ("another hash", (*ATTACHMENT, "hash"), "AAAA", "conflict"),
    ("no base64", (*ATTACHMENT, "data"), "é", "invalid"),
    ("no document", (*ATTACHMENT, "data"), None, "required"),
    ("an addition", ("relatesTo",), [{"code": "appends"}], "not-supported"),
    ("an unknown rule", ("modifierExtension",), [{"url": "urn:x"}], "extension"),
    ("a wrong type", ("status",), 7, "structure"),
    ("another resource", ("resourceType",), "Observation", "invalid"),
]


@pytest.mark.parametrize(
    ("path", "value", "code"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_what_is_wrong_with_a_reference_is_told(
    report: Report, path: tuple[str | int, ...], value: object, code: str
) -> None:
    resource = reference_of(report)
    *before, last = path
    at(resource, *before)[last] = value
    with pytest.raises(FhirError) as caught:
        read_reference(as_bytes(resource))
    assert caught.value.code == code


WRONG_LOTS: list[tuple[str, tuple[str | int, ...], object, str]] = [
    ("no transaction", ("type",), "batch", "invalid"),
    ("nothing", ("entry",), [], "business-rule"),
    ("another patient", ("entry", 0, "resource", "subject", "reference"), "Patient/1", "required"),
    ("no lot", ("entry", 0, "resource", "code", "coding", 0, "code"), "folder", "value"),
    ("a lot of something else", ("entry", 0, "resource", "entry"), [], "invalid"),
    ("content elsewhere", ("entry", 2, "fullUrl"), "urn:uuid:elsewhere", "invalid"),
    ("an update", ("entry", 1, "request", "method"), "PUT", "not-supported"),
    ("another resource", ("entry", 2, "resource", "resourceType"), "Patient", "not-supported"),
]


@pytest.mark.parametrize(
    ("path", "value", "code"), [w[1:] for w in WRONG_LOTS], ids=[w[0] for w in WRONG_LOTS]
)
def test_what_is_wrong_with_a_lot_is_told(
    report: Report, path: tuple[str | int, ...], value: object, code: str
) -> None:
    resource = bundle_of(report)
    *before, last = path
    at(resource, *before)[last] = value
    with pytest.raises(FhirError) as caught:
        read_bundle(as_bytes(resource))
    assert caught.value.code == code


def test_a_lot_has_one_document(report: Report) -> None:
    resource = bundle_of(report)
    resource["entry"].append(deepcopy(resource["entry"][1]))
    with pytest.raises(FhirError) as caught:
        read_bundle(as_bytes(resource))
    assert caught.value.code == "business-rule"
    resource["entry"] = resource["entry"][:3] * 8
    with pytest.raises(FhirError) as caught:
        read_bundle(as_bytes(resource))
    assert caught.value.code == "too-costly"


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"resourceType":"Bundle","type":"transaction","entry":' + b'[{"resource":' * 5000,
    b'{"resourceType":"DocumentReference","modifierExtension":' + b"[" * 50_000,
    b'{"resourceType":NaN}',
    b"<Bundle/>",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_json_is_refused(body: bytes) -> None:
    for read in (read_bundle, read_reference):
        with pytest.raises(FhirError):
            read(body)


def test_whatever_is_changed_it_is_read_or_refused(report: Report) -> None:
    random = Random(11)
    values: list[Any] = [None, 7, "", "x" * 300, [], {}, [{}], True, [[[]]], BINARY]

    def spoil(thing: Any) -> None:
        keys = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(thing[key], dict | list) and random.random() < 0.8:
            spoil(thing[key])
        elif random.random() < 0.5:
            thing[key] = random.choice(values)
        else:
            del thing[key]

    small = b64encode(b"<ClinicalDocument/>").decode()
    for read, make in ((read_bundle, bundle_of), (read_reference, reference_of)):
        whole = make(report)
        holder = whole["entry"][2]["resource"] if read is read_bundle else at(whole, *ATTACHMENT)
        holder["data"] = small
        for _ in range(1500):
            resource = deepcopy(whole)
            for _ in range(random.randrange(1, 4)):
                spoil(resource)
            try:
                read(as_bytes(resource))
            except FhirError as error:
                assert error.message  # noqa: PT017 - either is right
