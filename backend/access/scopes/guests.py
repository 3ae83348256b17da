"""What is shown to somebody outside: chosen documents, while the code and the visit last."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, select

from backend.access.actors import Guest, Patient
from backend.access.scopes import people
from backend.access.scopes.moments import Moment
from backend.storage.documents import Document
from backend.storage.records import Record
from backend.storage.showings import Showing, Visit


def knows_document(guest: Guest, at: Moment) -> ColumnElement[bool]:
    """V1: it was chosen, the showing runs, and whoever shows may see it at this very moment.

    Masked or not: who shows it has decided so. A parent shows nothing that is hidden from parents.
    """
    running = _running(guest, at).where(
        Showing.record_id == Document.record_id, Document.id == any_(Showing.document_ids)
    )
    eyes = Patient(guest.account_id, guest.record_id, guest.record_id, guest.id)
    return and_(people.knows_document(eyes, at), running.correlate(Document).exists())


def knows_record(guest: Guest, at: Moment) -> ColumnElement[bool]:
    """V2: whose documents they are, while the showing runs."""
    eyes = Patient(guest.account_id, guest.record_id, guest.record_id, guest.id)
    running = _running(guest, at).where(Showing.record_id == Record.id)
    return and_(people.knows_record(eyes, at), running.correlate(Record).exists())


def visit_by(token_hash: bytes, at: Moment) -> Select[UUID, UUID, UUID, UUID]:
    """(Visit, showing, record, account) of a browser that came in, while both last."""
    return (
        select(Visit.id, Visit.showing_id, Visit.record_id, Showing.account_id)
        .join(Showing, Showing.id == Visit.showing_id)
        .where(Visit.token_hash == token_hash, Visit.ends_at > at.now, *_open(at))
    )


def showing_by(code_index: bytes, at: Moment) -> Select[Showing, Record]:
    """What this code opens now, and in whose record; held: taking it back waits, or comes first."""
    return (
        select(Showing, Record)
        .join(Record, Record.id == Showing.record_id)
        .where(Showing.code_index == code_index, *_open(at))
        .with_for_update(of=Showing, read=True)
    )


def showings_of(person: Patient, at: Moment) -> Select[Showing]:
    """What is shown of the record on the screen, by whoever; and what was, the latest first."""
    known = select(Record.id).where(people.knows_record(person, at))
    return (
        select(Showing)
        .where(Showing.record_id == person.record_id, Showing.record_id.in_(known))
        .order_by(Showing.created_at.desc(), Showing.id)
    )


def visits_of(person: Patient, at: Moment) -> Select[Visit]:
    """Who came, and when."""
    shown = showings_of(person, at).order_by(None).with_only_columns(Showing.id)
    return select(Visit).where(Visit.showing_id.in_(shown)).order_by(Visit.at.desc())


def _running(guest: Guest, at: Moment) -> Select[Showing]:
    return (
        select(Showing)
        .join(Visit, Visit.showing_id == Showing.id)
        .where(
            Showing.id == guest.showing_id,
            Showing.account_id == guest.account_id,
            Visit.id == guest.id,
            Visit.ends_at > at.now,
            *_open(at),
        )
    )


def _open(at: Moment) -> tuple[ColumnElement[bool], ...]:
    return (Showing.revoked_at.is_(None), Showing.until > at.now, Showing.created_at <= at.now)
