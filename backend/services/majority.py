"""The 18th birthday: parents are told three months before, the new adult gets a code that day.

Rights do not wait for this: the scopes compare dates themselves.
"""

from datetime import timedelta

import structlog
from sqlalchemy import String, cast, exists, literal, select

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes.families import children_of_age, children_of_age_soon
from backend.domain.calendar import MONTHS_BEFORE, civil_day, in_months
from backend.domain.jobs import TellMajority
from backend.services.accounts import address_of
from backend.services.enrolment.issuing import issue_first
from backend.services.space import hold
from backend.storage.accounts import Account, AccountState, Channel
from backend.storage.db import AsyncSession, utcnow
from backend.storage.outbox import OutboxRow, enqueue
from backend.storage.records import Guardianship

CALENDAR = Robot("calendar")
LATE = timedelta(days=365)
"""How late a sweep may come and still send its code to a new adult."""
AT_ONCE = 50

log = structlog.get_logger()


async def tell_parents(db: AsyncSession) -> int:
    """Promise a letter to each representative of a child who will be eighteen within three months.

    Once, however late: after an outage, or for a profile that was opened or shared since.
    """
    today = civil_day(utcnow())
    promised = exists().where(
        OutboxRow.dedupe_key == literal("tell-majority/") + cast(Guardianship.id, String)
    )
    soon = children_of_age_soon(today, in_months(today, MONTHS_BEFORE)).where(~promised)
    links = (await db.scalars(soon.limit(AT_ONCE))).all()
    for link in links:
        job = TellMajority(record_id=link.record_id, account_id=link.account_id)
        await enqueue(db, job, key=f"tell-majority/{link.id}")
    return len(links)


async def address_for(db: AsyncSession, job: TellMajority) -> tuple[Channel, str] | None:
    """Where to write, while the person still represents a minor."""
    space = await hold(db, job.record_id)
    link = await db.scalar(
        select(Guardianship).where(
            Guardianship.record_id == job.record_id, Guardianship.account_id == job.account_id
        )
    )
    born, account = space.record.minor_until, await db.get(Account, job.account_id)
    if link is None or link.revoked_at or born is None or born <= civil_day(utcnow()):
        return None
    if account is None or account.state is not AccountState.ACTIVE:
        return None
    authorise(db, CALENDAR, Action.TELL_MAJORITY, space.record)
    return await address_of(db, account)


async def send_codes(db: AsyncSession) -> int:
    """Promise a provisional code to each child who has just become an adult.

    The operator is told how many cannot be reached, once a round: when nobody else is left.
    """
    today = civil_day(utcnow())
    due = children_of_age(today - LATE, today).limit(AT_ONCE)
    batch = await issue_first(db, CALENDAR, due)
    unreached = batch.unreached
    while batch.last and not batch.made:
        batch = await issue_first(db, CALENDAR, due, after=batch.last)
        unreached += batch.unreached
    if unreached and not batch.made:
        log.warning("no_way_to_reach", kind="majority_codes", count=unreached)
    return batch.made
