from pathlib import Path

import pytest
from msgspec.structs import replace

from backend.domain.formats.cda import read_cda
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Report

SAMPLES = sorted((Path(__file__).parents[4] / "shared" / "samples" / "cda").glob("*.xml"))


def comparable(report: Report) -> Report:
    """Without what two documents may write differently: the names of files, template order."""
    header = replace(report.header, templates=tuple(sorted(report.header.templates)))
    media = tuple(replace(file, id="", title="") for file in report.media)
    return replace(report, header=header, media=media)


@pytest.mark.skipif(not SAMPLES, reason="the public samples are not beside the project")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_a_public_sample_says_survives_our_writer(sample: Path) -> None:
    report = read_cda(sample.read_bytes())

    assert comparable(read_cda(write_cda(report))) == comparable(report)
