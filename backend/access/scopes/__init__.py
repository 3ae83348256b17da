"""What each actor can see, as SQL. Every read starts here, so a list and a row cannot disagree.

The conditions follow the decision table of the access policy, rule by rule (D0 to P10); what no
rule allows is not there. Everything about a document (versions, results, files, notices) is
derived from the one answer about the document, and names the record on both sides: a query about
one record then touches no other.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from backend.access.actors import Actor, Guest, Patient, Professional
from backend.access.scopes import guests, people, professionals
from backend.access.scopes.machines import (
    deposited_by,
    misfilings_of,
    page_facts,
    records_by_ins,
    version_for_work,
    versions_to_read,
)
from backend.access.scopes.moments import Moment, Policy
from backend.access.scopes.newcomers import (
    identity_to_forget,
    links_to_forget,
    record_of,
    space_and_identity,
    spaces_by_ins,
    spaces_to_erase,
    spaces_to_open,
    spaces_without_code,
    whole_space,
)
from backend.domain.notices import Event
from backend.storage.documents import (
    Document,
    DocumentStatus,
    Notice,
    StoredFile,
    StoredResult,
    Version,
    VisibilityChange,
)
from backend.storage.medical_profile import ProfileSection
from backend.storage.pins import Pin
from backend.storage.records import Record

__all__ = [
    "Moment",
    "Policy",
    "changes_for",
    "deposited_by",
    "documents_for",
    "files_for",
    "history_for",
    "identity_to_forget",
    "kept_record",
    "links_to_forget",
    "misfilings_of",
    "notices_for",
    "page_facts",
    "pins_for",
    "profile_for",
    "put_away_for",
    "record_of",
    "records_by_ins",
    "records_for",
    "results_for",
    "space_and_identity",
    "spaces_by_ins",
    "spaces_to_erase",
    "spaces_to_open",
    "spaces_without_code",
    "tombstones_for",
    "version_for_work",
    "versions_for",
    "versions_to_read",
    "whole_space",
]


def documents_for(actor: Actor, at: Moment) -> Select[Document]:
    """Documents this actor may know exist (D3: unless they were withdrawn).

    One that its patient says is not theirs is for its author alone (D4).
    """
    return _known(actor, at).where(_stands(actor))


def tombstones_for(actor: Actor, at: Moment) -> Select[Document]:
    """Withdrawn documents that this actor could have seen."""
    return put_away_for(actor, at).where(Document.status == DocumentStatus.WITHDRAWN)


def put_away_for(actor: Actor, at: Moment) -> Select[Document]:
    """Documents that left the screen of who knew them: withdrawn, or said not theirs.

    To its patient, one that was withheld when it left stays unknown: a month later too.
    """
    left = _known(actor, at).where(Document.status != DocumentStatus.CURRENT)
    return left.where(~Document.withheld) if isinstance(actor, Patient | Guest) else left


def versions_for(actor: Actor, at: Moment) -> Select[Version]:
    """The current version of each visible document; its author sees the earlier ones too."""
    of = documents_for(actor, at).where(
        Document.id == Version.document_id,
        Document.record_id == Version.record_id,
        or_(Document.version_id == Version.id, _wrote(actor)),
    )
    return select(Version).where(of.correlate(Version).exists())


def history_for(actor: Actor, at: Moment) -> Select[datetime, bool, datetime | None]:
    """Of every version of a known document: when it came, whether partial, which one it corrects.

    Nothing of what it said: a version that is replaced is for its author alone (D3).
    """
    of = _known(actor, at).where(
        Document.id == Version.document_id, Document.record_id == Version.record_id
    )
    return select(Version.received_at, Version.partial, Version.corrects_received_at).where(
        of.correlate(Version).exists()
    )


def results_for(actor: Actor, at: Moment) -> Select[StoredResult]:
    """Results of the current version of each visible document.

    `OFFSET 0` keeps the question to each result: as a join, the planner would read every result of
    the record to answer about one analysis, and do it again for the next one.
    """
    of = documents_for(actor, at).where(
        Document.id == StoredResult.document_id,
        Document.version_id == StoredResult.version_id,
        Document.record_id == StoredResult.record_id,
    )
    return select(StoredResult).where(of.correlate(StoredResult).offset(0).exists())


def files_for(actor: Actor, at: Moment) -> Select[StoredFile]:
    """Files of each visible version."""
    of = versions_for(actor, at).where(
        Version.id == StoredFile.version_id, Version.record_id == StoredFile.record_id
    )
    return select(StoredFile).where(of.correlate(StoredFile).exists())


def notices_for(actor: Actor, at: Moment) -> Select[Notice]:
    """Notices about visible documents; about a withdrawn one, only that it was withdrawn.

    Those about no document are for the holder and the representatives.
    """
    gone = and_(Document.status == DocumentStatus.WITHDRAWN, Notice.kind == Event.WITHDRAWN.value)
    about = _known(actor, at).where(
        Document.id == Notice.document_id,
        Document.record_id == Notice.record_id,
        or_(_stands(actor), gone),
    )
    seen = about.correlate(Notice).exists()
    if isinstance(actor, Patient):
        kept = kept_record(actor, at).with_only_columns(Record.id)
        whole = and_(Notice.document_id.is_(None), Notice.record_id.in_(kept))
        return select(Notice).where(Notice.record_id == actor.record_id, or_(seen, whole))
    return select(Notice).where(seen)


def kept_record(person: Patient, at: Moment) -> Select[Record]:
    """The record on the screen, for its holder and its representatives: not for aidants."""
    return select(Record).where(Record.id == person.record_id, people.keeps_record(person, at))


def changes_for(actor: Actor, at: Moment) -> Select[VisibilityChange]:
    """The history of the flags of each visible document."""
    of = documents_for(actor, at).where(
        Document.id == VisibilityChange.document_id,
        Document.record_id == VisibilityChange.record_id,
    )
    return select(VisibilityChange).where(of.correlate(VisibilityChange).exists())


def pins_for(person: Patient) -> Select[Pin]:
    """What this account keeps on the home page of the record on the screen.

    A pin names an analysis; whether any result of it may be seen is for `results_for`.
    """
    return select(Pin).where(Pin.account_id == person.id, Pin.record_id == person.record_id)


def profile_for(person: Patient, at: Moment) -> Select[ProfileSection]:
    """What was told of the record on the screen, for who may know that record."""
    known = select(Record.id).where(people.knows_record(person, at))
    return select(ProfileSection).where(
        ProfileSection.record_id == person.record_id, ProfileSection.record_id.in_(known)
    )


def records_for(actor: Actor, at: Moment) -> Select[Record]:
    """Records this actor may know exist: one’s own, one’s children’s, one’s patients’."""
    match actor:
        case Patient():
            return select(Record).where(people.knows_record(actor, at))
        case Guest():
            return select(Record).where(guests.knows_record(actor, at))
        case Professional(structure_id=UUID()):
            holding = documents_for(actor, at).with_only_columns(Document.record_id)
            author_of = Record.id.in_(holding.correlate(None))
            return select(Record).where(or_(author_of, professionals.knows_record(actor, at)))
        case _:
            return select(Record).where(false())


@lru_cache(1024)
def _known(actor: Actor, at: Moment) -> Select[Document]:
    """D0, P1: nobody signed in, support, machines, robots, professionals without an activity.

    Built once for the several questions of a request.
    """
    match actor:
        case Patient():
            return select(Document).where(people.knows_document(actor, at))
        case Guest():
            return select(Document).where(guests.knows_document(actor, at))
        case Professional(structure_id=UUID()):
            return select(Document).where(professionals.knows_document(actor, at))
        case _:
            return select(Document).where(false())


def _stands(actor: Actor) -> ColumnElement[bool]:
    """D3, D4: neither withdrawn, nor said to be about somebody else, but for its author."""
    of_its_author = and_(Document.status == DocumentStatus.QUARANTINED, _wrote(actor))
    return or_(Document.status == DocumentStatus.CURRENT, of_its_author)


def _wrote(actor: Actor) -> ColumnElement[bool]:
    return professionals.wrote(actor) if isinstance(actor, Professional) else false()
