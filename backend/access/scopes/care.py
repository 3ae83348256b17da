"""Who may look into a record and who did: for its person, and for the professional at its door."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Select, false, func, or_, select

from backend.access.actions import Action
from backend.access.actors import Patient, Professional, Robot, Supposed
from backend.access.scopes import Moment, documents_for, records_for
from backend.access.scopes.professionals import LIVE
from backend.storage.care import (
    AccessReport,
    CareLink,
    Consultation,
    EmergencyAccess,
    ReportState,
)
from backend.storage.db import Base
from backend.storage.documents import Document
from backend.storage.records import Identity, IdentityStatus, Record
from backend.storage.structures import Practice, Structure
from backend.storage.structures import Professional as Practitioner
from backend.storage.traces import Trace


def links_for(person: Patient, at: Moment) -> Select[CareLink]:
    """What was decided about professionals in the record on the screen."""
    return select(CareLink).where(*_on_screen(CareLink, person, at))


def consultations_for(person: Patient, at: Moment) -> Select[Consultation]:
    """Which professionals came into the record on the screen, and from where."""
    return select(Consultation).where(*_on_screen(Consultation, person, at))


def emergencies_for(person: Patient, at: Moment) -> Select[EmergencyAccess]:
    """The emergencies declared in the record on the screen."""
    return select(EmergencyAccess).where(*_on_screen(EmergencyAccess, person, at))


def reports_for(person: Patient, at: Moment) -> Select[AccessReport]:
    """What was reported about the record on the screen."""
    return select(AccessReport).where(*_on_screen(AccessReport, person, at))


def reports_that_wait(robot: Robot) -> Select[AccessReport]:
    """Of every record, for whoever runs the service."""
    waits = AccessReport.state == ReportState.SENT
    return select(AccessReport).where(waits if robot.name == "operator" else false())


def depositors_of(person: Patient, at: Moment) -> Select[Structure]:
    """Who deposited what the person may know of, and goes on seeing it (P3)."""
    seen = documents_for(person, at).with_only_columns(Document.structure_id)
    return select(Structure).where(Structure.id.in_(seen)).order_by(Structure.name, Structure.id)


def _on_screen(kind: type[Base], person: Patient, at: Moment) -> tuple[ColumnElement[bool], ...]:
    record_id = kind.record_id  # type: ignore[attr-defined]
    known = records_for(person, at).with_only_columns(Record.id)
    return record_id == person.record_id, record_id.in_(known)


def patients_by_ins(pro: Professional, index: bytes) -> Select[Record]:
    """The live record of a qualified INS that a professional brings: its door, nothing of it."""
    return (
        at_the_door(pro)
        .join(Identity, Identity.record_id == Record.id)
        .where(Identity.ins_index == index, Identity.status == IdentityStatus.QUAL)
    )


def at_the_door(pro: Professional) -> Select[Record]:
    """Live records, for a professional with an activity who records why they may come in."""
    outside = isinstance(pro, Supposed) or pro.structure_id is None
    return select(Record).where(false() if outside else Record.state.in_(LIVE))


def link_of(pro: Professional, record_id: UUID) -> Select[CareLink]:
    """What this record’s person decided about this professional."""
    return select(CareLink).where(
        CareLink.record_id == record_id, CareLink.professional_id == pro.id
    )


def person_at_the_door(pro: Professional, record_id: UUID) -> Select[Record, Identity]:
    """Whose live record it is: the name that is read before it is opened."""
    return (
        at_the_door(pro)
        .where(Record.id == record_id)
        .join(Identity, Identity.record_id == Record.id)
        .add_columns(Identity)
    )


def opened_since(pro: Professional, since: datetime, *, but: UUID) -> Select[int]:
    """How many different records this professional came into, without this one."""
    return select(func.count(Consultation.record_id.distinct())).where(
        Consultation.professional_id == pro.id,
        Consultation.began_at > since,
        Consultation.record_id != but,
    )


def last_opening(pro: Professional, document_id: UUID, record_id: UUID) -> Select[datetime | None]:
    """When the journal of the record last says that this professional opened the document."""
    return select(func.max(Trace.at)).where(
        Trace.lane == record_id,
        Trace.actor_id == pro.id,
        Trace.action == Action.OPEN_DOCUMENT,
        Trace.thing_id == document_id,
        Trace.allowed,
    )


def visits_of(pro: Professional, record_id: UUID) -> Select[Consultation]:
    """When this professional came into this record, the latest first."""
    return (
        select(Consultation)
        .where(Consultation.record_id == record_id, Consultation.professional_id == pro.id)
        .order_by(Consultation.began_at.desc())
    )


def practitioners(ids: Collection[UUID]) -> Select[Practitioner]:
    """Of the directory, which is public."""
    return select(Practitioner).where(Practitioner.id.in_(ids))


def practices(ids: Collection[UUID]) -> Select[UUID, Structure]:
    """Where these professionals work, as the directory says."""
    return (
        select(Practice.professional_id, Structure)
        .join(Structure, Structure.id == Practice.structure_id)
        .where(Practice.professional_id.in_(ids))
        .order_by(Structure.name, Structure.id)
    )


def places(ids: Collection[UUID]) -> Select[Structure]:
    """Structures, which are public."""
    return select(Structure).where(Structure.id.in_(ids))


def directory(words: Collection[str], number: str) -> Select[Practitioner]:
    """Professionals whose names begin with each of the words, or who have this RPPS."""
    names = [_folded(column) for column in (Practitioner.family, Practitioner.given)]
    query = select(Practitioner).where(Practitioner.profession != "")
    if number:
        query = query.where(Practitioner.national_id.in_((number, f"8{number}")))
    for word in words:
        query = query.where(
            or_(*(name.startswith(word, autoescape=True) for name in names))
            | or_(*(name.contains(f" {word}", autoescape=True) for name in names))
        )
    return query.order_by(Practitioner.family, Practitioner.given, Practitioner.id)


ACCENTS = "àâäçéèêëîïôöùûüÿ-’'", "aaaceeeeiioouuuy   "


def _folded(column: ColumnExpressionArgument[str]) -> ColumnElement[str]:
    return func.translate(func.lower(column), *ACCENTS)
