"""Files that were chosen for a patient: sealed, for one session, an hour at most."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func

from backend.access import Action, Denied, authorise, may, refuse
from backend.access.actors import Professional, Robot
from backend.access.scopes import Moment
from backend.access.scopes.desk import patient_files
from backend.access.scopes.drafts import drafts_for, drafts_to_forget
from backend.domain.deposit_words import in_words
from backend.domain.deposits import DepositRefused, check_identity
from backend.domain.errors import NotFound, Refused
from backend.domain.handing import HOUR, About
from backend.domain.rniv import Mark, Status, compare
from backend.services import limits
from backend.services.handing.inspecting import Check, Seen
from backend.services.handing.receipts import previous_of
from backend.services.identification.files import hold
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession, utcnow
from backend.storage.desk import PatientFile, traits_of
from backend.storage.drafts import DepositDraft, about_draft, seal_draft

CALENDAR = Robot("calendar")
AT_ONCE = 100
MOST = 30
"""Drafts of one session, for all its patients."""
SAME = "Celle de la personne affichée, lettre à lettre."
OTHER = "L’identité du fichier n’est pas celle de la personne affichée. Le dépôt est bloqué."
NOT_QUALIFIED = (
    "L’identité de ce dossier n’est pas qualifiée : l’INS ne peut pas accompagner un document. "
    "Qualifiez-la d’abord."
)


class Kept(Struct, frozen=True):
    """A draft as its list shows it."""

    id: UUID
    about: About


async def admit(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, count: int
) -> Rejected | None:
    """Before `count` files are opened: whose, by whom, how many already; Rejected says how long."""
    file = await db.scalar(patient_files(actor).where(PatientFile.id == file_id))
    if file is None:
        raise NotFound
    if not may(actor, Action.KEEP_DRAFT, file):
        raise Denied(Action.KEEP_DRAFT, None, file.id)
    check_qualified(file)
    mine = drafts_for(actor, at.now).with_only_columns(func.count())
    if (await db.scalar(mine) or 0) + count > MOST:
        raise Refused("Trop de fichiers attendent : déposez-les ou retirez-les d’abord.")
    for _ in range(count):
        if wait := await limits.hit(db, "deposit-file", str(actor.id)):
            return too_often(wait)
    return None


async def keep(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    file_id: UUID,
    *,
    seen: Sequence[Seen],
    replaces: str = "",
) -> tuple[list[UUID], list[Seen]]:
    """Keep the files that are this patient’s; the others are given back with what is wrong.

    Of those nothing is stored but the line of their refusal. NotFound when `replaces` is no receipt
    of something that may be replaced.
    """
    file = await hold(db, actor, file_id)
    if replaces:
        await previous_of(db, actor, replaces)
    check_qualified(file)
    compared = [_compare(db, file, one) for one in seen]
    authorise(db, actor, Action.KEEP_DRAFT, file)
    ids = []
    for one in compared:
        if one.good and one.sort:
            about = About(
                one.name[:200], one.sort, replaces, removed=one.removed, verdict=one.verdict
            )
            draft = DepositDraft(
                id=uuid4(),
                file_id=file.id,
                session_id=actor.session_id,
                kept_at=at.now,
                ends_at=at.now + HOUR,
            )
            seal_draft(db, file, draft, about, one.content)
            db.add(draft)
            ids.append(draft.id)
        else:
            note_refusal(db, actor, file, one.code)
    await db.flush()
    return ids, [one for one in compared if not one.good]


def check_qualified(file: PatientFile) -> None:
    """The INS may go with documents, or Refused."""
    standing = file.standing
    if standing.status is not Status.QUAL or standing.marks & {Mark.FICTITIOUS, Mark.DOUBTFUL}:
        raise Refused(NOT_QUALIFIED)


def note_refusal(db: AsyncSession, actor: Professional, file: PatientFile, code: str) -> None:
    """In the journal of the file: its code, nobody’s words."""
    action = Action.DEPOSIT_REFUSED
    refuse(db, actor, action, record_id=file.id, thing_id=file.id, reason=code)


async def list_drafts(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID
) -> list[Kept]:
    """What waits for this patient, in this session."""
    file = await hold(db, actor, file_id)
    mine = drafts_for(actor, at.now).where(DepositDraft.file_id == file_id)
    rows = await db.scalars(mine.order_by(DepositDraft.kept_at, DepositDraft.id))
    return [Kept(row.id, about_draft(db, file, row)) for row in rows]


async def find(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, draft_id: UUID
) -> tuple[PatientFile, DepositDraft]:
    """Both held until the commit; NotFound for another session’s, another laboratory’s."""
    file = await hold(db, actor, file_id)
    query = drafts_for(actor, at.now).where(
        DepositDraft.id == draft_id, DepositDraft.file_id == file_id
    )
    if (draft := await db.scalar(query.with_for_update())) is None:
        raise NotFound
    return file, draft


async def drop(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, draft_id: UUID
) -> None:
    """It is not to be deposited."""
    file, draft = await find(db, actor, at, file_id, draft_id)
    await forget(db, actor, file, draft)


async def forget(
    db: AsyncSession, actor: Professional, file: PatientFile, draft: DepositDraft
) -> None:
    """Nothing of it stays."""
    authorise(db, actor, Action.FORGET_DRAFT, file)
    await db.delete(draft)
    await db.flush()


async def forget_drafts(db: AsyncSession) -> int:
    """Those whose hour is over; how many."""
    rows = (await db.scalars(drafts_to_forget(utcnow()).limit(AT_ONCE))).all()
    for row in rows:
        authorise(db, CALENDAR, Action.FORGET_DRAFT, row)
        await db.delete(row)
    return len(rows)


def _compare(db: AsyncSession, file: PatientFile, seen: Seen) -> Seen:
    """What a CDA says of its patient, beside the file."""
    if seen.report is None:
        return seen
    ours, carried = traits_of(db, file), seen.report.header.patient
    try:
        check_identity(ours, carried, ours)
    except DepositRefused as refusal:
        words = OTHER if refusal.code == "904" else in_words(refusal)
        failed = Check("Identité", words, good=False, differences=compare(ours, carried))
        return replace(seen, content=b"", checks=(*seen.checks, failed), code=refusal.code)
    return replace(seen, checks=(*seen.checks, Check("Identité", SAME)))
