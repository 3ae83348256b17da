"""`reperes check-cda`: what the official files say, and an exit status for scripts."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.cli import main
from backend.demo.reports import DemoDeposit
from backend.domain.formats.cda_writer import write_cda
from tests.official import HAS_ENGINE, WITHOUT_ENGINE, lay_out


def run(*words: object, **env: str) -> Result:
    return CliRunner().invoke(main, ["check-cda", *map(str, words)], env=env)


@pytest.mark.skipif(not HAS_ENGINE, reason=WITHOUT_ENGINE)
def test_each_file_has_its_verdict(tmp_path: Path, reports: Mapping[str, DemoDeposit]) -> None:
    folder = lay_out(tmp_path / "official")
    good, bad, other = tmp_path / "good.xml", tmp_path / "bad.xml", tmp_path / "other.pdf"
    good.write_bytes(write_cda(reports["laura-bilan-sanguin-v1"].report))
    bad.write_bytes(good.read_bytes().replace(b'code="fr-FR"', b""))
    other.write_bytes(b"%PDF-1.7")
    sound = run("--folder", folder, good)
    assert (sound.exit_code, "good.xml: Conforme : CDA_extended.xsd" in sound.output) == (0, True)
    assert "CI-SIS_BIO-CR-BIO_2023.01 cannot be run." in sound.output
    found = run(good, bad, other, REPERES_OFFICIAL_CDA=str(folder))
    assert found.exit_code == 1
    assert "bad.xml: 1 règle officielle n’est pas respectée." in found.output
    assert "StrucMin : (en-tête) La langue est obligatoire." in found.output
    assert "other.pdf: Le document" in found.output


def test_a_folder_is_needed_and_it_must_be_theirs(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text("<a/>")
    without = run(file)
    assert (without.exit_code, "--folder" in without.output) == (2, True)
    wrong = run(file, REPERES_OFFICIAL_CDA=str(tmp_path))
    assert (wrong.exit_code, "CDA_extended.xsd" in wrong.output) == (2, True)
