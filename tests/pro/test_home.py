"""« Accueil »: what waits, for whose role lets them do it, of their own structure only."""

import re
from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from backend.demo.people import ESTUAIRE, TILLEULS
from backend.demo.psc.people import pro
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.pro.records import run

WHO = ("morel", "rousseau", "guillou", "legall", "riou", "caradec", "diallo", "martin")
BY = "SELECT id FROM professional WHERE national_id = :who"
EMERGENCY = (
    "INSERT INTO emergency_access (id, record_id, professional_id, structure_id, purpose,"
    " declared_at, until, sealed_reason, reviewed_at)"
    f" SELECT gen_random_uuid(), r.id, ({BY}), s.id, 'BTG', now(), now(), '',"
    " CASE WHEN :seen THEN now() END"
    " FROM structure s, (SELECT id FROM record LIMIT 1) r WHERE s.finess = :site"
)
ALERT = (
    "INSERT INTO access_alert (id, structure_id, professional_id, span, opened, at, reviewed_at)"
    f" SELECT gen_random_uuid(), s.id, ({BY}), 'hour', 20, now(), CASE WHEN :seen THEN now() END"
    " FROM structure s WHERE s.finess = :site"
)
ANOMALY = (
    "INSERT INTO identity_anomaly (id, file_id, structure_id, kind, state, opened_by, opened_at,"
    " sealed_detail)"
    " SELECT gen_random_uuid(), f.id, s.id, 'autre', :state, gen_random_uuid(), now(), ''"
    " FROM structure s, (SELECT id FROM patient_file LIMIT 1) f WHERE s.finess = :site"
)
OURS, THEIRS = ESTUAIRE.structure.finess, TILLEULS.structure.finess


@pytest.fixture
async def people(office: Litestar) -> AsyncIterator[dict[str, Desk]]:
    """Each of them at their desk; what was counted is gone, before and afterwards."""
    tables = ("emergency_access", "access_alert", "identity_anomaly", "dispatch_event", "dispatch")
    for table in tables:
        await run(office, f"DELETE FROM {table}")
    desks = {who: Desk(office) for who in WHO}
    for who, desk in desks.items():
        await desk.works(who)
    yield desks
    for table in tables:
        await run(office, f"DELETE FROM {table}")


async def duties(desk: Desk) -> list[str]:
    """The lines of « À faire »; none without it. Not those of contracts and of announcements."""
    shown = await desk.get("/pro/accueil")
    assert shown.status_code == 200
    part = re.search(r'aria-labelledby="a-faire">(.*?)</section>', shown.text, re.DOTALL)
    lines = re.findall(r"<b>(.*?)</b>", part[1]) if part else []
    return [one for one in lines if not re.search("annonce|contrat", one)]


async def test_nothing_is_said_of_nothing(people: dict[str, Desk]) -> None:
    for desk in people.values():
        assert await duties(desk) == []
    assert "À faire" not in text_of(await people["martin"].get("/pro/accueil"))


async def test_each_reads_what_is_theirs_to_do_and_no_other_laboratory_counts(
    people: dict[str, Desk], office: Litestar
) -> None:
    for who, site, seen in (
        ("morel", OURS, False),
        ("rousseau", OURS, False),
        ("rousseau", OURS, False),
        ("rousseau", OURS, True),
        ("martin", THEIRS, False),
        ("guillou", THEIRS, False),
        ("guillou", THEIRS, False),
        ("guillou", THEIRS, False),
    ):
        what = {"who": pro(who).national_id, "site": site, "seen": seen}
        await run(office, EMERGENCY, **what)
        await run(office, ALERT, **what)
    states = {OURS: ("ouverte", "en-cours", "en-cours", "close"), THEIRS: ("ouverte",) * 5}
    for site, all_ in states.items():
        for state in all_:
            await run(office, ANOMALY, state=state, site=site)
    found = {who: await duties(desk) for who, desk in people.items()}
    anomalies = "3 anomalies d’identité à traiter"
    assert found == {
        "morel": ["2 accès en urgence à relire", "2 alertes à relire", anomalies],
        "rousseau": ["1 accès en urgence à relire", "1 alerte à relire", anomalies],
        "guillou": [
            *("1 accès en urgence à relire", "1 alerte à relire"),
            "5 anomalies d’identité à traiter",
        ],
        "legall": ["3 accès en urgence à relire", "3 alertes à relire"],
        "riou": [anomalies],
        "caradec": [],
        "diallo": [],
        "martin": [],
    }
    shown = text_of(await people["riou"].get("/pro/accueil"))
    assert "À prendre en charge : 1. À clore : 2." in shown


async def test_what_a_record_that_was_erased_held_waits_for_nobody(
    people: dict[str, Desk], office: Litestar
) -> None:
    national_id = pro("rousseau").national_id
    await run(office, EMERGENCY, who=national_id, site=OURS, seen=False)
    assert await duties(people["morel"]) == ["1 accès en urgence à relire"]
    erased = (
        "UPDATE record SET wrapped_key = {} WHERE id = (SELECT record_id FROM emergency_access)"
    )
    key = await run(
        office,
        "SELECT encode(wrapped_key, 'hex') FROM record"
        " WHERE id = (SELECT record_id FROM emergency_access)",
    )
    await run(office, erased.format("''"))
    try:
        assert await duties(people["morel"]) == []
    finally:
        await run(office, erased.format(f"decode('{key}', 'hex')"))
