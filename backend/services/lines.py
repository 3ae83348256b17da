"""What a list says of a document, and the head of its page."""

from msgspec import Struct

from backend.domain.documents import DocumentLine, Summary, kind_of
from backend.storage.documents import Document, Version
from backend.storage.vault import RecordKey


class Shown(Struct, frozen=True):
    """What a line says of a document's current version."""

    summary: Summary
    partial: bool
    corrected: bool
    unread: bool = False


def shown_of(key: RecordKey, version: Version) -> Shown:
    """From the row: its summary is opened."""
    summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
    corrected = version.corrects_received_at is not None
    return Shown(summary, partial=version.partial, corrected=corrected)


def line_of(document: Document, shown: Shown) -> DocumentLine:
    """Both together, for a screen."""
    summary = shown.summary
    return DocumentLine(
        id=document.id,
        kind=kind_of(document.type_code),
        title=summary.title,
        laboratory=summary.laboratory,
        on=summary.on,
        deposited_at=document.deposited_at,
        own=document.structure_id is None,
        prescriber=summary.prescriber,
        unread=shown.unread,
        masked=document.masked,
        withheld=document.withheld,
        partial=shown.partial,
        corrected=shown.corrected,
        critical=summary.critical,
        count=summary.count,
    )
