"""Spaces made from a list, and codes that leave for whoever has none."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.cli import main
from backend.demo.people import BREST, INS_TEST, LAURA, key_of
from backend.services.enrolment import issuing
from tests.cli.test_fsck import run
from tests.fixtures.application import settings_for

HEADER = (
    "matricule;oid;birth_name;first_given;given_names;birth_date;sex;birthplace;vitale;email;"
    "mobile;address;parent"
)


def matricule(first13: str) -> str:
    return first13 + key_of(first13)


OTHER = matricule("2850629019013")
MOTHER, CHILD = matricule("2850629019011"), matricule("1190629019012")
LINES = (
    (
        f"{MOTHER};{INS_TEST};Quéré;Maëlle;Maëlle Anne;1985-06-02;F;29019;40218811111;"
        f"maelle@courriel.example;06 39 98 01 11;{'|'.join(BREST)};"
    ),
    f"{CHILD};{INS_TEST};Quéré;Malo;;2019-06-05;M;29019;40218811111;;;;{MOTHER}",
)


def spaces(url: str, folder: Path, *words: str, typed: str = "") -> Result:
    settings = settings_for(url, folder)
    env = {"REPERES_DATABASE_URL": url, "REPERES_VAR_DIR": str(settings.var_dir)}
    return CliRunner().invoke(main, ["spaces", *words], env=env, input=typed)


def listed(folder: Path, *lines: str, encoding: str = "utf-8") -> str:
    path = folder / "liste.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding=encoding)
    return str(path)


def test_a_list_makes_spaces_once(world_url: str, tmp_path: Path) -> None:
    path = listed(tmp_path, *LINES)
    done = spaces(world_url, tmp_path, "inform", path)
    assert (done.exit_code, done.output) == (0, "2 spaces made, 0 known, 0 lines refused\n")
    done = spaces(world_url, tmp_path, "inform", path)
    assert done.output == "0 spaces made, 2 known, 0 lines refused\n"


def test_lines_that_are_wrong_are_told_by_number_and_stop_no_other(
    world_url: str, tmp_path: Path
) -> None:
    wrong = (
        LINES[0].replace("1985-06-02", "02/06/1985"),
        LINES[0].replace("maelle@courriel.example", "maelle"),
        LINES[0].replace(";F;", ";;"),
        LINES[0].replace(MOTHER, "123"),
        "une ligne qui n’en est pas une",
    )
    done = spaces(world_url, tmp_path, "inform", listed(tmp_path, LINES[1], *wrong, *LINES))
    assert done.exit_code == 1
    assert "2 spaces made, 0 known, 6 lines refused" in done.output
    assert "line 2: L’ouvrant droit n’a pas d’espace" in done.output
    assert "line 3: La date" in done.output
    assert "aelle" not in done.output
    assert MOTHER not in done.output


@pytest.mark.parametrize(("content", "says"), [(b"a;b\n1;2\n", "no column"), (b"\xff\xfe", "CSV")])
def test_what_is_no_list_is_refused(
    world_url: str, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(content)
    done = spaces(world_url, tmp_path, "inform", str(path))
    assert done.exit_code == 1
    assert says in done.output


def test_whom_nothing_reaches_is_counted_and_stops_no_other(
    world_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "AT_ONCE", 1)
    lines = (
        f"{MOTHER};{INS_TEST};Quéré;Maëlle;Maëlle Anne;1985-06-02;F;29019;40218811111;;;;",
        f"{OTHER};{INS_TEST};Quéré;Anne;;1985-06-05;F;29019;40218811112;;06 39 98 01 11;;",
    )
    spaces(world_url, tmp_path, "inform", listed(tmp_path, *lines))
    done = spaces(world_url, tmp_path, "codes")
    assert done.stdout == "1 codes promised\n"
    assert done.stderr == "2 spaces left out: nothing on file to send a code to\n"  # and Ruth
    done = spaces(world_url, tmp_path, "codes", "--by", "letter")
    assert done.stdout == "0 codes promised\n"


def test_codes_are_promised_once_to_who_waits(world_url: str, tmp_path: Path) -> None:
    spaces(world_url, tmp_path, "inform", listed(tmp_path, *LINES))
    run(world_url, "DELETE FROM provisional_code")
    assert spaces(world_url, tmp_path, "codes", "--most", "2").stdout == "2 codes promised\n"
    done = spaces(world_url, tmp_path, "codes")
    waiting = (
        3  # Julie, Yann and the mother; Ruth has nothing on file, a child’s waits for a parent
    )
    assert done.stdout == f"{waiting - 2} codes promised\n"
    assert spaces(world_url, tmp_path, "codes").stdout == "0 codes promised\n"


@pytest.mark.parametrize(
    ("typed", "says", "status"),
    [
        ("{nir}\n14/05/1991\n", "no address is on file", 1),
        ("{nir}\n15/05/1991\n", "do not go together", 1),
        ("123\n14/05/1991\n", "15 caractères", 1),
        ("{nir}\nhier\n", "21/09/1978", 1),
    ],
)
def test_the_help_desk_sends_a_letter_to_an_account_in_use_only(
    world_url: str, tmp_path: Path, typed: str, says: str, status: int
) -> None:
    nir = LAURA.traits.matricule
    done = spaces(world_url, tmp_path, "letter", typed=typed.format(nir=nir))
    assert (done.exit_code, says in done.output) == (status, True), done.output
    assert nir not in done.output, "nothing of it stays on the screen"


def test_the_letter_is_promised_once_the_two_go_together(world_url: str, tmp_path: Path) -> None:
    path = listed(tmp_path, *LINES)
    spaces(world_url, tmp_path, "inform", path)
    typed = f"{MOTHER}\n02/06/1985\n"
    refused = spaces(world_url, tmp_path, "letter", typed=typed)
    assert refused.exit_code == 1, "a space that nobody opened has its own codes"
    run(
        world_url,
        "UPDATE account SET record_id = (SELECT id FROM record WHERE opens_on IS NOT NULL "
        "AND minor_until IS NULL) WHERE record_id = (SELECT record_id FROM account LIMIT 1)",
    )
    run(world_url, "UPDATE record SET state = 'actif', opens_on = NULL WHERE state = 'informe'")
    done = spaces(world_url, tmp_path, "letter", typed=typed)
    assert (done.exit_code, "the letter is promised" in done.output) == (0, True), done.output
