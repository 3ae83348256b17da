"""What Pro Santé Connect says, read: by hand, and the public samples when they are there."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.demo.psc.people import PROS, pro
from backend.domain.formats.psc import BadUserinfo, read_person

SAMPLES = sorted((Path(__file__).parents[4] / "shared" / "samples" / "psc").glob("*.json"))


def practice(**changes: Any) -> dict[str, Any]:
    """Dr Martin’s answer, with his practice changed."""
    said = pro("martin").userinfo()
    said["SubjectRefPro"]["exercices"][0] |= changes
    return said


def place(**changes: Any) -> dict[str, Any]:
    """The same with the place changed."""
    said = pro("martin").userinfo()
    said["SubjectRefPro"]["exercices"][0]["activities"][0] |= changes
    return said


@pytest.mark.skipif(not SAMPLES, reason="the public samples are not beside the project")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_public_samples_are_read(sample: Path) -> None:
    person = read_person(json.loads(sample.read_text()))
    assert person.national_id.startswith("ANS20")
    assert person.profession in {"10", "80"}
    assert all(one.structure[0] in "ST" for one in person.activities), "none has a FINESS"


def test_people_of_the_emulator_are_read() -> None:
    found = {one.key: read_person(one.userinfo()) for one in PROS}
    assert [one.profession for one in found["morel"].activities] == ["10/SM03"]
    assert [one.profession for one in found["rousseau"].activities] == ["21/G"]
    assert len(found["leroux"].activities) == 2
    assert found["diallo"].activities == found["saidi"].activities == ()
    assert found["martin"].activities[0].structure == "440099801"


@pytest.mark.parametrize("category", ["E", "M", ""])
def test_students_and_soldiers_have_no_activity_here(category: str) -> None:
    assert read_person(practice(codeCategorieProfessionnelle=category)).activities == ()


def test_one_number_is_never_taken_for_another() -> None:
    bare = {"numeroFinessSite": "", "identifiantTechniqueDeLaStructure": "440099801"}
    assert read_person(place(**bare)).activities[0].structure == "T440099801"
    bare["numeroSiretSite"] = "12345678901234"
    assert read_person(place(**bare)).activities[0].structure == "S12345678901234"
    bare["numeroFinessetablissementJuridique"] = "2A0000123"
    assert read_person(place(**bare)).activities[0].structure == "2A0000123"
    assert read_person(place(numeroFinessSite="")).activities == ()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sub": "x:1", "SubjectNameID": 12},
        place(numeroFinessSite=["440099801"]),
        place(raisonSocialeSite="x" * 500),
        place(raisonSocialeSite="a\u202eb"),
        practice(activities={}),
        practice(codeProfession=10),
    ],
)
def test_what_contradicts_or_has_another_shape_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(BadUserinfo):
        read_person(said)
