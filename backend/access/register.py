"""The rules of the register of anomalies, and of the documents that patients say are not theirs."""

from backend.access.actions import Action
from backend.access.actors import Actor
from backend.access.conditions import Rule
from backend.access.workplace import at_work, by_somebody_else
from backend.domain.laboratory import Ability
from backend.storage.db import Traced
from backend.storage.desk import IdentityAnomaly
from backend.storage.documents import Document, DocumentStatus, Misfiling

_REPORTED = at_work(Ability.MANAGE_ANOMALIES, Misfiling)

REGISTER: dict[Action, Rule] = {
    Action.LIST_ANOMALIES: at_work(Ability.MANAGE_ANOMALIES),
    Action.OPEN_ANOMALY: at_work(Ability.CHECK_IDENTITY, IdentityAnomaly),
    Action.TREAT_ANOMALY: at_work(Ability.MANAGE_ANOMALIES, IdentityAnomaly),
    Action.SETTLE_ANOMALY: at_work(Ability.MANAGE_ANOMALIES, IdentityAnomaly),
    Action.EXPORT_ANOMALIES: at_work(Ability.MANAGE_ANOMALIES),
    Action.OPEN_MISFILING: _REPORTED,
    Action.KEEP_MISFILED: _REPORTED,
    Action.DOUBT_MISFILED: _REPORTED,
    Action.CONFIRM_MISFILED: by_somebody_else(_REPORTED),
    Action.REOPEN_MISFILING: _REPORTED,
}


def misfiled(actor: Actor, thing: Traced | None) -> bool:
    """Who keeps the register, on a document of their laboratory that is in quarantine."""
    put_away = isinstance(thing, Document) and thing.status is DocumentStatus.QUARANTINED
    return put_away and at_work(Ability.MANAGE_ANOMALIES, Document)(actor, thing)
