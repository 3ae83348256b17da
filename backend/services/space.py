"""The life of a space: where it stands, and the only place where that changes."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from backend.access import Action, Actor, authorise
from backend.access.scopes import whole_space
from backend.domain.activation import ARCHIVE_YEARS, ERASE_AFTER
from backend.domain.calendar import civil_day, in_years
from backend.domain.space import Event, State, after
from backend.storage.accounts import Account, AccountState
from backend.storage.db import AsyncSession, utcnow
from backend.storage.records import Record, RecordState

PLAIN = {
    RecordState.INFORMED: State.INFORMED,
    RecordState.OPEN: State.OPEN,
    RecordState.OPPOSED: State.OPPOSED,
    RecordState.CLOSED: State.CLOSED,
    RecordState.SUSPENDED: State.SUSPENDED,
    RecordState.DECEASED: State.DECEASED,
    RecordState.ERASED: State.ERASED,
    RecordState.TRANSIT: State.TRANSIT,
}
STORED = {state: record for record, state in PLAIN.items()} | {
    State.ATTACHED: RecordState.ACTIVE,
    State.ACTIVE: RecordState.ACTIVE,
    State.LOCKED: RecordState.ACTIVE,
    State.ERASING: RecordState.CLOSED,
}
ACCOUNTS = {
    State.ACTIVE: AccountState.ACTIVE,
    State.LOCKED: AccountState.SUSPENDED,
    State.SUSPENDED: AccountState.SUSPENDED,
    State.CLOSED: AccountState.CLOSED,
    State.ERASING: AccountState.CLOSED,
    State.DECEASED: AccountState.CLOSED,
    State.ERASED: AccountState.CLOSED,
}
ABOUT_ACCOUNT = frozenset(
    {
        *(Event.STEP_UP, Event.CHANGE_CREDENTIAL, Event.CANCEL_CHANGE),
        *(Event.RECOVER, Event.ENROL_AGAIN),
    }
)
ARCHIVED = (RecordState.OPPOSED, RecordState.CLOSED)
ENDED = frozenset({State.OPPOSED, State.CLOSED, State.ERASING})


class Space(NamedTuple):
    """A record and its holder’s account, if there is one."""

    record: Record
    account: Account | None

    @property
    def state(self) -> State:
        """The one state that the two rows mean together."""
        if self.record.erasure_asked and self.record.state in ARCHIVED:
            return State.ERASING
        if self.record.state is not RecordState.ACTIVE:
            return PLAIN[self.record.state]
        if self.account is None:
            return State.ATTACHED
        return State.ACTIVE if self.account.state is AccountState.ACTIVE else State.LOCKED


async def hold(db: AsyncSession, record_id: UUID) -> Space:
    """The record and its holder's account, as they are now and until the commit.

    Whatever changes a space begins here, so that two changes wait for each other.
    """
    record = (await db.scalars(whole_space(record_id), execution_options=FRESH)).one()
    query = select(Account).where(Account.record_id == record_id).with_for_update()
    return Space(record, await db.scalar(query, execution_options=FRESH))


FRESH = {"populate_existing": True}


def advance(db: AsyncSession, actor: Actor, action: Action, event: Event, space: Space) -> State:
    """`event` happens to the space; Impossible or Denied when it may not, and nothing changes.

    The line of the journal is about the record, or about the account when the rule says so.
    """
    now = after(space.state, event)
    authorise(db, actor, action, space.account if event in ABOUT_ACCOUNT else space.record)
    if now is not space.state:
        _settle(space, now, utcnow())
    return now


def _settle(space: Space, state: State, at: datetime) -> None:
    """Write down the new state, and the dates that follow from it."""
    record, account = space
    if state is not State.ERASING or record.state is not RecordState.OPPOSED:
        record.state = STORED[state]  # what was refused stays refused, and says so
    if account is not None and state in ACCOUNTS:
        account.state = ACCOUNTS[state]
    record.erasure_asked = state is State.ERASING
    if state not in ENDED:
        record.ended_at = record.erase_on = None
        return
    record.ended_at = record.ended_at or at
    if state is State.ERASING:
        record.erase_on = civil_day(at + ERASE_AFTER)
    else:
        record.erase_on = in_years(civil_day(record.ended_at), ARCHIVE_YEARS)
