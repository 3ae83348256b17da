"""Who may do what inside a laboratory, against the table of roles."""

import csv
from pathlib import Path
from uuid import UUID

import pytest

from backend.access import Action, may
from backend.access.actors import Actor, Professional, Robot, Unplaced
from backend.domain.errors import Refused
from backend.domain.laboratory import (
    Ability,
    Role,
    can,
    profession_at,
    profession_of,
    read_national_id,
    roles_held,
)
from backend.storage.announcements import Announcement
from backend.storage.conversations import Conversation
from backend.storage.db import Traced
from backend.storage.desk import PatientFile
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document
from backend.storage.policies import MessageModel, WithheldFamily
from backend.storage.teams import Membership

PRO, LABORATORY, ELSEWHERE = (UUID(int=n) for n in range(1, 4))


def at(structure: UUID, *roles: Role) -> Professional:
    return Professional(PRO, structure, "10", roles=frozenset(roles))


ACTORS: dict[str, Actor] = {
    **{role.name.lower(): at(LABORATORY, role) for role in Role},
    "administrator elsewhere": at(ELSEWHERE, *Role),
    "doctor": at(LABORATORY),
    "unplaced": Unplaced(PRO, PRO),
    "pro-santé-connect": Robot("pro-santé-connect"),
}
THINGS: dict[str, Traced | None] = {
    "nothing": None,
    "membership": Membership(id=PRO, structure_id=LABORATORY),
    "dispatch": Dispatch(id=PRO, record_id=PRO, structure_id=LABORATORY),
    "conversation": Conversation(id=PRO, record_id=PRO, structure_id=LABORATORY),
    "file": PatientFile(id=PRO, structure_id=LABORATORY),
    "announcement": Announcement(id=PRO, record_id=PRO, structure_id=LABORATORY),
    "family": WithheldFamily(id=PRO, structure_id=LABORATORY),
    "model": MessageModel(id=PRO, structure_id=LABORATORY),
    "document": Document(id=PRO, record_id=LABORATORY, structure_id=LABORATORY),
}
with Path(__file__).with_name("roles.csv").open(encoding="utf-8") as lines:
    TABLE = list(csv.DictReader(lines))


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line["action"])
def test_a_role_does_what_the_table_says(line: dict[str, str]) -> None:
    action = Action(line["action"])
    for kind, thing in THINGS.items():
        allowed = {name: may(actor, action, thing) for name, actor in ACTORS.items()}
        expected = {name: line[name] == "yes" and kind == line["thing"] for name in ACTORS}
        assert allowed == expected, kind


def test_each_ability_is_somebodys_and_nobody_has_one_without_a_role() -> None:
    for ability in Ability:
        assert any(can({role}, ability) for role in Role)
        assert not can((), ability)


def test_a_site_gives_no_profession() -> None:
    both = {Role.BIOLOGIST, Role.SECRETARY}
    assert roles_held(both, "86") == {Role.SECRETARY}
    assert roles_held(both, "21/G") == both
    assert profession_at("", both) == "SECRETARIAT_MEDICAL"
    assert profession_at("86", both) == "86"
    assert profession_at("", {Role.ADMINISTRATOR}) == ""
    assert [profession_of(*one) for one in (("10", "SM65", ""), ("10", "SM54", ""))] == [
        "10/SM03",
        "10",
    ]
    assert profession_of("21", "", "G") == "21/G"
    assert profession_of("21", "SM03", "A") == "21"


def test_a_number_is_read_as_it_is_copied() -> None:
    assert read_national_id(" 9990 0000 110") == "899900000110"
    assert read_national_id("ans20261123000017") == "ANS20261123000017"
    for wrong in ("", "99900000111", "899900000111", "12", "Malo Kerivel", "٩٩٩٠٠٠٠٠١١٠"):
        with pytest.raises(Refused):
            read_national_id(wrong)
