"""The register of identity anomalies of a laboratory: opened, taken in charge, closed, exported."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import anomalies_for, contracts_for, patient_files
from backend.domain import anomalies as rules
from backend.domain.anomalies import AnomalyKind, AnomalyState, Line, read_words, write_register
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound, Refused
from backend.services.identification import misfilings
from backend.services.identification.files import hold
from backend.services.professionals import named
from backend.storage.db import AsyncSession
from backend.storage.desk import IdentityAnomaly, PatientFile, key_of, terms_of

SHORT = 8
"""Characters of an id that people say to each other."""


async def open_anomaly(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    file_id: UUID,
    *,
    kind: AnomalyKind,
    detail: str,
) -> IdentityAnomaly:
    """A new line; one from a partner’s samples is for their audits too."""
    file = await hold(db, actor, file_id)
    if not (words := read_words(detail)):
        raise Refused("Décrivez l’anomalie : ce qui ne va pas, et comment vous l’avez vu.")
    if kind not in rules.BY_HAND:
        raise Refused("Le patient seul signale cela : choisissez une autre nature.")
    if kind is AnomalyKind.PARTNER and file.contract_id is None:
        raise Refused("Ce dossier ne vient pas d’un partenaire : choisissez une autre nature.")
    anomaly_id = uuid4()
    anomaly = IdentityAnomaly(
        id=anomaly_id,
        file_id=file.id,
        structure_id=file.structure_id,
        contract_id=file.contract_id,
        kind=kind,
        state=AnomalyState.OPEN,
        opened_by=actor.id,
        opened_at=at.now,
        sealed_detail=key_of(db, file).seal_value(words, anomaly_id, "detail"),
    )
    authorise(db, actor, Action.OPEN_ANOMALY, anomaly)
    db.add(anomaly)
    await db.flush()
    return anomaly


async def treat(db: AsyncSession, actor: Professional, at: Moment, anomaly_id: UUID) -> None:
    """Somebody takes it in charge."""
    anomaly = await _hold(db, actor, anomaly_id)
    state = rules.treat(anomaly.state)
    authorise(db, actor, Action.TREAT_ANOMALY, anomaly)
    anomaly.state = state
    anomaly.treated_by, anomaly.treated_at = actor.id, at.now


async def settle(
    db: AsyncSession, actor: Professional, at: Moment, anomaly_id: UUID, outcome: str
) -> None:
    """It is closed, with a reason."""
    anomaly = await _hold(db, actor, anomaly_id)
    state = rules.settle(anomaly.state, outcome)
    authorise(db, actor, Action.SETTLE_ANOMALY, anomaly)
    anomaly.state = state
    file = await hold(db, actor, anomaly.file_id)
    key = key_of(db, file)
    anomaly.sealed_outcome = key.seal_value(read_words(outcome), anomaly.id, "outcome")
    anomaly.settled_by, anomaly.settled_at = actor.id, at.now


async def list_anomalies(
    db: AsyncSession, actor: Professional, *, settled: bool = True
) -> list[Line]:
    """The register, the newest first; without `settled`, what is still to be done."""
    authorise(db, actor, Action.LIST_ANOMALIES, None)
    return await _lines(db, actor, settled=settled)


async def export_register(db: AsyncSession, actor: Professional) -> bytes:
    """All of it, for a spreadsheet."""
    authorise(db, actor, Action.EXPORT_ANOMALIES, None)
    return write_register(await _lines(db, actor, settled=True))


async def _lines(db: AsyncSession, actor: Professional, *, settled: bool) -> list[Line]:
    query = anomalies_for(actor)
    if not settled:
        query = query.where(IdentityAnomaly.state != AnomalyState.SETTLED)
    last_first = (IdentityAnomaly.opened_at.desc(), IdentityAnomaly.id)
    rows = (await db.scalars(query.order_by(*last_first))).all()
    ids = {row.file_id for row in rows}
    files = {
        file.id: file
        for file in await db.scalars(patient_files(actor).where(PatientFile.id.in_(ids)))
    }
    partners = {one.id: terms_of(db, one).partner for one in await db.scalars(contracts_for(actor))}
    names = await _names(db, rows)
    lines = [(row.opened_at, _line(db, row, files[row.file_id], partners, names)) for row in rows]
    lines += await misfilings.lines(db, actor, settled=settled)
    return [line for _, line in sorted(lines, key=lambda one: one[0], reverse=True)]


async def _names(db: AsyncSession, rows: Sequence[IdentityAnomaly]) -> dict[UUID | None, str]:
    ids = {id_ for row in rows for id_ in (row.opened_by, row.treated_by, row.settled_by) if id_}
    return {id_: one.name for id_, one in (await named(db, ids)).items()}


def _line(
    db: AsyncSession,
    row: IdentityAnomaly,
    file: PatientFile,
    partners: dict[UUID, str],
    names: dict[UUID | None, str],
) -> Line:
    key = key_of(db, file)
    outcome = row.sealed_outcome
    return Line(
        id=row.id,
        file_id=row.file_id,
        number=str(row.id)[:SHORT],
        opened=f"{civil_day(row.opened_at):%d/%m/%Y}",
        opened_by=names.get(row.opened_by, ""),
        file=str(row.file_id)[:SHORT],
        kind=row.kind,
        partner=partners.get(row.contract_id, "") if row.contract_id else "",
        detail=key.open_value(str, row.sealed_detail, row.id, "detail"),
        state=row.state,
        treated=f"{civil_day(row.treated_at):%d/%m/%Y}" if row.treated_at else "",
        treated_by=names.get(row.treated_by, ""),
        settled=f"{civil_day(row.settled_at):%d/%m/%Y}" if row.settled_at else "",
        settled_by=names.get(row.settled_by, ""),
        outcome=key.open_value(str, outcome, row.id, "outcome") if outcome else "",
    )


async def _hold(db: AsyncSession, actor: Professional, anomaly_id: UUID) -> IdentityAnomaly:
    held = anomalies_for(actor).where(IdentityAnomaly.id == anomaly_id).with_for_update()
    if (anomaly := await db.scalar(held)) is None:
        raise NotFound
    return anomaly
