"""What waits for a professional where they work, counted for their first page: nobody is named."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Select, func, select

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import anomalies_for
from backend.access.scopes.dispatches import dispatches_for
from backend.access.scopes.reviews import alerts_to_review, emergencies_to_review
from backend.domain.anomalies import AnomalyState
from backend.domain.dispatches.words import FAILED
from backend.domain.laboratory import Ability, can
from backend.domain.trust_contracts import Ending
from backend.services.identification import contracts
from backend.storage.db import AsyncSession
from backend.storage.desk import IdentityAnomaly
from backend.storage.dispatches import Dispatch

Query = Select[*tuple[Any, ...]]


class Duties(Struct, frozen=True):
    """How many of each; none of what their roles do not let them do."""

    emergencies: int = 0
    """To review, of others than them."""
    alerts: int = 0
    untaken: int = 0
    """Anomalies that nobody took in charge."""
    taken: int = 0
    """Those that somebody did, and did not close."""
    failed: int = 0
    """Dispatches of the list « En échec »."""
    contracts: Ending = Ending()


async def duties(db: AsyncSession, actor: Professional, at: Moment) -> Duties:
    """Of the structure where they are; whatever there is to count, in one question."""
    asked = _asked(actor)
    counts = [_count(query).label(name) for name, query in asked.items()]
    row = (await db.execute(select(*counts))).one() if counts else ()
    found = dict(zip(asked, row, strict=True))
    return Duties(**found, contracts=await contracts.ending(db, actor, at))


def _asked(actor: Professional) -> dict[str, Query]:
    found: dict[str, Query] = {}
    if can(actor.roles, Ability.REVIEW_ACCESSES):
        found["emergencies"] = emergencies_to_review(actor)
        found["alerts"] = alerts_to_review(actor)
    if can(actor.roles, Ability.MANAGE_ANOMALIES):
        state = IdentityAnomaly.state
        found["untaken"] = anomalies_for(actor).where(state == AnomalyState.OPEN)
        found["taken"] = anomalies_for(actor).where(state == AnomalyState.TREATED)
    if can(actor.roles, Ability.SEND):
        failed = Dispatch.state.in_(FAILED.states)
        found["failed"] = dispatches_for(actor).where(failed)
    return found


def _count(query: Query) -> Any:
    bare = query.order_by(None)
    return bare.with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery()
