"""What a professional with one current activity sees: rules P2 to P10.

P9 follows the three switches of the patient: `Purpose.SAMU`, `Purpose.ANY`, and what is masked,
which only the third opens.
"""

from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    and_,
    any_,
    case,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.access.actors import Professional, Supposed
from backend.access.scopes.moments import Moment
from backend.domain.categories import Category, document_types
from backend.domain.emergency import Purpose
from backend.domain.habilitation import is_physician, readable_types
from backend.storage.care import CareLink, EmergencyAccess
from backend.storage.documents import Document
from backend.storage.records import Record, RecordState

LIVE = (RecordState.OPEN, RecordState.ACTIVE)
"""D2: the states in which a record may be read by professionals and receive deposits."""

RecordId = InstrumentedAttribute[UUID]
"""`Document.record_id` or `Record.id`: the same rules ask about both."""


def knows_document(pro: Professional, at: Moment) -> ColumnElement[bool]:
    """D2, then P2 to P10."""
    free = ~_link(pro, Document.record_id, CareLink.blocked)  # P2
    author = wrote(pro)  # P3
    called = _is_called(pro, at)
    allowed = (
        or_(author, and_(free, called))
        if at.policy.blocked_author_reads
        else and_(free, or_(author, called))
    )
    return and_(of_its_record(Record.state.in_(LIVE)), allowed)


def knows_record(pro: Professional, at: Moment) -> ColumnElement[bool]:
    """Neither blocked nor refused, and followed or called in emergency."""
    refused = _link(pro, Record.id, or_(CareLink.blocked, CareLink.objected))
    reason = or_(_follows(pro, at, Record.id), _emergency(pro, at, Record.id))
    return and_(Record.state.in_(LIVE), ~refused, reason)


def wrote(pro: Professional) -> ColumnElement[bool]:
    """P3: the author in person, or the structure whose machine deposited."""
    return or_(Document.author_id == pro.id, Document.structure_id == pro.structure_id)


def of_its_record(fact: ColumnElement[bool]) -> ColumnElement[bool]:
    """`fact` holds of the document’s record."""
    record = select(Record).where(Record.id == Document.record_id, fact)
    return record.correlate(Document).exists()


def _is_called(pro: Professional, at: Moment) -> ColumnElement[bool]:
    """P4 to P10, for those who did not write it."""
    record = Document.record_id
    bare = is_bare()
    uncovered = (
        or_(bare, _link(pro, record, CareLink.treating))
        if at.policy.masked_visible_to_treating_physician
        else bare
    )
    return and_(
        Document.type_code.in_(readable_types(pro.profession)),  # P4
        ~_link(pro, record, CareLink.objected),  # P6
        or_(
            and_(uncovered, _follows(pro, at, record)),  # P5
            and_(bare, _emergency(pro, at, record)),
            _emergency(pro, at, record, masked=True),
        ),
    )


def is_bare() -> ColumnElement[bool]:
    """P5: masked neither alone, nor with its category, nor with everything."""
    category = case(
        {one.code: one.category.value for one in document_types()},
        value=Document.type_code,
        else_=Category.OTHER.value,
    )
    covered = or_(Record.mask_all, category == any_(Record.masked_categories))
    return and_(~Document.masked, of_its_record(~covered))


def _follows(pro: Professional, at: Moment, record: RecordId) -> ColumnElement[bool]:
    """P7: in the care team, the patient informed. P8: outside it, explicit consent."""
    if isinstance(pro, Supposed):
        return record == pro.record_id
    return _link(pro, record, follows(at))


def follows(at: Moment) -> ColumnElement[bool]:
    """P7, P8, of a link."""
    team = and_(CareLink.in_team, CareLink.informed)
    consent = and_(~CareLink.in_team, CareLink.consent_until >= at.today)
    return or_(team, consent)


def _emergency(
    pro: Professional, at: Moment, record: RecordId, *, masked: bool = False
) -> ColumnElement[bool]:
    """P9: declared, running, and not forbidden by the patient.

    With `masked`, one in which the patient lets what is masked be read too.
    """
    running = declared(pro, at, masked=masked).where(EmergencyAccess.record_id == record)
    return running.correlate(record.class_).exists()


def declared(pro: Professional, at: Moment, *, masked: bool = False) -> Select[EmergencyAccess]:
    """The emergencies that this professional declared where they work now, not forbidden."""
    patient = aliased(Record)
    return (
        select(EmergencyAccess)
        .join(patient, patient.id == EmergencyAccess.record_id)
        .where(
            EmergencyAccess.professional_id == pro.id,
            EmergencyAccess.structure_id == pro.structure_id,
            EmergencyAccess.declared_at <= at.now,
            EmergencyAccess.until > at.now,
            or_(
                and_(EmergencyAccess.purpose == Purpose.ANY, patient.emergency_allowed),
                and_(
                    EmergencyAccess.purpose == Purpose.SAMU,
                    patient.samu_allowed,
                    true() if is_physician(pro.profession) else false(),
                ),
            ),
            patient.emergency_unmasks if masked else true(),
        )
    )


def _link(
    pro: Professional, record: RecordId, fact: ColumnExpressionArgument[bool]
) -> ColumnElement[bool]:
    """The person decided `fact` about this professional."""
    link = select(CareLink).where(
        CareLink.record_id == record, CareLink.professional_id == pro.id, fact
    )
    return link.correlate(record.class_).exists()
