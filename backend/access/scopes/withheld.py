"""What is withheld from its patient, as the calendar meets it: never what anybody reads."""

from datetime import date

from sqlalchemy import Date, Select, and_, cast, exists, func, or_, select

from backend.access.scopes.professionals import LIVE
from backend.domain.calendar import PARIS
from backend.domain.notices import Event
from backend.storage.documents import Document, DocumentStatus, Notice
from backend.storage.records import Record

WITHHELD = and_(
    Document.withheld, Document.status == DocumentStatus.CURRENT, Record.state.in_(LIVE)
)


def documents_to_show(withheld_by: date) -> Select[Document]:
    """Those withheld since this day or before, held until the commit."""
    return (
        select(Document)
        .join(Record, Record.id == Document.record_id)
        .where(WITHHELD, Document.withheld_on <= withheld_by)
        .order_by(Document.id)
        .with_for_update(of=Document)
    )


def records_to_tell(withheld_by: date, today: date) -> Select[Record]:
    """Records where one was withheld by this day and nobody was told of anything since.

    One mention speaks of all that came before it. Nobody may be told of what is hidden from the
    representatives of a minor.
    """
    told = exists().where(
        Notice.record_id == Document.record_id,
        Notice.kind == Event.UPDATED.value,
        cast(func.timezone(PARIS.key, Notice.at), Date) > Document.withheld_on,
    )
    somebody = or_(
        ~Document.hidden_from_guardians, Record.minor_until.is_(None), Record.minor_until <= today
    )
    silent = select(Document).where(
        Document.record_id == Record.id,
        WITHHELD,
        Document.withheld_on <= withheld_by,
        somebody,
        ~told,
    )
    return select(Record).where(silent.correlate(Record).exists()).order_by(Record.id)
