"""The desk on a real PostgreSQL: whose file it is, how far it is trusted, what is deposited."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from backend.access.actors import Machine, Professional, Robot, Supposed
from backend.access.scopes import Moment
from backend.access.scopes.desk import anomalies_for, contracts_for, patient_files
from backend.demo.insi import PATH, FakeInsi, Known
from backend.demo.listening import listen
from backend.demo.people import INS_TEST, key_of
from backend.domain.anomalies import AnomalyKind
from backend.domain.errors import Forbidden, NotFound, Refused
from backend.domain.laboratory import Role
from backend.domain.reception import Choices, Sensitive
from backend.domain.reports import Traits
from backend.domain.rniv import AlreadyQualified, Event, Mark, Status
from backend.domain.trust_contracts import ContractState, Ending, Terms
from backend.gateways.insi import ByCard, Insi
from backend.services.duties import Duties, duties
from backend.services.identification import (
    anomalies,
    asking,
    checking,
    contracts,
    files,
    receiving,
)
from backend.services.identification.checking import Seen
from backend.services.identification.outcomes import Lookup, Outcome
from backend.settings import InsiAccess
from backend.storage.db import Sessions, make_engine, make_sessions
from backend.storage.desk import Former, PatientFile, former_of
from backend.storage.structures import Professional as ProfessionalRow
from backend.storage.structures import Structure
from backend.storage.vault import Vault
from tests.fixtures.database import Databases

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
AT = Moment.at(NOW)
NUMBERS = count(1)


@dataclass
class Desk:
    """One laboratory’s desk, another one’s, and a téléservice."""

    sessions: Sessions
    insi: Insi
    fake: FakeInsi
    me: Professional
    neighbour: Professional
    url: str = field(repr=False)

    def somebody(self, **traits: Any) -> Traits:
        """A person whom INSi knows, and nobody else has met."""
        n = next(NUMBERS)
        letters = "".join(chr(65 + int(digit)) for digit in f"{n:04d}")
        person = Traits(
            birth_name=f"KER{letters}",
            first_given="ANNE",
            given_names="ANNE MARIE",
            birth_date=date(1980, 5, 14),
            sex="F",
            birthplace="29019",
        )
        person = replace(person, **traits)
        born = person.birth_date
        assert born
        first = f"{2 if person.sex == 'F' else 1}{born:%y%m}29019{n:03d}"
        known = replace(person, matricule=first + key_of(first), oid=INS_TEST)
        self.fake.people = (*self.fake.people, Known(known))
        return known

    async def file_of(self, traits: Traits, **how: Any) -> UUID:
        async with self.sessions.begin() as db:
            return (await files.create(db, self.me, AT, traits, **how)).id

    async def ask(self, file_id: UUID, card: ByCard | None = None) -> Lookup:
        how = self.sessions, self.insi, self.me, AT, file_id
        looked = await asking.look_up(*how, card=card)
        assert isinstance(looked, Lookup)
        return looked

    async def verify(self, file_id: UUID) -> Lookup:
        looked = await asking.verify(self.sessions, self.insi, self.me, AT, file_id)
        assert isinstance(looked, Lookup)
        return looked

    async def see(self, file_id: UUID, kind: str = "passeport", **seen: Any) -> Status:
        async with self.sessions.begin() as db:
            ticked = Seen(kind, **({"same_traits": True} | seen))
            return (await checking.see_document(db, self.me, AT, file_id, ticked)).status

    async def shown(self, file_id: UUID) -> files.Shown:
        async with self.sessions.begin() as db:
            return await files.open_file(db, self.me, AT, file_id)

    async def run(self, work: Any, *args: Any, **how: Any) -> Any:
        async with self.sessions.begin() as db:
            return await work(db, *args, **how)


@pytest.fixture(scope="module")
async def desk(databases: Databases, vault: Vault) -> AsyncIterator[Desk]:
    url = databases.copy()
    engine = make_engine(url)
    sessions = make_sessions(engine, vault)
    fake = FakeInsi()
    rows = [Structure(id=uuid4(), finess=f"44009999{n}", name="Labo", city="") for n in range(2)]
    people = [
        ProfessionalRow(
            id=uuid4(), national_id=f"80000000000{n}", family="GUILLOU", given="ANNE",
            profession="10",
        )
        for n in range(2)
    ]  # fmt: skip
    async with sessions.begin() as db:
        db.add_all([*rows, *people])
    roles = frozenset({Role.BIOLOGIST, Role.REFERENT})
    pros = [
        Professional(one.id, row.id, "10", roles=roles)
        for one, row in zip(people, rows, strict=True)
    ]
    async with listen(fake) as address:
        insi = Insi(InsiAccess(address + PATH, "PDP1", "inst"), seconds=2)
        yield Desk(sessions, insi, fake, pros[0], pros[1], url)
        await insi.aclose()
    await engine.dispose()
    databases.drop(url)


async def test_a_visit_from_nothing_to_a_qualified_identity(desk: Desk) -> None:
    person = desk.somebody()
    typed = replace(person, birth_name=person.birth_name.title(), birthplace="", given_names="")
    file_id = await desk.file_of(typed)
    shown = await desk.shown(file_id)
    assert (shown.standing.status, shown.traits.matricule) == (Status.PROV, "")
    looked = await desk.ask(file_id)
    assert looked.outcome is Outcome.RETRIEVED
    assert (await desk.shown(file_id)).traits == person
    with pytest.raises(Refused, match="Vitale sert"):
        await desk.see(file_id, "carte-vitale")
    with pytest.raises(Refused, match="corrigez le dossier"):
        await desk.see(file_id, same_traits=False)
    assert await desk.see(file_id) is Status.QUAL
    shown = await desk.shown(file_id)
    assert shown.nothing_to_ask == "Identité déjà vérifiée le 27/11/2026 : rien à demander."
    for again in (desk.ask(file_id), desk.see(file_id)):
        with pytest.raises(AlreadyQualified, match="déjà vérifiée le 27/11/2026"):
            await again
    found = await desk.run(
        files.search, desk.me, AT, born=date(1980, 5, 14), name=person.birth_name[:5]
    )
    assert [one.id for one in found] == [file_id]
    with pytest.raises(Refused, match="3 lettres"):
        await desk.run(files.search, desk.me, AT, born=date(1980, 5, 14), name="ké")


async def test_the_document_may_come_first(desk: Desk) -> None:
    file_id = await desk.file_of(desk.somebody())
    assert await desk.see(file_id, "cni") is Status.VALI
    assert (await desk.ask(file_id)).outcome is Outcome.QUALIFIED
    check = await desk.run(checking.last_check, desk.me, file_id)
    assert (check.kind, check.checked_by, check.at) == ("cni", desk.me.id, NOW)


async def test_what_insi_answers_is_set_beside_the_file(desk: Desk) -> None:
    person = desk.somebody(first_given="LAURA", given_names="LAURA MARIE")
    file_id = await desk.file_of(replace(person, birthplace="44109"))
    looked = await desk.ask(file_id)
    assert looked.outcome is Outcome.DIFFERENT
    assert [one.trait for one in looked.differences] == ["birthplace"]
    assert looked.theirs == person
    assert (await desk.shown(file_id)).standing.status is Status.PROV
    await desk.run(files.correct, desk.me, AT, file_id, person)
    assert (await desk.ask(file_id)).outcome is Outcome.RETRIEVED


async def test_nobody_several_and_other_spellings(desk: Desk) -> None:
    nobody = await desk.file_of(replace(desk.somebody(), birth_date=date(1981, 1, 1)))
    assert (await desk.ask(nobody)).outcome is Outcome.NOBODY
    jean = Traits(
        birth_name="DUPONT",
        first_given="JEAN",
        given_names="JEAN",
        birth_date=date(1957, 1, 2),
        sex="M",
        birthplace="99999",
    )
    several = await desk.file_of(jean)
    assert (await desk.ask(several)).outcome is Outcome.SEVERAL
    await desk.run(files.correct, desk.me, AT, several, replace(jean, birthplace="35238"))
    assert (await desk.ask(several)).outcome is Outcome.RETRIEVED
    person = desk.somebody()
    married = replace(person, birth_name="PETIT", used_name=person.birth_name)
    under_used_name = await desk.file_of(married)
    looked = await desk.ask(under_used_name)
    assert looked.outcome is Outcome.DIFFERENT
    assert [one.trait for one in looked.differences] == ["birth_name"]
    ola = replace(
        jean,
        birth_name="TCHITCHI",
        first_given="OLA",
        given_names="OLA CATARINA",
        birth_date=date(1936, 6, 21),
        sex="F",
    )
    looked = await desk.ask(await desk.file_of(ola))
    assert {one.trait for one in looked.differences} == {"first_given", "given_names"}
    with pytest.raises(Refused, match="Féminin ou Masculin"):
        await desk.ask(await desk.file_of(replace(ola, sex="U", birth_name="TCHATCHA")))


async def test_a_failure_changes_nothing_and_the_file_waits(desk: Desk) -> None:
    retrieved = await desk.file_of(person := desk.somebody())
    await desk.ask(retrieved)
    desk.fake.down = True
    try:
        new = await desk.file_of(desk.somebody())
        looked = await desk.ask(new)
        checked = await desk.verify(retrieved)
    finally:
        desk.fake.down = False
    assert (looked.outcome, checked.outcome) == (Outcome.DOWN, Outcome.DOWN)
    assert "reste comme elle est" in looked.message
    assert (await desk.shown(retrieved)).standing.status is Status.RECUP
    waiting = await desk.run(files.waiting, desk.me, AT)
    assert {new, retrieved} <= {one.id for one in waiting}
    assert (await desk.ask(new)).outcome is Outcome.RETRIEVED
    verified = await desk.verify(retrieved)
    assert verified.outcome is Outcome.CONFIRMED
    left = {one.id for one in await desk.run(files.waiting, desk.me, AT)}
    assert not {new, retrieved} & left
    assert (await desk.shown(retrieved)).traits == person


async def test_a_number_that_insi_no_longer_knows_becomes_history(desk: Desk) -> None:
    file_id = await desk.file_of(person := desk.somebody())
    await desk.ask(file_id)
    await desk.see(file_id)
    desk.fake.people = tuple(one for one in desk.fake.people if one.traits != person)
    verified = await desk.verify(file_id)
    assert verified.outcome is Outcome.CONTRADICTED
    shown = await desk.shown(file_id)
    assert (shown.standing.status, shown.traits.matricule) == (Status.PROV, "")
    async with desk.sessions.begin() as db:
        file = await files.hold(db, desk.me, file_id)
        assert former_of(db, file) == (Former(person.matricule, INS_TEST),)
    with pytest.raises(Refused, match="pas d’INS"):
        await desk.verify(file_id)


async def test_a_corrected_trait_takes_the_number_away_a_used_name_does_not(desk: Desk) -> None:
    file_id = await desk.file_of(person := desk.somebody())
    await desk.ask(file_id)
    await desk.see(file_id)
    await desk.run(files.correct, desk.me, AT, file_id, replace(person, used_name="MARTIN"))
    assert (await desk.shown(file_id)).standing.status is Status.QUAL
    await desk.run(files.correct, desk.me, AT, file_id, replace(person, birthplace="35238"))
    shown = await desk.shown(file_id)
    assert (shown.standing.status, shown.traits.matricule) == (Status.PROV, "")
    assert shown.nothing_to_ask == ""


async def test_two_files_never_have_one_number(desk: Desk) -> None:
    person = desk.somebody(given_names="ANNE MARIE")
    first = await desk.file_of(person)
    with pytest.raises(Refused, match="Une autre personne"):
        await desk.file_of(person)
    second = await desk.file_of(person, another=True)
    for file_id in (first, second):
        assert (await desk.shown(file_id)).standing.marks == {Mark.HOMONYM}
    outcomes = await asyncio.gather(desk.ask(first), desk.ask(second))
    assert sorted(one.outcome for one in outcomes) == [Outcome.TAKEN, Outcome.RETRIEVED]
    (taken,) = (one for one in outcomes if one.outcome is Outcome.TAKEN)
    assert taken.twin_id in {first, second}


async def test_a_doubt_stops_everything_until_it_is_lifted(desk: Desk) -> None:
    file_id = await desk.file_of(desk.somebody())
    await desk.ask(file_id)
    await desk.run(checking.mark, desk.me, AT, file_id, Event.CALL_DOUBTFUL)
    shown = await desk.shown(file_id)
    assert (shown.standing.status, shown.traits.matricule) == (Status.PROV, "")
    calls = len(desk.fake.asked)
    for step in (desk.ask(file_id), desk.see(file_id)):
        with pytest.raises(Refused, match="douteuse"):
            await step
    assert len(desk.fake.asked) == calls
    await desk.run(checking.mark, desk.me, AT, file_id, Event.CLEAR_DOUBTFUL)
    assert (await desk.ask(file_id)).outcome is Outcome.RETRIEVED
    with pytest.raises(Refused, match="signalement"):
        await desk.run(checking.mark, desk.me, AT, file_id, Event.DOCUMENT)


async def test_a_child_is_not_filed_under_a_parents_number(desk: Desk) -> None:
    child = desk.somebody(birth_date=date(2019, 3, 17))
    file_id = await desk.file_of(child)
    parent = "282072901999900"
    desk.fake.people = tuple(
        Known(replace(child, matricule=parent[:13] + key_of(parent[:13])))
        if one.traits == child
        else one
        for one in desk.fake.people
    )
    looked = await desk.ask(file_id)
    assert looked.outcome is Outcome.PARENT
    assert (await desk.shown(file_id)).standing.status is Status.PROV
    other = desk.somebody(birth_date=date(2020, 3, 17))
    found = await desk.ask(
        await desk.file_of(other), ByCard(other.matricule[:13], date(2020, 3, 17))
    )
    assert found.outcome is Outcome.PARENT  # the card’s assuré cannot be the child
    with pytest.raises(Refused, match="pièce d’identité du parent"):
        await desk.see(file_id, "livret-de-famille")
    assert await desk.see(file_id, "livret-de-famille", parents_seen=True) is Status.VALI
    with pytest.raises(Refused, match="enfant seulement"):
        await desk.see(await desk.file_of(desk.somebody()), "livret-de-famille")


async def test_a_file_that_moved_meanwhile_is_not_written(desk: Desk) -> None:
    person = desk.somebody()
    file_id = await desk.file_of(person)
    question = await desk.run(asking.prepare, desk.me, file_id)
    answer = await asking._by_traits(desk.insi, question)
    await desk.run(files.correct, desk.me, AT, file_id, replace(person, sex="U"))
    looked = await desk.run(asking.take, desk.me, AT, question, answer)
    assert looked.outcome is Outcome.MOVED
    assert (await desk.shown(file_id)).traits.matricule == ""


TERMS = Terms(
    partner="Clinique des Ormes",
    clause="article 7",
    our_referent="Anne Guillou",
    their_referent="Jeanne Le Bris",
    signed_on=date(2026, 1, 5),
    until=date(2026, 12, 31),
    finess="440000123",
)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, ContractState.ACTIVE),
        ({"until": date(2026, 11, 27)}, ContractState.ACTIVE),
        ({"until": date(2026, 11, 26)}, ContractState.EXPIRED),
        ({"signed_on": date(2026, 11, 28)}, ContractState.COMING),
        ({"stopped": True}, ContractState.STOPPED),
        ({"audits": [False]}, ContractState.SUSPENDED),
        ({"audits": [False, True]}, ContractState.ACTIVE),
    ],
)
async def test_only_an_active_contract_qualifies(
    desk: Desk, change: dict[str, Any], state: ContractState
) -> None:
    stopped, audits = change.pop("stopped", False), change.pop("audits", [])
    signed = await desk.run(contracts.sign, desk.me, replace(TERMS, **change))
    for n, good in enumerate(audits):
        await desk.run(
            contracts.audit, desk.me, AT, signed.id,
            day=date(2026, 10, 1 + n), good=good, findings="Dix dossiers relus.",
        )  # fmt: skip
    if stopped:
        await desk.run(contracts.stop, desk.me, AT, signed.id)
    listed = await desk.run(contracts.list_contracts, desk.me, AT)
    assert {one.id: one.state for one in listed}[signed.id] is state
    file_id = await desk.file_of(desk.somebody(), contract_id=signed.id)
    with pytest.raises(Refused, match=r"INSi|contrat"):
        await desk.run(checking.qualify_by_contract, desk.me, AT, file_id)
    await desk.ask(file_id)
    if state is not ContractState.ACTIVE:
        with pytest.raises(Refused, match="Clinique des Ormes"):
            await desk.run(checking.qualify_by_contract, desk.me, AT, file_id)
        assert (await desk.shown(file_id)).standing.status is Status.RECUP
        return
    standing = await desk.run(checking.qualify_by_contract, desk.me, AT, file_id)
    shown = await desk.shown(file_id)
    assert (standing.status, shown.partner) == (Status.QUAL, "Clinique des Ormes")
    assert await desk.run(checking.count_checks, desk.me, signed.id) == 1
    if len(audits):
        last = await desk.run(contracts.list_audits, desk.me, signed.id)
        assert [one.good for one in last] == audits[::-1]
        assert last[0].findings == "Dix dossiers relus."


@pytest.mark.parametrize(
    "wrong",
    [
        {"partner": " "},
        {"clause": ""},
        {"our_referent": ""},
        {"their_referent": "x" * 201},
        {"finess": "44"},
        {"until": date(2026, 1, 4)},
        {"until": date(2031, 1, 6)},
    ],
)
async def test_a_contract_is_signed_whole(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await desk.run(contracts.sign, desk.me, replace(TERMS, **wrong))


async def test_each_laboratory_is_told_of_its_own_contracts_that_end(desk: Desk) -> None:
    async def told(who: Professional) -> Ending:
        counted: Ending = (await desk.run(duties, who, AT)).contracts
        return counted

    before = await told(desk.me)
    assert await told(desk.neighbour) == Ending()
    for n, until in enumerate((date(2026, 12, 1), date(2026, 11, 1), date(2027, 6, 1))):
        terms = replace(TERMS, partner=f"Partenaire {n} à finir", until=until)
        await desk.run(contracts.sign, desk.me, terms)
    stopped = replace(TERMS, partner="Partenaire arrêté", until=date(2026, 12, 2))
    signed = await desk.run(contracts.sign, desk.me, stopped)
    assert await told(desk.me) == Ending(before.soon + 2, before.over + 1)
    await desk.run(contracts.stop, desk.me, AT, signed.id)
    assert await told(desk.me) == Ending(before.soon + 1, before.over + 1)
    assert await told(desk.neighbour) == Ending()
    for nobody in (dataclasses.replace(desk.me, roles=frozenset({Role.TECHNICIAN})),
                   dataclasses.replace(desk.me, structure_id=None)):  # fmt: skip
        assert await desk.run(duties, nobody, AT) == Duties()


async def test_the_register_goes_from_open_to_closed_and_to_a_spreadsheet(desk: Desk) -> None:
    file_id = await desk.file_of(desk.somebody())
    detail = "=HYPERLINK(1) Deux dossiers"
    opened = await desk.run(
        anomalies.open_anomaly, desk.me, AT, file_id, kind=AnomalyKind.DUPLICATE, detail=detail
    )
    with pytest.raises(Refused, match="Prenez"):
        await desk.run(anomalies.settle, desk.me, AT, opened.id, "Rien")
    await desk.run(anomalies.treat, desk.me, AT, opened.id)
    with pytest.raises(Refused, match="déjà prise"):
        await desk.run(anomalies.treat, desk.me, AT, opened.id)
    with pytest.raises(Refused, match="motif"):
        await desk.run(anomalies.settle, desk.me, AT, opened.id, "  ")
    late = Moment.at(NOW + timedelta(days=1))
    await desk.run(anomalies.settle, desk.me, late, opened.id, "Dossiers fusionnés")
    with pytest.raises(Refused, match="close"):
        await desk.run(anomalies.settle, desk.me, AT, opened.id, "Encore")
    table = (await desk.run(anomalies.export_register, desk.me)).decode("utf-8-sig")
    (line,) = (row for row in table.splitlines() if row.startswith(str(opened.id)[:8]))
    assert line.split(";") == [
        str(opened.id)[:8],
        "27/11/2026",
        "Dr Anne Guillou",
        str(file_id)[:8],
        "Deux dossiers pour une même personne",
        "",
        f"'{detail}",
        "close",
        "27/11/2026",
        "Dr Anne Guillou",
        "28/11/2026",
        "Dr Anne Guillou",
        "Dossiers fusionnés",
    ]
    todo = await desk.run(anomalies.list_anomalies, desk.me, settled=False)
    assert str(opened.id)[:8] not in {one.number for one in todo}
    for wrong in ({"kind": AnomalyKind.PARTNER, "detail": "x"}, {"detail": " "}):
        with pytest.raises(Refused):
            await desk.run(
                anomalies.open_anomaly, desk.me, AT, file_id,
                **({"kind": AnomalyKind.OTHER} | wrong),
            )  # fmt: skip


async def test_what_was_wanted_is_for_the_day_of_the_visit(desk: Desk) -> None:
    file_id = await desk.file_of(desk.somebody())
    assert await desk.run(receiving.choices_today, desk.me, AT, file_id) is None
    for wrong in (Choices(), Choices(informed=True, secret=True)):
        with pytest.raises(Refused):
            await desk.run(receiving.receive, desk.me, AT, file_id, wrong)
    later = Moment.at(NOW + timedelta(hours=1))
    for at, choices in ((AT, Choices(informed=True)), (later, Choices(opposed=True))):
        await desk.run(receiving.receive, desk.me, at, file_id, choices)
        assert await desk.run(receiving.choices_today, desk.me, at, file_id) == choices
    tomorrow = Moment.at(NOW + timedelta(days=1))
    assert await desk.run(receiving.choices_today, desk.me, tomorrow, file_id) is None
    child = await desk.file_of(desk.somebody(birth_date=date(2012, 3, 17)))
    secret = Choices(informed=True, secret=True, sensitive=Sensitive.EXPLAINED)
    await desk.run(receiving.receive, desk.me, AT, child, secret)
    assert await desk.run(receiving.choices_today, desk.me, AT, child) == secret


async def test_another_laboratory_finds_nothing_here(desk: Desk) -> None:
    person = desk.somebody()
    file_id = await desk.file_of(person)
    signed = await desk.run(contracts.sign, desk.me, TERMS)
    anomaly = await desk.run(
        anomalies.open_anomaly, desk.me, AT, file_id, kind=AnomalyKind.OTHER, detail="x"
    )
    them, seen = desk.neighbour, Seen("cni", same_traits=True)
    attempts: list[tuple[Any, ...]] = [
        (files.open_file, them, AT, file_id),
        (files.correct, them, AT, file_id, person),
        (files.create, them, AT, person),
        (asking.prepare, them, file_id),
        (checking.see_document, them, AT, file_id, seen),
        (checking.qualify_by_contract, them, AT, file_id),
        (checking.mark, them, AT, file_id, Event.CALL_DOUBTFUL),
        (receiving.receive, them, AT, file_id, Choices(informed=True)),
        (receiving.choices_today, them, AT, file_id),
        (contracts.stop, them, AT, signed.id),
        (contracts.list_audits, them, signed.id),
        (anomalies.treat, them, AT, anomaly.id),
        (anomalies.settle, them, AT, anomaly.id, "x"),
    ]
    for work, *args in attempts:
        how = {"contract_id": signed.id} if work is files.create else {}
        with pytest.raises(NotFound):
            await desk.run(work, *args, **how)
    born = date(1980, 5, 14)
    assert await desk.run(files.search, them, AT, born=born, name=person.birth_name) == []
    assert await desk.run(contracts.list_contracts, them, AT) == []
    assert await desk.run(anomalies.list_anomalies, them) == []
    nobody = (
        Professional(desk.me.id, None, "10"),
        Supposed(desk.me.id, desk.me.structure_id, "10", uuid4()),
        Machine(desk.me.id, desk.me.structure_id or uuid4(), frozenset({"deposit:bio"})),
        Robot("demo"),
    )
    async with desk.sessions.begin() as db:
        for actor in nobody:
            for scope in (patient_files, contracts_for, anomalies_for):
                assert (await db.scalars(scope(actor))).all() == []


async def test_only_a_referent_corrects_what_was_checked_and_lifts_a_doubt(desk: Desk) -> None:
    person = desk.somebody()
    file_id = await desk.file_of(person)
    clerk = dataclasses.replace(desk.me, roles=frozenset({Role.SECRETARY}))
    await desk.run(files.correct, clerk, AT, file_id, replace(person, birthplace="35238"))
    await desk.run(files.correct, clerk, AT, file_id, person)
    await desk.see(file_id)
    refused: list[tuple[Any, ...]] = [
        (files.correct, clerk, AT, file_id, replace(person, birthplace="35238")),
        (files.correct, clerk, AT, file_id, replace(person, used_name="MARTIN")),
        (contracts.sign, clerk, TERMS),
        (anomalies.list_anomalies, clerk),
    ]
    for work, *args in refused:
        with pytest.raises(Forbidden):
            await desk.run(work, *args)
    await desk.run(checking.mark, clerk, AT, file_id, Event.CALL_DOUBTFUL)
    with pytest.raises(Forbidden):
        await desk.run(checking.mark, clerk, AT, file_id, Event.CLEAR_DOUBTFUL)
    outsider = dataclasses.replace(desk.me, roles=frozenset())
    with pytest.raises(Forbidden):
        await desk.run(files.open_file, outsider, AT, file_id)


async def test_everything_leaves_a_line_and_nothing_is_in_clear(desk: Desk) -> None:
    person = desk.somebody()
    file_id = await desk.file_of(person)
    await desk.ask(file_id)
    await desk.see(file_id)
    await desk.run(receiving.receive, desk.me, AT, file_id, Choices(informed=True))
    await desk.run(
        anomalies.open_anomaly, desk.me, AT, file_id,
        kind=AnomalyKind.OTHER, detail=f"Voir {person.birth_name}",
    )  # fmt: skip
    async with desk.sessions.begin() as db:
        lines = await db.execute(
            text("SELECT action, reason FROM trace WHERE lane = :file ORDER BY number"),
            {"file": file_id},
        )
        assert [tuple(line) for line in lines] == [
            ("file:create", ""),
            ("identity:ask-insi", ""),
            ("identity:ask-insi", "00"),
            ("identity:ask-insi", "retrieved"),
            ("identity:check", "document"),
            ("file:receive", ""),
            ("anomaly:open", ""),
        ]
        for table in ("patient_file", "identity_check", "desk_visit", "identity_anomaly", "trace"):
            rows = await db.execute(
                text(f"SELECT encode({table}::text::bytea, 'escape') FROM {table}")
            )
            kept = "".join(row[0] for row in rows)
            for secret in (person.birth_name, person.matricule, person.matricule[:13]):
                assert secret not in kept
    async with desk.sessions.begin() as db:
        held = await db.scalar(patient_files(desk.me).where(PatientFile.id == file_id))
        assert held
        assert person.birth_name.encode() not in held.sealed_traits
