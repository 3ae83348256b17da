"""Drawings against the pictures in `golden/`; `REDRAW=1` makes them again, to be looked at."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree
from markupsafe import Markup

from backend.domain.documents import Count
from backend.domain.measures import Measured, Reading, Source, curves_of, measure_of
from backend.domain.reports import Bounds, Result, Value, ValueKind
from backend.domain.results.scale import line_of
from backend.domain.results.trends import Past, Trend, by_analyte, trend_of
from backend.web import drawings

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 11, 12, 11, 0, tzinfo=UTC)
NARROW_RANGE = Bounds("0.74", "1.06", "g/L")


def sugar(number: str, comparator: str = "", **more: Any) -> Result:
    known: dict[str, Any] = {
        "label": "Glycémie à jeun",
        "value": Value(ValueKind.QUANTITY, number, "g/L", comparator),
        "loinc": "1558-6",
        "bounds": NARROW_RANGE,
    }
    return Result(**(known | more))


def line(result: Result, label: str = "Glycémie à jeun") -> Markup:
    found = line_of(result)
    assert found is not None
    return drawings.number_line(found, label, "r1")


def mini(result: Result) -> Markup:
    found = line_of(result)
    assert found is not None
    return drawings.mini_bar(found)


def trend(*values: tuple[str, int], **last: Any) -> Trend:
    """Values and their years, the last one today."""
    past = [
        Past(sugar(number, bounds=last.get("was", NARROW_RANGE)), NOON.replace(year=year), "A")
        for number, year in values
    ]
    found = trend_of(sugar("1.18"), NOON, last.get("laboratory", "A"), by_analyte(past))
    assert found is not None
    return found


DRAWINGS = {
    "line-inside": line(sugar("0.90")),
    "line-above": line(sugar("1.18")),
    "line-below": line(sugar("0.60")),
    "line-off-right": line(sugar("9.0")),
    "line-open": line(sugar("0.50", "<")),
    "line-high-only": line(sugar("1.72", bounds=Bounds("", "1.60"))),
    "line-low-only": line(sugar("45", bounds=Bounds("60", ""))),
    "line-log": line(sugar("3", bounds=Bounds("0.5", "50"))),
    "mini": mini(sugar("0.90")),
    "trend": drawings.trend(trend(("0.94", 2024), ("1.02", 2025))),
    "trend-broken": drawings.trend(trend(("0.94", 2024), laboratory="B")),
    "trend-ranges": drawings.trend(
        trend(("0.94", 2024), ("1.02", 2025), was=Bounds("0.70", "1.10", "g/L"))
    ),
    "trend-no-range": drawings.trend(trend(("0.94", 2024), was=None)),
    "beads": drawings.beads(Count(total=21, outside=3)),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_are_the_pictures_that_were_looked_at(name: str) -> None:
    picture = GOLDEN / f"{name}.svg"
    if os.environ.get("REDRAW"):
        picture.write_text(DRAWINGS[name].replace("><", ">\n<") + "\n")
    assert DRAWINGS[name].replace("><", ">\n<") + "\n" == picture.read_text()


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_pass_the_content_policy_and_stay_in_their_frame(name: str) -> None:
    tree = etree.fromstring(DRAWINGS[name])
    for element in tree.iter():
        assert element.get("style") is None
        assert not any(str(name).startswith("on") for name in element.keys())  # noqa: SIM118
        for place in ("x", "x1", "x2", "width"):
            if (percent := element.get(place, "")).endswith("%"):
                assert 0 <= float(percent[:-1]) <= 100
    assert tree.get("aria-hidden") == "true" or (tree.get("role"), tree.get("aria-label"))


def test_two_lines_of_one_page_share_no_name() -> None:
    found = line_of(sugar("0.90"))
    assert found is not None
    one, two = (drawings.number_line(found, "", uid) for uid in ("r1", "r2"))
    names = [set(re.findall(r'id="(.+?)"', drawing)) for drawing in (one, two)]
    assert names[0].isdisjoint(names[1])
    assert set(re.findall(r"url\(#(.+?)\)", one)) <= names[0]


def test_what_a_laboratory_wrote_is_text_not_markup() -> None:
    drawing = line(sugar("0.90"), label='"><script>')
    assert "<script>" not in drawing
    assert "&#34;&gt;&lt;script&gt;" in drawing


def test_a_label_leans_inward_at_the_ends() -> None:
    heads = {
        name: float(re.findall(r'class="pin-head" x="(.+?)em"', DRAWINGS[name])[0])
        for name in ("line-off-right", "line-above")
    }
    assert heads["line-off-right"] < heads["line-above"] < 0


def test_shapes_differ_inside_and_outside() -> None:
    assert DRAWINGS["beads"].count("<circle") == 18
    assert DRAWINGS["beads"].count("<path") == 3
    assert DRAWINGS["trend"].count('class="pt out"') == 1
    assert DRAWINGS["trend"].count("<circle") == 2


def test_the_line_is_not_drawn_across_a_break() -> None:
    assert DRAWINGS["trend"].split('class="joined"')[1].split("</g>")[0].count("<line") == 2
    assert DRAWINGS["trend-broken"].split('class="joined"')[1].split("</g>")[0].count("<line") == 0


def test_each_period_has_its_own_band_and_unknown_ranges_none() -> None:
    assert DRAWINGS["trend"].count('class="band"') == 1
    assert DRAWINGS["trend-ranges"].count('class="band"') == 2
    assert 'class="band" x="0' not in DRAWINGS["trend-no-range"]


@pytest.mark.parametrize("count", [Count(), Count(total=61)])
def test_there_are_no_beads_for_nothing_or_for_a_crowd(count: Count) -> None:
    assert drawings.beads(count) == ""


def test_a_spark_joins_what_it_may_and_marks_the_last_and_the_lonely() -> None:
    now = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    kinds = [("72", None), ("71", None), ("73", "Tilleuls"), ("70", None)]
    readings = [
        Reading(
            now + timedelta(days=day),
            Measured("poids", (number,)),
            source=Source(UUID(int=1), laboratory) if laboratory else None,
        )
        for day, (number, laboratory) in enumerate(kinds)
    ]
    (curve,) = curves_of(measure_of("poids"), readings)
    drawn = str(drawings.spark(curve.trend))
    assert drawn.count("<line") == 1
    assert drawn.count("<circle") == 2
    (flat,) = curves_of(measure_of("poids"), [readings[0], readings[0]])
    assert "nan" not in str(drawings.spark(flat.trend))
