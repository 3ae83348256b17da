"""The folders of the record on the screen, for its holder and its representatives alone."""

from uuid import UUID

from sqlalchemy import Select, select

from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, kept_record
from backend.storage.documents import Document
from backend.storage.folders import Folder, Placement
from backend.storage.records import Record


def folders_for(person: Patient, at: Moment) -> Select[Folder]:
    """Not for aidants, who did not make them, nor for anybody who is not a person."""
    kept = kept_record(person, at).with_only_columns(Record.id)
    return select(Folder).where(Folder.record_id == person.record_id, Folder.record_id.in_(kept))


def placements_for(person: Patient, at: Moment) -> Select[Placement]:
    """Which documents are in which folder: only those that may be seen.

    One that was put away and is hidden since is neither listed nor counted.
    """
    of = documents_for(person, at).where(
        Document.id == Placement.document_id, Document.record_id == Placement.record_id
    )
    folders = folders_for(person, at).with_only_columns(Folder.id)
    return select(Placement).where(
        Placement.record_id == person.record_id,
        Placement.folder_id.in_(folders),
        of.correlate(Placement).exists(),
    )


def documents_in(person: Patient, at: Moment, folder_id: UUID) -> Select[UUID]:
    """What is in a folder, hidden or not: to narrow a question about documents in sight."""
    folder = folders_for(person, at).where(Folder.id == folder_id).with_only_columns(Folder.id)
    return select(Placement.document_id).where(Placement.folder_id.in_(folder))


def contents_of(folder: Folder) -> Select[Placement]:
    """All that is in it, hidden or not: for who takes the folder away."""
    return select(Placement).where(
        Placement.folder_id == folder.id, Placement.record_id == folder.record_id
    )


def places_of(document_id: UUID) -> Select[Placement]:
    """Where a document is, for who takes the document away."""
    return select(Placement).where(Placement.document_id == document_id)
