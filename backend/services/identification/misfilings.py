"""What patients say is not theirs, in the register of the laboratory that deposited it.

One person gives a document back; two withdraw it. Nothing of what it says is read for that: only
whose name the laboratory wrote on it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, func

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import patient_files
from backend.access.scopes.misfiled import (
    misfiled_documents,
    misfilings_for,
    misfilings_waiting,
    receipts_of_misfiled,
)
from backend.domain import misfilings as rules
from backend.domain.anomalies import AnomalyKind, AnomalyState, Line
from backend.domain.calendar import civil_day
from backend.domain.deposits import DepositAction
from backend.domain.errors import NotFound
from backend.domain.laboratory import Ability, can
from backend.domain.misfilings import ENDS, UNANSWERED, Answer, MisfilingState
from backend.domain.notices import Event
from backend.domain.reports import Report, Traits
from backend.services import pro_sign_in
from backend.services.deposits import receipt_for
from backend.services.deposits.actions import take_off
from backend.services.deposits.lookup import message_index
from backend.services.notices import announce
from backend.services.professionals import named
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import PatientFile, number_index
from backend.storage.documents import Document, DocumentStatus, Misfiling, Version
from backend.storage.records import Record, key_of

Found = Row[Misfiling, Document, Version, Record]
SHORT = 8
"""Characters of an id that people say to each other."""
FRESH = {"populate_existing": True}
"""What was read before the lock was held may have changed since."""
BY = {
    Answer.KEEP: Action.KEEP_MISFILED,
    Answer.REMOVE: Action.DOUBT_MISFILED,
    Answer.CONFIRM: Action.CONFIRM_MISFILED,
    Answer.AGAIN: Action.REOPEN_MISFILING,
}
STATES = {
    MisfilingState.OPEN: AnomalyState.OPEN,
    MisfilingState.DOUBTED: AnomalyState.TREATED,
    MisfilingState.CONFIRMED: AnomalyState.SETTLED,
    MisfilingState.WITHDRAWN: AnomalyState.SETTLED,
}


class Shown(Struct, frozen=True):
    """One of them, as its page shows it."""

    line: Line
    state: MisfilingState
    receipt: str
    who: Traits
    """As the laboratory wrote them on it."""
    report: str
    """The laboratory’s own identifier of the document."""
    sampled_on: datetime | None
    deposited_at: datetime
    file_id: UUID | None
    """The file of these traits at the desk, to compare with."""
    mine: bool
    """Who looks said first that it is somebody else’s."""


async def waiting(db: AsyncSession, actor: Professional) -> int:
    """How many this person may answer, for their home page."""
    if not can(actor.roles, Ability.MANAGE_ANOMALIES):
        return 0
    counted = misfilings_waiting(actor).with_only_columns(func.count())
    return await db.scalar(counted) or 0


async def lines(
    db: AsyncSession, actor: Professional, *, settled: bool
) -> list[tuple[datetime, Line]]:
    """Those of the register, each with when it came; without `settled`, what is to be done."""
    query = misfilings_for(actor)
    if not settled:
        query = query.where(Misfiling.state.in_(UNANSWERED))
    rows = (await db.scalars(query)).all()
    return [(row.at, line) for row, line in zip(rows, await _lines(db, actor, rows), strict=True)]


async def open_misfiling(db: AsyncSession, actor: Professional, misfiling_id: UUID) -> Shown:
    """Whose name is on it, when it came, and what was answered."""
    misfiling, _document, version, record = await _find(db, actor, misfiling_id)
    authorise(db, actor, Action.OPEN_MISFILING, misfiling)
    (line,) = await _lines(db, actor, [misfiling])
    key = key_of(db, record)
    header = key.open_value(Report, version.sealed_report, version.id, "report").header
    receipts = await _receipts(db, actor, {version.id})
    return Shown(
        line=line,
        state=misfiling.state,
        receipt=receipts.get(version.id, ""),
        who=header.patient,
        report=str(header.id),
        sampled_on=header.sampled_at,
        deposited_at=version.received_at,
        file_id=await _file_of(db, actor, misfiling, header.patient),
        mine=misfiling.professional_id == actor.id,
    )


async def answer(
    db: AsyncSession, actor: Professional, at: Moment, misfiling_id: UUID, said: Answer
) -> None:
    """What somebody says takes effect; Refused when somebody else answered before."""
    actor = await pro_sign_in.present(db, actor)
    misfiling, document, version, _record = await _hold(db, actor, misfiling_id)
    first = misfiling.professional_id == actor.id
    state = rules.answer(misfiling.state, said, first=first)
    authorise(db, actor, BY[said], misfiling)
    misfiling.state = state
    if state in UNANSWERED:
        doubted = state is MisfilingState.DOUBTED
        misfiling.professional_id = actor.id if doubted else None
        misfiling.doubted_at = at.now if doubted else None
        return
    misfiling.closed_at, misfiling.closed_by = at.now, actor.id
    if state is MisfilingState.CONFIRMED:
        document.status = DocumentStatus.CURRENT
        await _tell(db, at, document, Event.CHECKED)
    else:
        await _withdraw(db, actor, at, document, version)


async def _withdraw(
    db: AsyncSession, actor: Professional, at: Moment, document: Document, version: Version
) -> None:
    """As when the laboratory’s system withdraws it: a receipt, a notice, no screen any more."""
    authorise(db, actor, Action.WITHDRAW_DOCUMENT, document)
    await take_off(db, document, version)
    index = message_index(vault_of(db), actor, f"misfiled-withdrawn|{version.id}")
    db.add(receipt_for(actor, index, version, DepositAction.WITHDRAW))
    await _tell(db, at, document, Event.WITHDRAWN)


async def _tell(db: AsyncSession, at: Moment, document: Document, event: Event) -> None:
    await announce(db, record_id=document.record_id, event=event, at=at.now, document=document)


async def _find(db: AsyncSession, actor: Professional, misfiling_id: UUID) -> Found:
    query = misfiled_documents(actor).where(Misfiling.id == misfiling_id)
    found = (await db.execute(query, execution_options=FRESH)).first()
    if found is None:
        raise NotFound
    return found


async def _hold(db: AsyncSession, actor: Professional, misfiling_id: UUID) -> Found:
    """In the turn of its document, as the messages of the laboratory’s system are."""
    held = misfiled_documents(actor).where(Misfiling.id == misfiling_id)
    await db.execute(held.with_only_columns(Document.id).with_for_update(of=Document))
    return await _find(db, actor, misfiling_id)


async def _file_of(
    db: AsyncSession, actor: Professional, misfiling: Misfiling, who: Traits
) -> UUID | None:
    index = number_index(vault_of(db), misfiling.structure_id, who.oid, who.matricule)
    file = await db.scalar(patient_files(actor).where(PatientFile.ins_index == index))
    return file.id if file else None


async def _receipts(db: AsyncSession, actor: Professional, versions: set[UUID]) -> dict[UUID, str]:
    found = await db.execute(receipts_of_misfiled(actor, versions))
    return {id_: number for id_, number in found}  # noqa: C416 - rows, not pairs


async def _lines(db: AsyncSession, actor: Professional, rows: Sequence[Misfiling]) -> list[Line]:
    versions = {row.version_id for row in rows}
    receipts = await _receipts(db, actor, versions)
    ids = {id_ for row in rows for id_ in (row.professional_id, row.closed_by) if id_}
    names = {id_: one.name for id_, one in (await named(db, ids)).items()}
    return [_line(row, receipts.get(row.version_id, ""), names) for row in rows]


def _line(row: Misfiling, receipt: str, names: dict[UUID, str]) -> Line:
    return Line(
        id=row.id,
        file_id=None,
        number=str(row.id)[:SHORT],
        opened=_day(row.at),
        opened_by="le patient",
        file="",
        kind=AnomalyKind.MISFILED,
        partner="",
        detail=f"Signalé par le patient : le document du reçu {receipt} n’est pas le sien.",
        state=STATES[row.state],
        treated=_day(row.doubted_at),
        treated_by=names.get(row.professional_id, "") if row.professional_id else "",
        settled=_day(row.closed_at),
        settled_by=names.get(row.closed_by, "") if row.closed_by else _by_message(row),
        outcome=ENDS.get(row.state, ""),
    )


def _by_message(row: Misfiling) -> str:
    return "un message du laboratoire" if row.closed_at else ""


def _day(at: datetime | None) -> str:
    return f"{civil_day(at):%d/%m/%Y}" if at else ""
