"""What was withheld when somebody took it back by hand is withheld when it comes again.

Ten minutes are for mistakes, not a way round the announcement. It comes again with the same pages,
whatever door they take; by hand, also with the same type and the same day of sampling: a page that
is scanned twice is never the same file. Only who may release a result deposits it again visible.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.access.actors import Professional
from backend.access.scopes.drafts import taken_back_withheld
from backend.domain.calendar import civil_day
from backend.domain.deposits import check_flags
from backend.domain.laboratory import Ability, can
from backend.services.deposits.lookup import Known, Sent, by_author
from backend.services.filing import pdf_fingerprint
from backend.storage.db import AsyncSession
from backend.storage.records import key_of


class TakenBack(Struct, frozen=True):
    """One document that left so."""

    structure_id: UUID
    record_id: UUID
    type_code: str
    dated_on: date
    pages: bytes | None


async def find_taken_back(
    db: AsyncSession, known: Known, batch: Sequence[Sent]
) -> Sequence[TakenBack]:
    """Those of the records of a batch; no query for what is withheld anyway."""
    found: list[TakenBack] = []
    for actor, theirs in by_author(batch):
        asked = {
            known.records[sent.ins_index][0].id
            for sent in theirs
            if _shows(sent) and sent.ins_index in known.records
        }
        if asked:
            rows = await db.execute(taken_back_withheld(actor, asked))
            found += [TakenBack(*row) for row in rows]
    return found


def as_taken_back(db: AsyncSession, known: Known, there: Sequence[TakenBack], sent: Sent) -> Sent:
    """The deposit, withheld when it comes again; DepositRefused when nobody could read it so."""
    if not is_taken_back(db, known, there, sent):
        return sent
    flags = replace(sent.deposit.flags, withheld=True)
    check_flags(flags)
    return replace(sent, deposit=replace(sent.deposit, flags=flags))


def is_taken_back(db: AsyncSession, known: Known, there: Sequence[TakenBack], sent: Sent) -> bool:
    """Whether it is what somebody took back while it was withheld."""
    if not there or not _shows(sent) or sent.ins_index not in known.records:
        return False
    record, _identity = known.records[sent.ins_index]
    pdf, header = sent.deposit.report.pdf, sent.deposit.report.header
    pages = None if pdf is None else pdf_fingerprint(key_of(db, record), pdf)
    told = sent.deposit.type_code, civil_day(header.sampled_at or header.created)
    by_hand = isinstance(sent.actor, Professional)
    return any(
        one.structure_id == sent.structure_id
        and one.record_id == record.id
        and (
            (pages is not None and pages == one.pages)
            or (sent.is_new and by_hand and told == (one.type_code, one.dated_on))
        )
        for one in there
    )


def _shows(sent: Sent) -> bool:
    """It is to be visible at once, and who says so may not release what waits.

    By hand also in the place of something else, which would show its pages as well.
    """
    if sent.deposit.flags.withheld or sent.follows:
        return False
    if isinstance(sent.actor, Professional):
        return sent.adds and not can(sent.actor.roles, Ability.RELEASE)
    return sent.is_new
