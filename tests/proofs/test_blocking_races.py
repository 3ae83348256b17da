"""What a person decides about professionals holds from its commit, whoever is reading meanwhile.

Professionals read without a pause by two doors; Laura blocks, masks, or forbids emergencies by the
page. No reading that began after the commit is served what was closed. The control remembers what
it found: it serves too late.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.demo.people import LAURA, MARTIN
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.emergency import Purpose
from backend.domain.errors import NotFound
from backend.services import blocking, consultation, emergency, masking
from backend.storage.db import utcnow
from tests.fixtures.database import Databases
from tests.laboratory import Laboratory
from tests.patient.professionals import office
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crowds import PATIENCE, Doors, open_doors

Patch = pytest.MonkeyPatch
REPORT = "laura-premier-bilan-v1"
READERS = 4
PROS = "/acces/professionnels"


@dataclass(frozen=True)
class Way:
    """One thing that she decides: the form, what it changes, and how it is undone."""

    path: str
    form: dict[str, str]
    service: Any
    name: str
    undo: str
    urgent: bool = False
    """The professional came in by an emergency."""


WAYS = {
    "blocked": Way(
        f"{PROS}/bloquer", {"professionnel": "{pro}"}, blocking, "block",
        "UPDATE care_link SET blocked = false",
    ),
    "masked": Way(
        "/documents/{document}/visibilite", {"choix": "masquer"}, masking, "mask", "",
    ),
    "everything masked": Way(
        "/compte/visibilite", {"choix": "masquer"}, masking, "mask_all",
        "UPDATE record SET mask_all = false",
    ),
    "its category masked": Way(
        "/compte/visibilite/categories", {"categorie": "biologie"}, masking, "mask_categories",
        "UPDATE record SET masked_categories = '{}'",
    ),
    "emergencies forbidden": Way(
        "/acces/urgence", {"samu": "oui"}, emergency, "set_switches",
        "UPDATE record SET emergency_allowed = true", urgent=True,
    ),
}  # fmt: skip


@dataclass
class Reading:
    """One professional at many screens, and what was served too late."""

    doors: Doors
    pro: Professional
    record: UUID
    document: UUID
    gone_at: float = float("inf")
    """The instant after the commit."""
    before: int = 0
    after: int = 0
    late: list[str] = field(default_factory=list)

    async def read(self, door: int, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for what in (self._lists, self._opens):
                started = perf_counter()
                served = await what(door)
                if started > self.gone_at:
                    self.after += 1
                    self.late += [what.__name__] if served else []
                else:
                    self.before += served

    async def _lists(self, door: int) -> bool:
        async with self.doors.apps[door].state.sessions.begin() as db:
            at = Moment.at(utcnow())
            lines = await consultation.list_documents(db, self.pro, at, self.record) or []
        return self.document in {line.id for line in lines}

    async def _opens(self, door: int) -> bool:
        async with self.doors.apps[door].state.sessions.begin() as db:
            at = Moment.at(utcnow())
            try:
                opened = await consultation.open_report(
                    db, self.pro, at, self.record, self.document
                )
            except NotFound:
                return False
        return opened is not None


@pytest.fixture(scope="module")
async def doors(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    url = databases.copy(world_template)
    async with open_doors(url, tmp_path_factory.mktemp("blocking")) as doors:
        yield doors
    databases.drop(url)


async def decide(doors: Doors, sent: DemoDeposit, way: Way) -> Reading:
    """She decides while they read; then they go on reading for a while."""
    laboratory = Laboratory(doors.clients[0], sent.laboratory.client_id)
    if not await doors.ask("SELECT count(*) FROM document"):
        assert "MSA|AA" in await laboratory.send(write_message(sent))
    there = await office(doors.apps[0], MARTIN.person)
    async with doors.state.engine.begin() as connection:  # what was agreed before, forgotten
        await connection.execute(text("DELETE FROM care_link"))
    assert await (there.declares(Purpose.ANY) if way.urgent else there.is_let_in())
    record = await there.record_id()
    document = await doors.ask("SELECT id FROM document WHERE NOT masked")
    cookies, reading = await doors.signed_in(LAURA), Reading(doors, there.pro, record, document)
    stop = asyncio.Event()
    readers = [asyncio.create_task(reading.read(n % 2, stop)) for n in range(READERS)]
    await until(lambda: reading.before >= READERS)
    form = {name: value.format(pro=there.pro.id) for name, value in way.form.items()}
    path = way.path.format(document=document)
    with pytest.MonkeyPatch.context() as patch, noting(patch, way, reading):
        (answer,) = await doors.at_once([doors.form(path, cookies, profil=str(record), **form)])
    assert answer.status_code == 303, answer.text
    assert reading.gone_at < float("inf")
    await until(lambda: reading.after >= 3 * READERS)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*readers), PATIENCE)
    return reading


class noting:  # noqa: N801 - read as a verb
    """Writes down the instant at which the commit of the decision has returned."""

    def __init__(self, patch: Patch, way: Way, reading: Reading) -> None:
        self.reading, decided = reading, getattr(way.service, way.name)

        async def marking(db: Any, *args: Any, **more: Any) -> Any:
            db.info["decided"] = True
            return await decided(db, *args, **more)

        patch.setattr(way.service, way.name, marking)

    def __enter__(self) -> None:
        event.listen(Session, "after_commit", self._note)

    def __exit__(self, *_: object) -> None:
        event.remove(Session, "after_commit", self._note)

    def _note(self, session: Session) -> None:
        if session.info.pop("decided", False):
            self.reading.gone_at = perf_counter()


async def until(true: Callable[[], bool]) -> None:
    for _ in range(PATIENCE * 100):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def undo(doors: Doors, way: Way) -> None:
    if not way.undo:
        await show_again(doors)
        return
    async with doors.state.engine.begin() as connection:
        await connection.execute(text(way.undo))


async def show_again(doors: Doors) -> None:
    """By the page: the flags of a document are sealed."""
    document = await doors.ask("SELECT id FROM document WHERE masked")
    record = await doors.ask("SELECT record_id FROM document WHERE masked")
    cookies = await doors.signed_in(LAURA)
    form = doors.form(
        f"/documents/{document}/visibilite", cookies, profil=str(record), choix="montrer"
    )
    (answer,) = await doors.at_once([form])
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("name", WAYS)
async def test_after_the_commit_no_professional_is_served_what_was_closed(
    doors: Doors, reports: dict[str, DemoDeposit], scale: Scale, figure: Figure, name: str
) -> None:
    after = 0
    for _ in range(scale.of(1, 20)):
        reading = await decide(doors, reports[REPORT], WAYS[name])
        assert reading.late == []
        after += reading.after
        await undo(doors, WAYS[name])
    figure(f"readings by a professional that began after it was {name}; served", f"{after}; 0")


@pytest.mark.parametrize("name", ["blocked", "everything masked"])
async def test_a_service_that_remembers_what_it_found_serves_it_too_late(
    doors: Doors, reports: dict[str, DemoDeposit], monkeypatch: Patch, name: str
) -> None:
    found = dict[UUID, Any]()
    opening = consultation.open_report

    async def remembering(db: Any, pro: Any, at: Any, record: UUID, document: UUID) -> Any:
        if document not in found:
            found[document] = await opening(db, pro, at, record, document)
        return found[document]

    monkeypatch.setattr(consultation, "open_report", remembering)
    assert (await decide(doors, reports[REPORT], WAYS[name])).late
    await undo(doors, WAYS[name])
