"""The public samples, when they are there: what an independent extractor read from each."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.domain.formats.cda import read_cda
from backend.domain.formats.hl7v2 import Action, MessageError, read_message
from backend.domain.reports import Report, Result, Value, ValueKind

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
CDA = sorted((SAMPLES / "cda").glob("*.xml"))
pytestmark = pytest.mark.skipif(not CDA, reason="the public samples are not beside the project")


def expected(file: Path) -> Any:
    return json.loads((SAMPLES / "expected" / f"{file.stem}.json").read_text())


def said(value: Value) -> dict[str, str | None]:
    """Our value in the extractor's terms."""
    if value.kind is ValueKind.QUANTITY:
        return {"number": value.number, "unit": value.unit}
    return {"text": value.text}


def wanted(value: dict[str, Any] | None) -> dict[str, str | None]:
    if not value:
        return {"text": ""}
    match value["type"]:
        case "PQ" | "REAL":
            return {"number": value["value"], "unit": value.get("unit") or ""}
        case "IVL_PQ":
            limit = value.get("low") or value["high"]
            return {"number": limit["value"], "unit": limit.get("unit") or ""}
        case "CD":
            return {"text": (value.get("display") or value.get("original") or "").strip()}
        case _:
            return {"text": value.get("text") or value.get("value") or ""}


def limits(found: list[dict[str, Any]]) -> tuple[str, str, str]:
    if not found:
        return ("", "", "")
    low, high = found[0].get("low") or {}, found[0].get("high") or {}
    unit = low.get("unit") or high.get("unit") or ""
    return (low.get("value") or "", high.get("value") or "", unit)


def facts(result: Result) -> dict[str, Any]:
    bounds = result.bounds
    return {
        "loinc": result.loinc,
        "label": result.label,
        "value": {k: (v or "").casefold() for k, v in said(result.value).items()},
        "limits": (bounds.low, bounds.high, bounds.unit) if bounds else ("", "", ""),
        "flags": list(result.flags),
        "status": result.status,
        "method": result.method,
        "history": len(result.previous),
        "chapter": result.chapter,
        "subchapter": result.subchapter,
        "battery": result.battery,
    }


def facts_wanted(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "loinc": result["loinc"] or "",
        "label": result["label"],
        "value": {k: (v or "").casefold() for k, v in wanted(result["value"]).items()},
        "limits": limits(result["ranges"]),
        "flags": result["interp"],
        "status": result["status"],
        "method": result.get("method") or "",
        "history": len(result["history"]),
        "chapter": result["chapter"] or "",
        "subchapter": result["subchapter"] or "",
        "battery": "" if result["battery"] == "uncoded" else result["battery"] or "",
    }


@pytest.mark.parametrize("file", CDA, ids=lambda file: file.stem)
def test_each_sample_gives_the_results_that_were_read_from_it(file: Path) -> None:
    report, known = read_cda(file.read_bytes()), expected(file)
    assert [facts(result) for result in report.results] == [
        facts_wanted(result) for result in known["results"]
    ]
    for result, seen in zip(report.results, known["results"], strict=True):
        family = seen["authenticator"] or ""  # ours has the given name in front
        assert result.validated_by.endswith(family)
        assert bool(result.validated_by) is bool(family)
    assert [(m.media_type, len(m.content)) for m in report.media] == [
        (m["mediaType"], m["bytes"]) for m in known["media"]
    ]


@pytest.mark.parametrize("file", CDA, ids=lambda file: file.stem)
def test_each_sample_gives_its_comments_and_its_header(file: Path) -> None:
    report, known = read_cda(file.read_bytes()), expected(file)
    assert header_of(report) == {
        "id": known["meta"]["id"]["root"],
        "set": known["meta"]["setId"],
        "version": int(known["meta"]["version"]),
        "code": known["meta"]["code"],
        "level": 1 if known["meta"]["level"] == "N1" else 3,
    }
    # Ours keeps a comment on one result with that result; it also reads the words of comment
    # sections that have no coded comment (55112-7, 42349-1), which the extractor passed over.
    ours = {*report.comments, *(c for result in report.results for c in result.comments)}
    assert set(known["comments"]) <= ours


def header_of(report: Report) -> dict[str, Any]:
    header = report.header
    return {
        "id": header.id.root,
        "set": header.set_id.root if header.set_id else None,
        "version": header.version,
        "code": header.type_code,
        "level": report.level,
    }


@pytest.mark.parametrize(
    ("name", "action", "type_code"),
    [
        ("ORU_initial.hl7", Action.NEW, "11502-2"),
        ("ORU_replace.hl7", Action.REPLACE, "11502-2"),
        ("ORU_delete.hl7", Action.DELETE, "11502-2"),
        ("MDM_initial.er7", Action.NEW, "18748-4"),
    ],
)
def test_each_sample_message_is_read(name: str, action: Action, type_code: str) -> None:
    message = read_message((SAMPLES / "hl7v2" / name).read_bytes())
    assert (message.action, message.type_code) == (action, type_code)
    assert message.patient.matricule == "279035121518989"
    assert read_cda(message.document).header.type_code == type_code


@pytest.mark.parametrize("name", ["ACK", "ZAM_Z01_dmp_closed", "ZAM_Z02_mss_received"])
def test_messages_that_are_answers_are_not_deposits(name: str) -> None:
    with pytest.raises(MessageError) as refusal:
        read_message((SAMPLES / "hl7v2" / f"{name}.hl7").read_bytes())
    assert refusal.value.code == "200"
