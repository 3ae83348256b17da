"""One step of one dispatch: its state, its event, its line in the journal, together."""

from uuid import uuid4

from backend.access import Action, Actor, authorise
from backend.access.actors import Robot
from backend.domain.deposits import Order
from backend.domain.dispatches import News, after
from backend.storage.db import AsyncSession, utcnow
from backend.storage.dispatches import Dispatch, DispatchEvent

ROBOT = Robot("dispatch")
ACTIONS = {
    News.SENT: Action.SEND_DISPATCH,
    News.DELIVERED: Action.FOLLOW_DISPATCH,
    News.READ: Action.FOLLOW_DISPATCH,
    News.REFUSED: Action.FOLLOW_DISPATCH,
    News.GIVEN_UP: Action.STOP_DISPATCH,
    News.CANCELLED: Action.STOP_DISPATCH,
    News.REPLAYED: Action.REPLAY_DISPATCH,
    News.SETTLED: Action.SETTLE_DISPATCH,
}
ITS_OWN_DOING = frozenset({"replaced", "withdrawn"})
"""Of the laboratory: there is nothing to tell it."""


def advance(
    db: AsyncSession,
    actor: Actor,
    dispatch: Dispatch,
    news: News,
    *,
    code: str = "",
    order: Order | None = None,
) -> bool:
    """Take the news in; False when they change nothing. The caller holds the row."""
    state = after(dispatch.state, news)
    if state is None:
        return False
    authorise(db, actor, ACTIONS[news], dispatch, reason=code)
    now = utcnow()
    dispatch.state, dispatch.changed_at = state, now
    dispatch.events += 1
    told = _acknowledges(news, code, order)
    db.add(
        DispatchEvent(
            id=uuid4(),
            record_id=dispatch.record_id,
            dispatch_id=dispatch.id,
            number=dispatch.events,
            at=now,
            news=news,
            round=dispatch.round,
            code=code,
            acknowledges=told,
            client_id=dispatch.client_id if told else None,
        )
    )
    return True


def _acknowledges(news: News, code: str, order: Order | None) -> str:
    """The acknowledgement that was asked for, `""` when none was."""
    if order is None or code in ITS_OWN_DOING:
        return ""
    if news is News.READ:
        return "Z03" if order.tell_reading else ""
    ends = news in {News.DELIVERED, News.REFUSED, News.GIVEN_UP, News.CANCELLED}
    return "Z02" if ends and order.tell_reception else ""
