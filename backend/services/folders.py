"""« Dossiers »: where who manages a record puts its documents away. A document is in one at most.

Names are sealed with the record’s key. A document that is hidden is in none of them.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import func

from backend.access import Action, authorise, note
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, kept_record
from backend.access.scopes.folders import contents_of, folders_for, placements_for
from backend.domain.documents import DocumentLine
from backend.domain.errors import NotFound, Refused
from backend.domain.folders import MOST, is_same
from backend.services import masking
from backend.storage.db import AsyncSession
from backend.storage.documents import Document
from backend.storage.folders import Folder, Placement
from backend.storage.records import Record, key_of

FRESH = {"populate_existing": True}


class Shelf(Struct, frozen=True):
    """One folder, and how many documents can be seen in it."""

    id: UUID
    name: str
    documents: int


class Place(Struct, frozen=True):
    """One document among the folders."""

    line: DocumentLine
    names: dict[UUID, str]
    chosen: UUID | None


async def index(db: AsyncSession, actor: Patient, at: Moment) -> list[Shelf]:
    """The page of all of them: their names say something of the person, so it leaves a line."""
    note(db, actor, Action.LIST_DOCUMENTS, actor.record_id)
    return await list_folders(db, actor, at)


async def names(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID, str]:
    """What each is called, from A to Z. Nothing for who does not manage the record."""
    query = folders_for(actor, at).join(Record, Record.id == Folder.record_id).add_columns(Record)
    found = {
        folder.id: key_of(db, record).open_value(str, folder.sealed_name, folder.id, "name")
        for folder, record in await db.execute(query)
    }
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


async def list_folders(db: AsyncSession, actor: Patient, at: Moment) -> list[Shelf]:
    """From A to Z, with how many documents can be seen in each."""
    counted = placements_for(actor, at).with_only_columns(
        Placement.folder_id, func.count().label("many")
    )
    rows = await db.execute(counted.group_by(Placement.folder_id))
    counts = {row.folder_id: row.many for row in rows}
    named = await names(db, actor, at)
    return [Shelf(id_, name, counts.get(id_, 0)) for id_, name in named.items()]


async def find(db: AsyncSession, actor: Patient, at: Moment, folder_id: UUID) -> Shelf:
    """One of them, or NotFound."""
    for shelf in await list_folders(db, actor, at):
        if shelf.id == folder_id:
            return shelf
    raise NotFound


async def look(db: AsyncSession, actor: Patient, at: Moment, document_id: UUID) -> Place:
    """Where one document is, and where it might be; NotFound when it may not be known."""
    note(db, actor, Action.LIST_DOCUMENTS, actor.record_id)
    line = await masking.look(db, actor, at, document_id)
    chosen = (await places(db, actor, at, [document_id])).get(document_id)
    return Place(line, await names(db, actor, at), chosen)


async def places(
    db: AsyncSession, actor: Patient, at: Moment, ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """In which folder each of these documents is, of those that are in one."""
    return {one.document_id: one.folder_id for one in await _placed(db, actor, at, ids)}


async def every_place(db: AsyncSession, actor: Patient, at: Moment) -> dict[UUID, UUID]:
    """In which folder each document is that can be seen in one."""
    placed = await db.scalars(placements_for(actor, at))
    return {one.document_id: one.folder_id for one in placed}


async def create(db: AsyncSession, actor: Patient, at: Moment, name: str) -> UUID:
    """An empty one. Refused beyond `MOST`, or when there is one of that name."""
    record = await _hold(db, actor, at)
    others = await names(db, actor, at)
    if len(others) >= MOST:
        raise Refused(f"Vous avez déjà {MOST} dossiers. Supprimez-en un d’abord.")
    _check_name(name, others.values())
    id_ = uuid4()
    sealed = key_of(db, record).seal_value(name, id_, "name")
    folder = Folder(id=id_, record_id=record.id, sealed_name=sealed, at=at.now)
    authorise(db, actor, Action.CREATE_FOLDER, folder)
    db.add(folder)
    return id_


async def rename(db: AsyncSession, actor: Patient, at: Moment, folder_id: UUID, name: str) -> None:
    """Call it otherwise; what is in it stays."""
    record = await _hold(db, actor, at)
    folder = await _find(db, actor, at, folder_id)
    others = await names(db, actor, at)
    _check_name(name, [other for id_, other in others.items() if id_ != folder_id])
    authorise(db, actor, Action.RENAME_FOLDER, folder)
    folder.sealed_name = key_of(db, record).seal_value(name, folder.id, "name")


async def remove(db: AsyncSession, actor: Patient, at: Moment, folder_id: UUID) -> None:
    """The folder alone: its documents are in no folder from then on, those that are hidden too."""
    await _hold(db, actor, at)
    folder = await _find(db, actor, at, folder_id)
    authorise(db, actor, Action.DELETE_FOLDER, folder)
    for placement in (await db.scalars(contents_of(folder))).all():
        await db.delete(placement)
    await db.flush()
    await db.delete(folder)


async def put(
    db: AsyncSession, actor: Patient, at: Moment, folder_id: UUID, ids: Collection[UUID]
) -> None:
    """Put documents in a folder, out of the one where they were: all of them or none.

    NotFound when the person may not know one of them.
    """
    await _hold(db, actor, at)
    folder = await _find(db, actor, at, folder_id)
    known = documents_for(actor, at).where(Document.id.in_(ids))
    if not ids or set(await db.scalars(known.with_only_columns(Document.id))) != set(ids):
        raise NotFound
    authorise(db, actor, Action.FILE_DOCUMENTS, folder)
    already = {one.document_id: one for one in await _placed(db, actor, at, ids)}
    for document_id in ids:
        if placement := already.get(document_id):
            placement.folder_id = folder.id
        else:
            place = {"folder_id": folder.id, "document_id": document_id, "at": at.now}
            db.add(Placement(id=uuid4(), record_id=folder.record_id, **place))


async def take_out(
    db: AsyncSession, actor: Patient, at: Moment, folder_id: UUID, ids: Collection[UUID]
) -> None:
    """Out of this folder: they stay in the record. Nothing for those that are not in it."""
    await _hold(db, actor, at)
    folder = await _find(db, actor, at, folder_id)
    authorise(db, actor, Action.FILE_DOCUMENTS, folder)
    for placement in await _placed(db, actor, at, ids):
        if placement.folder_id == folder.id:
            await db.delete(placement)


def _check_name(name: str, others: Iterable[str]) -> None:
    if any(is_same(name, other) for other in others):
        raise Refused("Vous avez déjà un dossier de ce nom. Choisissez-en un autre.")


async def _placed(
    db: AsyncSession, actor: Patient, at: Moment, ids: Collection[UUID]
) -> Sequence[Placement]:
    query = placements_for(actor, at).where(Placement.document_id.in_(ids))
    return (await db.scalars(query, execution_options=FRESH)).all()


async def _find(db: AsyncSession, actor: Patient, at: Moment, folder_id: UUID) -> Folder:
    query = folders_for(actor, at).where(Folder.id == folder_id)
    folder = await db.scalar(query, execution_options=FRESH)
    if folder is None:
        raise NotFound
    return folder


async def _hold(db: AsyncSession, actor: Patient, at: Moment) -> Record:
    """The record, locked: two clicks put nothing twice. Deposits do not wait."""
    held = kept_record(actor, at).with_for_update(of=Record, key_share=True)
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    return record
