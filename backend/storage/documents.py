"""Tables about documents: immutable versions, structured results, visibility and its history."""

import struct
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.domain.misfilings import MisfilingState
from backend.storage.db import Base, Traced
from backend.storage.records import Record
from backend.storage.vault import Tampered, Vault

ONLY_SENT = "only-sent"
"""`Version.pages_state` of what is sent and not filed: it has neither images, nor results."""


class DocumentStatus(StrEnum):
    """A withdrawn document stays, unreadable, with its history (DMP: logical deletion)."""

    CURRENT = "current"
    QUARANTINED = "quarantined"
    """Its patient says that it is about somebody else: for its author alone, until it answers."""
    WITHDRAWN = "withdrawn"


class Document(Traced, Base):
    """One document of a record through all its versions. Titles and contents are sealed."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("record_id", "set_index"),
        Index("ix_document_record_dated", "record_id", "dated_on", "id"),
        Index("ix_document_set_index", "set_index"),
        Index("ix_document_withheld_on", "withheld_on", postgresql_where=text("withheld")),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    structure_id: Mapped[UUID | None] = mapped_column(ForeignKey("structure.id"), index=True)
    """The laboratory that deposited it: always sees it, alone may replace or withdraw it. None for
    what the patient added."""
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """The professional who answers for it."""
    set_index: Mapped[bytes]
    """Blind index of author structure + setId (or of the first unique id when there is none)."""
    type_code: Mapped[str]
    """JDV_J07 code, in clear: the matrice d’habilitation is applied in SQL."""
    status: Mapped[DocumentStatus] = mapped_column(default=DocumentStatus.CURRENT)
    deposited_at: Mapped[datetime]
    """Of the current version, or the day it became visible to its patient."""
    dated_on: Mapped[date]
    """Civil day of the sampling: lists are in this order."""
    version_id: Mapped[UUID]
    """The current version."""

    masked: Mapped[bool] = mapped_column(default=False)
    """MASQUE_PS: kept from professionals."""
    withheld: Mapped[bool] = mapped_column(default=False)
    """INVISIBLE_PATIENT: not before a consultation d’annonce."""
    withheld_on: Mapped[date | None]
    """Civil day since when: the law ends it a month later. Follows the history of the flags."""
    hidden_from_guardians: Mapped[bool] = mapped_column(default=False)
    """INVISIBLE_REPRESENTANTS_LEGAUX, or deposited in connexion secrète."""
    visibility_number: Mapped[int] = mapped_column(default=0)
    visibility_mac: Mapped[bytes]
    """Binds the three flags to this row: a flag changed behind our back is noticed."""

    record: Mapped[Record] = relationship(lazy="raise")


class Version(Traced, Base):
    """One immutable version of a document, exactly as received."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        Index(
            "ix_version_without_words",
            "id",
            postgresql_where=text("sealed_words IS NULL AND superseded_at IS NULL"),
        ),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    """versionNumber of the author; 1 when the format has none."""
    unique_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of author structure + uniqueId (CDA id)."""
    sha256: Mapped[bytes]
    """Of the bytes received."""
    pdf_fingerprint: Mapped[bytes | None] = mapped_column(index=True)
    """Of its PDF within this record: the same pages by another way are the same document."""
    size: Mapped[int]
    received_at: Mapped[datetime]
    partial: Mapped[bool] = mapped_column(default=False)
    superseded_at: Mapped[datetime | None]
    corrects_received_at: Mapped[datetime | None]
    """When the version that it corrects was received; none when that one was never visible."""
    sealed_summary: Mapped[bytes]
    """`domain.documents.Summary`: title, laboratory, dates, counts, people."""
    sealed_report: Mapped[bytes]
    """`domain.reports.Report` without its files."""
    sealed_words: Mapped[bytes | None]
    """What a search finds it by, `domain.searching`; none before the worker has read it."""
    file_key: Mapped[str]
    """Where the sealed bytes received lie in the object store."""
    pages_state: Mapped[str] = mapped_column(default="none")
    """`none` (no PDF), `waiting`, `ready` or `failed`."""
    page_count: Mapped[int] = mapped_column(default=0)


class StoredResult(Traced, Base):
    """One result of one version, for trends across reports."""

    __tablename__ = "result"
    __table_args__ = (
        Index("ix_result_record_analyte_dated", "record_id", "analyte", "dated_on", "id"),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), index=True)
    position: Mapped[int]
    analyte: Mapped[bytes]
    """Fingerprint of the analyte within this record: equal for what may share a trend."""
    dated_on: Mapped[date]
    """Civil day of the sampling, as the document has it: trends start from the latest."""
    sealed: Mapped[bytes]
    """`domain.reports.Result`."""


class StoredFile(Traced, Base):
    """A file made from a version: its PDF, a page image, a figure. Bytes in the object store."""

    __tablename__ = "stored_file"
    __table_args__ = (UniqueConstraint("version_id", "part", "number"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"))
    part: Mapped[str]
    """`pdf`, `page-small`, `page-large` or `figure`."""
    number: Mapped[int] = mapped_column(default=1)
    media_type: Mapped[str]
    file_key: Mapped[str]
    sealed_facts: Mapped[bytes]
    """`domain.documents.FileFacts`: width, height, text layer, title."""


class VisibilityChange(Traced, Base):
    """The history of the three flags: who set what, when."""

    __tablename__ = "visibility_change"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID]
    masked: Mapped[bool]
    withheld: Mapped[bool]
    hidden_from_guardians: Mapped[bool]


class Misfiling(Traced, Base):
    """« Ce document n’est pas à moi », for the identity referent of the laboratory."""

    __tablename__ = "misfiling"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"), index=True)
    version_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    state: Mapped[MisfilingState] = mapped_column(default=MisfilingState.OPEN)
    at: Mapped[datetime]
    professional_id: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """Who says so too: somebody else confirms it."""
    doubted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """None when a message of the laboratory’s system closed it."""


class Opening(Base):
    """The unread mark: which account has opened which version."""

    __tablename__ = "opening"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    at: Mapped[datetime]


class Notice(Traced, Base):
    """An in-app notice; one about a document is shown only while that may be seen."""

    __tablename__ = "notice"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    """None for what happens to the record as a whole."""
    professional_id: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """Whose access it tells of."""
    kind: Mapped[str]
    """The value of a `domain.notices.Event`."""
    at: Mapped[datetime]


class Receipt(Base):
    """The answer given to one deposit, to give again if it comes back."""

    __tablename__ = "receipt"
    __table_args__ = (CheckConstraint("num_nonnulls(client_id, professional_id) = 1", name="one"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of client + MSH-3/4 + MSH-10 + payload SHA-256 (interop.md §1.8 item 3)."""
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("machine_client.id"))
    """None when a professional deposited by hand."""
    professional_id: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    """What the laboratory quotes when it calls."""
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"))
    action: Mapped[str]
    at: Mapped[datetime]


def set_visibility(vault: Vault, document: Document) -> None:
    """Seal the flags as they stand now. Call it at each change, after raising the number."""
    document.visibility_mac = _visibility_mac(vault, document)


def check_visibility(vault: Vault, document: Document) -> None:
    """Tampered when a flag was changed without `set_visibility`."""
    if document.visibility_mac != _visibility_mac(vault, document):
        raise Tampered("visibility")


def _visibility_mac(vault: Vault, document: Document) -> bytes:
    given = document.masked, document.withheld, document.hidden_from_guardians
    flags = struct.pack(">???I", *given, document.visibility_number)
    return vault.mac("visibility", document.record_id.bytes + document.id.bytes + flags)
