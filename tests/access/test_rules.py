"""Who may do what, against the table of actions."""

import csv
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from uuid import UUID

import pytest

from backend.access import Action, may
from backend.access.actors import (
    Actor,
    Agent,
    Guest,
    Machine,
    Newcomer,
    Patient,
    Professional,
    Robot,
    Supposed,
    Visitor,
)
from backend.domain.caregiving import Mandate
from backend.domain.laboratory import Role
from backend.domain.rniv import Status
from backend.storage.accounts import Account, ProvisionalCode
from backend.storage.announcements import Announcement
from backend.storage.care import (
    AccessAlert,
    AccessReport,
    CareLink,
    Consultation,
    EmergencyAccess,
)
from backend.storage.conversations import Conversation
from backend.storage.db import Traced
from backend.storage.desk import IdentityAnomaly, PatientFile, TrustContract
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document, DocumentStatus, Misfiling, Notice, Version
from backend.storage.drafts import DepositDraft
from backend.storage.exports import Export
from backend.storage.folders import Folder
from backend.storage.measures import StoredMeasure
from backend.storage.medical_profile import ProfileSection
from backend.storage.pins import Pin
from backend.storage.policies import MessageModel, WithheldFamily
from backend.storage.records import Guardianship, Record
from backend.storage.sharing import Delegation, Invitation
from backend.storage.showings import Showing, Visit
from backend.storage.teams import Membership

ACCOUNT, RECORD, OTHER_RECORD, LABORATORY, OTHER_LABORATORY, SESSION, SOMEBODY = (
    UUID(int=n) for n in range(1, 8)
)
AIDANT, AIDANTS_RECORD = UUID(int=8), UUID(int=9)
VISIT, SHOWING = UUID(int=10), UUID(int=11)
DEPOSIT = frozenset({"deposit:bio"})

ACTORS: dict[str, Actor] = {
    "visitor": Visitor(),
    "halfway": Visitor(half=SESSION),
    "newcomer": Newcomer(SOMEBODY, RECORD),
    "holder": Patient(ACCOUNT, RECORD, RECORD, SESSION),
    "elsewhere": Patient(SOMEBODY, OTHER_RECORD, OTHER_RECORD, SESSION),
    "aidant who reads": Patient(AIDANT, AIDANTS_RECORD, RECORD, SESSION, Mandate.READ),
    "aidant who keeps": Patient(AIDANT, AIDANTS_RECORD, RECORD, SESSION, Mandate.KEEP),
    "guest": Guest(VISIT, SHOWING, RECORD, ACCOUNT),
    "professional": Professional(SOMEBODY, LABORATORY, "10"),
    "colleague": Professional(ACCOUNT, LABORATORY, "10"),
    "supposed": Supposed.of("10", RECORD),
    "agent": Agent(SOMEBODY),
    "depositor": Machine(SOMEBODY, LABORATORY, DEPOSIT),
    "reader": Machine(SOMEBODY, LABORATORY, frozenset({"read:bio"})),
    "neighbour": Machine(SOMEBODY, OTHER_LABORATORY, DEPOSIT),
    "demo": Robot("demo"),
    "draw-pages": Robot("draw-pages"),
    "tell": Robot("tell"),
    "operator": Robot("operator"),
    "calendar": Robot("calendar"),
    "send-again": Robot("send-again"),
    "send-provisional-code": Robot("send-provisional-code"),
    "try-code": Robot("try-code"),
    "cancel-change": Robot("cancel-change"),
    "make-export": Robot("make-export"),
    "dispatch": Robot("dispatch"),
}
THINGS: dict[str, Traced | None] = {
    "nothing": None,
    "document": Document(id=SOMEBODY, record_id=RECORD, structure_id=LABORATORY),
    "own": Document(id=SOMEBODY, record_id=RECORD, structure_id=None),
    "version": Version(id=SOMEBODY, record_id=RECORD),
    "account": Account(id=ACCOUNT, record_id=RECORD),
    "record": Record(id=RECORD),
    "code": ProvisionalCode(id=SOMEBODY, record_id=RECORD),
    "guardianship": Guardianship(id=SOMEBODY, record_id=RECORD),
    "invitation": Invitation(id=SOMEBODY, record_id=RECORD),
    "delegation": Delegation(id=SOMEBODY, record_id=RECORD),
    "showing": Showing(id=SHOWING, record_id=RECORD),
    "visit": Visit(id=VISIT, record_id=RECORD),
    "notice": Notice(id=SOMEBODY, record_id=RECORD),
    "link": CareLink(id=SOMEBODY, record_id=RECORD, professional_id=SOMEBODY),
    "emergency": EmergencyAccess(id=SOMEBODY, record_id=RECORD, professional_id=SOMEBODY),
    "alert": AccessAlert(id=SOMEBODY, structure_id=LABORATORY, professional_id=SOMEBODY),
    "consultation": Consultation(id=SOMEBODY, record_id=RECORD, professional_id=SOMEBODY),
    "report": AccessReport(id=SOMEBODY, record_id=RECORD),
    "section": ProfileSection(id=SOMEBODY, record_id=RECORD),
    "measure": StoredMeasure(id=SOMEBODY, record_id=RECORD, account_id=ACCOUNT),
    "pin": Pin(id=SOMEBODY, record_id=RECORD, account_id=ACCOUNT),
    "folder": Folder(id=SOMEBODY, record_id=RECORD),
    "export": Export(id=SOMEBODY, record_id=RECORD),
    "membership": Membership(id=SOMEBODY, structure_id=LABORATORY),
    "file": PatientFile(id=SOMEBODY, structure_id=LABORATORY),
    "contract": TrustContract(id=SOMEBODY, structure_id=LABORATORY),
    "anomaly": IdentityAnomaly(id=SOMEBODY, file_id=SOMEBODY, structure_id=LABORATORY),
    "misfiling": Misfiling(id=SOMEBODY, record_id=RECORD, structure_id=LABORATORY),
    "conversation": Conversation(id=SOMEBODY, record_id=RECORD, structure_id=LABORATORY),
    "dispatch": Dispatch(id=SOMEBODY, record_id=RECORD, structure_id=LABORATORY),
    "draft": DepositDraft(id=SOMEBODY, file_id=SOMEBODY),
    "announcement": Announcement(id=SOMEBODY, record_id=RECORD, structure_id=LABORATORY),
    "family": WithheldFamily(id=SOMEBODY, structure_id=LABORATORY),
    "model": MessageModel(id=SOMEBODY, structure_id=LABORATORY),
}

with Path(__file__).with_name("actions.csv").open(encoding="utf-8") as lines:
    TABLE = list(csv.DictReader(lines))


def test_the_table_speaks_of_every_action_once() -> None:
    assert sorted(line["action"] for line in TABLE) == sorted(Action)


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line["action"])
def test_an_action_is_for_those_whom_the_table_names(line: dict[str, str]) -> None:
    action = Action(line["action"])
    for kind in line["thing"].split():
        allowed = {name: may(actor, action, THINGS[kind]) for name, actor in ACTORS.items()}
        assert allowed == {name: line[name] == "yes" for name in ACTORS}


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line["action"])
def test_and_not_on_things_of_another_kind(line: dict[str, str]) -> None:
    """Except for reading, which asks only whose record it is."""
    if line["colleague"] == "yes":
        return
    others = [thing for kind, thing in THINGS.items() if kind not in line["thing"].split()]
    for actor in ACTORS.values():
        assert not any(may(actor, Action(line["action"]), thing) for thing in others)


EVERYBODY = frozenset({Role.BIOLOGIST, Role.TECHNICIAN, Role.SECRETARY, Role.REFERENT})
MANAGERS = frozenset({Role.REFERENT, Role.ADMINISTRATOR})
KEEPERS = frozenset({Role.BIOLOGIST, Role.REFERENT})
AT_THE_DESK: dict[str, Mapping[str, AbstractSet[Role]]] = {
    "nothing": {"file:search": EVERYBODY, "contract:list": EVERYBODY | MANAGERS}
    | {"file:list-day": EVERYBODY}
    | dict.fromkeys(["anomaly:list", "anomaly:export"], KEEPERS),
    "file": dict.fromkeys(
        [
            *("file:create", "file:open", "file:change", "file:receive", "identity:ask-insi"),
            *("identity:check", "identity:qualify-by-contract", "identity:mark"),
            *("file:expect", "file:leave-day"),
        ],
        EVERYBODY,
    )
    | {"identity:unmark": {Role.REFERENT}},
    "trusted file": {"file:change": {Role.REFERENT}, "identity:unmark": {Role.REFERENT}},
    "contract": dict.fromkeys(["contract:sign", "contract:stop", "contract:audit"], MANAGERS),
    "anomaly": {"anomaly:open": EVERYBODY}
    | dict.fromkeys(["anomaly:treat", "anomaly:settle"], KEEPERS),
    "misfiling": dict.fromkeys(
        [f"misfiling:{what}" for what in ("open", "keep", "doubt", "confirm", "reopen")], KEEPERS
    ),
}


def test_each_role_does_its_part_at_the_desk_of_its_own_laboratory() -> None:
    things = THINGS | {
        "trusted file": PatientFile(id=SOMEBODY, structure_id=LABORATORY, status=Status.QUAL)
    }
    for kind, actions in AT_THE_DESK.items():
        for name, roles in actions.items():
            action, thing = Action(name), things[kind]
            for role in Role:
                here, elsewhere, nowhere = (
                    Professional(SOMEBODY, place, "10", roles=frozenset({role}))
                    for place in (LABORATORY, OTHER_LABORATORY, None)
                )
                assert may(here, action, thing) is (role in roles), (name, role)
                if thing is not None:
                    assert not may(elsewhere, action, thing)
                    assert not may(nowhere, action, thing)
                assert not may(here, action, THINGS["document"])
                assert not may(here, action, THINGS["record"])
    desk = {"file", "identity", "contract", "anomaly", "misfiling"}
    told = {name for actions in AT_THE_DESK.values() for name in actions}
    assert told == {one.value for one in Action if one.value.partition(":")[0] in desk}


def test_what_a_patient_says_is_not_theirs_leaves_by_two_people_of_its_laboratory() -> None:
    said = Misfiling(
        id=SOMEBODY, record_id=RECORD, structure_id=LABORATORY, professional_id=SOMEBODY
    )
    put_away = Document(
        id=SOMEBODY,
        record_id=RECORD,
        structure_id=LABORATORY,
        status=DocumentStatus.QUARANTINED,
    )
    referent = frozenset({Role.REFERENT})
    first, second = (
        Professional(who, LABORATORY, "", roles=referent) for who in (SOMEBODY, ACCOUNT)
    )
    assert not may(first, Action.CONFIRM_MISFILED, said)
    assert may(second, Action.CONFIRM_MISFILED, said)
    assert may(second, Action.WITHDRAW_DOCUMENT, put_away)
    assert not may(second, Action.WITHDRAW_DOCUMENT, THINGS["document"])
    elsewhere = Professional(ACCOUNT, OTHER_LABORATORY, "", roles=referent)
    assert not may(elsewhere, Action.WITHDRAW_DOCUMENT, put_away)
