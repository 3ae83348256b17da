"""Every case of the policy, in words, as `oracle.csv` writes them.

Record number n and kind of document k make one document; its id says both.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.actors import Guest, Patient
from backend.access.scopes import Moment, Policy
from backend.storage.documents import Document
from tests.access.oracle import Facts, Table, decide, narrow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAYS = {
    "none": None,
    "never": None,
    "yesterday": TODAY - timedelta(1),
    "today": TODAY,
    "tomorrow": TODAY + timedelta(1),
}
LIVING = ("ouvert", "actif")
ENDED = ("oppose", "ferme", "suspendu", "decede")
STATES = (*LIVING, *ENDED)
YN = ("no", "yes")

DOCTOR, STRUCTURE, SOMEBODY, ELSEWHERE = (UUID(int=n << 40) for n in range(1, 5))
ACCOUNTS, OWN_RECORDS, SHOWINGS, VISITS = 1 << 64, 2 << 64, 3 << 64, 4 << 64
CURRENT = 1 << 30
"""What tells the id of a current version from that of its document."""

Case = tuple[int, int]
"""(record number, kind of document)."""
Cases = dict[int, int]
"""Of each record number, the kinds of document: bit k stands for kind k. Nothing where none."""


def combine(**facts: Sequence[str]) -> list[Facts]:
    """Every combination."""
    return [dict(zip(facts, values, strict=True)) for values in product(*facts.values())]


def cross(*sides: Iterable[Facts]) -> list[Facts]:
    """Every combination of combinations."""
    return [
        {name: fact for part in parts for name, fact in part.items()} for parts in product(*sides)
    ]


DECISIONS = {"blocked": YN, "objected": YN, "in_team": YN, "informed": YN, "treating": YN}
SWITCHES: dict[str, Sequence[str]] = dict.fromkeys(
    ("emergency_allowed", "samu_allowed", "emergency_unmasks"), YN
)
CALM = {**dict.fromkeys(SWITCHES, "yes"), "purpose": "BTG"}
"""Without an emergency that runs, its switches open nothing: all are on."""
ENDED_EMERGENCIES = [
    *({**CALM, "emergency": "ended", "purpose": p} for p in ("BTG", "ETREAT")),
    {**CALM, "emergency": "elsewhere"},
]
"""Over, or declared in a session at another place."""
LINKS = [
    {**dict.fromkeys(DECISIONS, "no"), "consent": "none", "link": "absent"},
    *combine(**DECISIONS, consent=["none", "yesterday", "today"], link=["there"]),
]
URGENT = combine(emergency=["running"], purpose=["BTG", "ETREAT"], **SWITCHES)
PATIENTS = cross(
    combine(subject=["professional"], account=["none"], record=LIVING, mask_all=YN),
    [{**CALM, "emergency": "none"}, *ENDED_EMERGENCIES, *URGENT],
    LINKS,
) + cross(
    combine(subject=["professional"], account=["none"], record=ENDED, mask_all=["no"]),
    [{**CALM, "emergency": "none"}, URGENT[0]],
    LINKS,
)
"""Every relation; where nobody reads, with all the switches on and one emergency."""
FLAGS: dict[str, Sequence[str]] = {"masked": YN, "withheld": YN, "hidden": YN}
FLAGS["status"] = ("current", "quarantined", "withdrawn")
TYPES = [
    {"matrix": "in", "category": "plain"},
    {"matrix": "in", "category": "masked"},
    {"matrix": "out", "category": "plain"},
]
REPORTS = cross(combine(**FLAGS, author=["none", "person", "structure"]), TYPES)

_USABLE = ("actif", "suspendu", "ferme")
PEOPLE = cross(
    combine(record=STATES, eighteen=["never", "yesterday", "today", "tomorrow"], mask_all=YN),
    [
        *combine(subject=["holder"], account=_USABLE),
        *combine(subject=["guardian"], account=_USABLE, guardianship=["none"]),
        *combine(
            subject=["guardian"],
            account=_USABLE,
            guardianship=["there"],
            **{"from": ["today", "tomorrow"], "until": ["never", "today", "tomorrow"]},
            revoked=YN,
        ),
        *combine(subject=["aidant"], account=_USABLE, delegation=["none"]),
        *combine(
            subject=["aidant"],
            account=_USABLE,
            delegation=["there"],
            accepted=YN,
            last=["yesterday", "today"],
            ended=YN,
        ),
    ],
)
LETTERS = combine(**{**FLAGS, "withheld": (*YN, "a-month")})
SHOWN = cross(
    combine(record=STATES, eighteen=["never", "yesterday", "today", "tomorrow"], mask_all=YN),
    combine(subject=["guest"], account=_USABLE, showing=["running", "revoked", "over"]),
    combine(visit=["running", "over", "another"]),
    [
        {"shower": "holder"},
        {"shower": "nobody"},
        {
            "shower": "guardian",
            "guardianship": "there",
            "from": "today",
            "until": "never",
            "revoked": "no",
        },
    ],
)
"""What somebody shows with a code, and who came with it."""
PAPERS = combine(**FLAGS, chosen=YN)
CHOSEN = [k for k, kind in enumerate(PAPERS) if kind["chosen"] == "yes"]
SETTINGS = combine(masked_visible_to_treating_physician=YN, blocked_author_reads=YN)
AIDANTS = combine(released_by_law=YN, caregivers=YN)
"""What the operator decides about people: first without aidants, then with."""


def moment(setting: Facts) -> Moment:
    """Noon of the day, under this policy."""
    choices: Any = {name: value == "yes" for name, value in setting.items()}
    return Moment(NOW, TODAY, Policy(**choices))


def person(n: int) -> Patient:
    """Who looks at record `n` of PEOPLE: its holder, its guardian or an aidant."""
    own = n if PEOPLE[n]["subject"] == "holder" else OWN_RECORDS + n
    return Patient(UUID(int=ACCOUNTS + n), UUID(int=own), UUID(int=n), UUID(int=0))


def guest(n: int) -> Guest:
    """Who came with the code of record `n` of SHOWN."""
    ids = (VISITS + n, SHOWINGS + n, n, ACCOUNTS + n)
    return Guest(*(UUID(int=id_) for id_ in ids))


def allowed(table: Table, records: Sequence[Facts], kinds: Sequence[Facts], **more: str) -> Cases:
    """What the table lets read, `more` being true of every case."""
    answers: dict[Table, int] = {}
    readable: Cases = {}
    for n, record in enumerate(records):
        rest = narrow(table, {**record, **more})
        if rest not in answers:
            decisions = [decide(rest, kind) for kind in kinds]
            assert None not in decisions, "the table says nothing of this case"
            answers[rest] = sum(1 << k for k, decision in enumerate(decisions) if decision)
        if answers[rest]:
            readable[n] = answers[rest]
    return readable


async def seen(db: AsyncConnection, query: Select[Document]) -> Cases:
    """The cases that a scope returns."""
    # materialised, so that grouping does not change how PostgreSQL looks for them
    ids = query.with_only_columns(
        Document.record_id, func.left(cast(Document.id, Text), 8).label("kind")
    )
    each = ids.cte().prefix_with("MATERIALIZED")
    by_record = select(each.c.record_id, func.array_agg(each.c.kind)).group_by(each.c.record_id)
    return {
        record_id.int: sum(1 << int(kind, 16) for kind in kinds)
        for record_id, kinds in await db.execute(by_record)
    }


def bits(kinds: int) -> list[int]:
    """The kinds that these bits stand for."""
    return [k for k in range(kinds.bit_length()) if kinds >> k & 1]


def pairs(found: Cases) -> set[Case]:
    """Each case by itself."""
    return {(n, k) for n, kinds in found.items() for k in bits(kinds)}


def case_of(document_id: UUID) -> Case:
    """Of which case this is the document, or its current version."""
    return document_id.int & (1 << 96) - 1, document_id.int >> 96 & ~CURRENT
