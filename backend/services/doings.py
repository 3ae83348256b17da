"""What the lines of the journal are about: which document, from where, in which emergency."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from backend.access import Action
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for
from backend.access.scopes.care import (
    consultations_for,
    emergencies_for,
    places,
    reports_for,
)
from backend.domain.documents import DocumentLine
from backend.domain.emergency import Purpose
from backend.services.lines import line_of, shown_of
from backend.services.professionals import place_of
from backend.storage.care import AccessReport, Consultation, EmergencyAccess
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, Version
from backend.storage.records import Record, key_of
from backend.storage.traces import Trace

PURPOSES = frozenset(Purpose)


class Doings(Struct, frozen=True):
    """What a page of the journal needs, fetched together."""

    documents: dict[UUID, DocumentLine]
    visits: Sequence[Consultation]
    """The latest first."""
    emergencies: dict[UUID, tuple[EmergencyAccess, str]]
    """With the reason that was written."""
    places: dict[UUID, str]
    reports: dict[UUID, str]

    def document(self, trace: Trace) -> DocumentLine | None:
        """The one that was opened, if the reader may know it."""
        return self.documents.get(trace.thing_id) if trace.thing_id else None

    def place(self, trace: Trace) -> str:
        """Where a professional was."""
        if found := self.emergencies.get(trace.thing_id or trace.id):
            return self.places.get(found[0].structure_id or trace.id, "")
        for visit in self.visits:
            if visit.professional_id == trace.actor_id and visit.began_at <= trace.at:
                return self.places.get(visit.structure_id, "")
        return ""

    def urgent(self, trace: Trace) -> bool:
        """Done in an emergency, or tried."""
        return trace.reason in PURPOSES or trace.action == Action.DECLARE_EMERGENCY

    def reason(self, trace: Trace) -> str:
        """What the professional wrote."""
        found = self.emergencies.get(trace.thing_id) if trace.thing_id else None
        return found[1] if found else ""

    def report(self, trace: Trace) -> str:
        """The number of the report about this line."""
        return self.reports.get(trace.id, "")


async def doings_of(
    db: AsyncSession, actor: Patient, at: Moment, traces: Sequence[Trace]
) -> Doings:
    """For these lines of the record on the screen."""
    things = {trace.thing_id for trace in traces if trace.thing_id}
    visits = (
        await db.scalars(consultations_for(actor, at).order_by(Consultation.began_at.desc()))
    ).all()
    emergencies = await _emergencies(db, actor, at, things)
    structures = {visit.structure_id for visit in visits}
    structures |= {one.structure_id for one, _ in emergencies.values() if one.structure_id}
    told = reports_for(actor, at).where(AccessReport.trace_id.in_([one.id for one in traces]))
    return Doings(
        await _documents(db, actor, at, things),
        visits,
        emergencies,
        {one.id: place_of(one) for one in await db.scalars(places(structures))},
        {one.trace_id: one.number for one in await db.scalars(told)},
    )


async def _documents(
    db: AsyncSession, actor: Patient, at: Moment, ids: set[UUID]
) -> dict[UUID, DocumentLine]:
    query = (
        documents_for(actor, at)
        .where(Document.id.in_(ids))
        .join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
    )
    return {
        document.id: line_of(document, shown_of(key_of(db, record), version))
        for document, version, record in await db.execute(query)
    }


async def _emergencies(
    db: AsyncSession, actor: Patient, at: Moment, ids: set[UUID]
) -> dict[UUID, tuple[EmergencyAccess, str]]:
    query = (
        emergencies_for(actor, at)
        .where(EmergencyAccess.id.in_(ids))
        .join(Record, Record.id == EmergencyAccess.record_id)
        .add_columns(Record)
    )
    return {
        one.id: (one, key_of(db, record).open_value(str, one.sealed_reason, one.id, "reason"))
        for one, record in await db.execute(query)
    }
