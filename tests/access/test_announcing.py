"""Who announces a result in a visit: every case, against a decision table of its own."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from backend.access import Action, may
from backend.access.actors import Professional, Supposed
from backend.access.announcers import as_announcer
from backend.access.scopes import Moment
from backend.domain.dispatches import Role as As
from backend.domain.laboratory import Role
from backend.storage.announcements import Announcement
from backend.storage.care import CareLink
from backend.storage.db import Traced
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document
from tests.access import oracle
from tests.access.domain import NOW, TODAY, YN, combine, cross
from tests.access.oracle import Facts, decide

TABLE = oracle.load(Path(__file__).with_name("announcing.csv"))
WHO, ELSE, RECORD, DOCUMENT, PLACE = (UUID(int=n) for n in range(1, 6))
AT = Moment.at(NOW)
CONSENT = {"none": None, "yesterday": TODAY - timedelta(1), "today": TODAY}
ROLES = {
    "none": frozenset[Role](),
    "reads": frozenset({Role.BIOLOGIST}),
    "reads-nothing": frozenset({Role.ADMINISTRATOR}),
}
FLAGS = ("blocked", "objected", "in_team", "informed", "treating")
GOOD = {"blocked": "no", "objected": "no", "in_team": "yes", "informed": "yes", "treating": "yes"}
CASES = cross(
    combine(
        profession=["physician", "specialist", "other"],
        role=list(ROLES),
        supposed=YN,
        urgent=YN,
        prescribed=YN,
    ),
    [
        *({**GOOD, "consent": "none", "link": link} for link in ("absent", "another")),
        *combine(**dict.fromkeys(FLAGS, YN), consent=list(CONSENT), link=["there"]),
    ],
)
PROFESSIONS = {"physician": ["10"], "specialist": ["10/SM03"], "other": ["21", "50", "60"]}
THINGS: dict[str, Traced] = {
    "document": Document(id=DOCUMENT, record_id=RECORD, structure_id=PLACE),
    "another document": Document(id=ELSE, record_id=RECORD, structure_id=PLACE),
    "the patient’s copy": Dispatch(document_id=DOCUMENT, record_id=RECORD, role=As.PATIENT),
    "somebody’s copy": Dispatch(document_id=DOCUMENT, record_id=RECORD, role=As.COPY),
    "the wait": Announcement(id=DOCUMENT, record_id=RECORD, structure_id=ELSE),
}


def actor(facts: Facts, profession: str) -> Professional:
    pro = Professional(WHO, ELSE, profession, roles=ROLES[facts["role"]])
    if facts["supposed"] == "yes":
        return replace(Supposed.of(profession, RECORD), id=WHO, roles=pro.roles)
    return pro


def link(facts: Facts) -> CareLink | None:
    if facts["link"] == "absent":
        return None
    return CareLink(
        record_id=RECORD,
        professional_id=WHO if facts["link"] == "there" else ELSE,
        consent_until=CONSENT[facts["consent"]],
        **{name: facts[name] == "yes" for name in FLAGS},
    )


def test_each_case_is_what_the_table_says() -> None:
    allowed = 0
    for facts in CASES:
        expected = decide(TABLE, facts)
        for profession in PROFESSIONS[facts["profession"]]:
            pro = as_announcer(
                actor(facts, profession),
                DOCUMENT,
                link(facts),
                AT,
                prescribed=facts["prescribed"] == "yes",
                urgent=facts["urgent"] == "yes",
            )
            assert may(pro, Action.RELEASE_DOCUMENT, THINGS["document"]) is expected, facts
            allowed += bool(expected)
    assert allowed


def test_each_row_of_the_table_counts() -> None:
    answers = [decide(TABLE, facts) for facts in CASES]
    assert None not in answers
    for row in TABLE:
        without = tuple(one for one in TABLE if one is not row)
        assert [decide(without, facts) for facts in CASES] != answers, row.rule


def test_it_lets_them_do_that_to_this_document_and_nothing_else() -> None:
    pro = Professional(WHO, ELSE, "10")
    able = replace(pro, announces=DOCUMENT)
    more = {
        (action, name)
        for action in Action
        for name, thing in THINGS.items()
        if may(able, action, thing) and not may(pro, action, thing)
    }
    assert more == {
        (Action.RELEASE_DOCUMENT, "document"),
        (Action.PROMISE_DISPATCH, "the patient’s copy"),
    }
