"""« Mes données »: everything that a person may see of one record, in a file that they take away.

Asked on a page, made by the worker, sealed under the record's key, taken within a day and only
while all that is in it may still be seen: what was withheld, hidden or withdrawn since is gone.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import Select, Uuid, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import Moment, documents_for, files_for, records_for, versions_for
from backend.domain.errors import NotFound
from backend.domain.export import Piece, write_zip
from backend.domain.jobs import MakeExport, TellExport
from backend.domain.reports import Report
from backend.gateways.files import Files
from backend.services import choices_export, limits, measures, medical_profile
from backend.services.accounts import address_of
from backend.services.conversations.exporting import exported
from backend.services.credentials import refuse_if_cooling
from backend.services.people import known_person
from backend.services.profile_export import write_profile
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.accounts import Account, AccountState, Channel
from backend.storage.db import AsyncSession, utcnow
from backend.storage.documents import Document, StoredFile, Version
from backend.storage.exports import Export, ExportState
from backend.storage.outbox import enqueue
from backend.storage.records import Record, key_of, traits_of

LIFE = timedelta(hours=24)
ROBOT = Robot("make-export")
NO_SESSION = UUID(int=0)
MOST_BYTES = 100_000_000
"""Of original documents in one file: beyond, they are named and taken from their own page."""
SWEPT_AT_ONCE = 100


class Ready(Struct, frozen=True):
    """One export of this person, as its page shows it."""

    id: UUID
    state: ExportState
    created_at: datetime
    expires_at: datetime
    size: int


async def ask(db: AsyncSession, actor: Patient, at: Moment) -> Rejected | None:
    """Have one made of the record on the screen; the one under way counts. Cooling may refuse."""
    await present(db, actor)
    await refuse_if_cooling(db, actor)
    if await db.scalar(records_for(actor, at).where(Record.id == actor.record_id)) is None:
        raise NotFound
    if any(one.state is ExportState.WAITING for one in await of(db, actor, at)):
        return None
    if wait := await limits.hit(db, "export", str(actor.id)):
        return too_often(wait)
    export = Export(
        id=uuid4(),
        record_id=actor.record_id,
        account_id=actor.id,
        state=ExportState.WAITING,
        created_at=at.now,
        expires_at=at.now + LIFE,
    )
    authorise(db, actor, Action.ASK_EXPORT, export)
    db.add(export)
    await db.flush()
    await enqueue(db, MakeExport(export_id=export.id), key=f"make-export/{export.id}")
    return None


async def of(db: AsyncSession, actor: Patient, at: Moment) -> list[Ready]:
    """This person's exports of the record on the screen that still live, the newest first."""
    rows = await db.scalars(_alive(actor, at).order_by(Export.created_at.desc()))
    return [Ready(row.id, row.state, row.created_at, row.expires_at, row.size or 0) for row in rows]


async def take(
    db: AsyncSession, actor: Patient, at: Moment, files: Files, export_id: UUID
) -> bytes:
    """The file, opened; NotFound when it is not theirs, not ready, or no longer to be given."""
    await present(db, actor)
    export = await db.scalar(_alive(actor, at).where(Export.id == export_id))
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if export is None or record is None or export.file_key is None:
        raise NotFound
    authorise(db, actor, Action.TAKE_EXPORT, export)
    sealed = await files.get(export.file_key)
    return key_of(db, record).for_file(export.id).open(sealed, "export")


async def make(db: AsyncSession, at: Moment, files: Files, export_id: UUID) -> bool:
    """Make it; False when it is made already, or its person may no longer see that record."""
    export = await db.get(Export, export_id, with_for_update=True, populate_existing=True)
    if export is None or export.state is not ExportState.WAITING:
        return False
    eyes = await _eyes(db, export)
    try:
        record, identity = await known_person(db, eyes, at, export.record_id)
    except NotFound:
        return False
    authorise(db, ROBOT, Action.MAKE_EXPORT, export)
    held = [(version.id, piece) async for version, piece in _pieces(db, eyes, at, files, record)]
    patient = traits_of(db, record, identity)
    pieces = [piece for _, piece in held]
    more = write_profile(await medical_profile.told(db, eyes, at))
    own = await measures.every_measure(db, eyes, at, record)
    more += await exported(db, eyes, at, files, record)
    more += await choices_export.told(db, eyes, at)
    content = await asyncio.to_thread(write_zip, patient, pieces, at.now, own, more)
    export.file_key = f"exports/{export.id}/{uuid4().hex}"
    await files.put(export.file_key, key_of(db, record).for_file(export.id).seal(content, "export"))
    export.state, export.size = ExportState.READY, len(content)
    export.version_ids = [version_id for version_id, _ in held]
    export.ready_at, export.expires_at = at.now, at.now + LIFE
    await enqueue(db, TellExport(export_id=export.id), key=f"tell-export/{export.id}")
    return True


async def address_for(db: AsyncSession, at: Moment, export_id: UUID) -> tuple[Channel, str] | None:
    """Where to say that it is ready; None when it no longer is, or is no longer to be given."""
    export = await db.get(Export, export_id)
    if export is None:
        return None
    alive = _alive(await _eyes(db, export), at).where(Export.id == export_id)
    if await db.scalar(alive) is None:
        return None
    account = await db.get_one(Account, export.account_id)
    if account.state is not AccountState.ACTIVE:
        return None
    return await address_of(db, account)


async def sweep(db: AsyncSession) -> int:
    """Forget exports that are over; their files are left over from then on. How many."""
    past = select(Export).where(Export.expires_at <= utcnow()).limit(SWEPT_AT_ONCE)
    rows = (await db.scalars(past.with_for_update(skip_locked=True))).all()
    for export in rows:
        authorise(db, ROBOT, Action.MAKE_EXPORT, export)
        await db.delete(export)
    return len(rows)


def _alive(actor: Patient, at: Moment) -> Select[Export]:
    """Those of a day, all of whose documents this person may still see."""
    seen = versions_for(actor, at).with_only_columns(Version.id).scalar_subquery()
    return select(Export).where(
        Export.account_id == actor.id,
        Export.record_id == actor.record_id,
        Export.expires_at > at.now,
        or_(
            Export.state != ExportState.READY,
            Export.version_ids.contained_by(func.array(seen, type_=ARRAY(Uuid))),
        ),
    )


async def _eyes(db: AsyncSession, export: Export) -> Patient:
    account = await db.get_one(Account, export.account_id)
    return Patient(account.id, account.record_id, export.record_id, NO_SESSION)


async def _pieces(
    db: AsyncSession, eyes: Patient, at: Moment, files: Files, record: Record
) -> AsyncIterator[tuple[Version, Piece]]:
    """Each document that these eyes may see, the oldest first."""
    key, room = key_of(db, record), MOST_BYTES
    query = (
        documents_for(eyes, at)
        .join(Version, Version.id == Document.version_id)
        .add_columns(Version)
        .order_by(Document.dated_on, Document.id)
    )
    for document, version in (await db.execute(query)).all():
        report = key.open_value(Report, version.sealed_report, version.id, "report")
        opened = key.for_file(version.id)
        own, left_out = document.structure_id is None, room <= 0
        original = pdf = None
        if not left_out:
            if not own:
                original = opened.open(await files.get(version.file_key), "original")
            stored = await db.scalar(
                files_for(eyes, at).where(
                    StoredFile.version_id == version.id, StoredFile.part == "pdf"
                )
            )
            if stored:
                pdf = opened.open(await files.get(stored.file_key), "pdf", 1)
            room -= len(original or b"") + len(pdf or b"")
        yield version, Piece(document.dated_on, report, original, pdf, own=own, left_out=left_out)
