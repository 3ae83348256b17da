"""« Règles du laboratoire »: the families of tests that are withheld by default."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes.policies import chosen_by
from backend.domain.errors import Forbidden
from backend.domain.withheld_families import Family, families
from backend.services import pro_sign_in
from backend.services.professionals import named
from backend.storage.db import AsyncSession, take_turns, utcnow
from backend.storage.policies import WithheldFamily


class Choice(Struct, frozen=True):
    """One family, and who chose it since when; nobody when it is not chosen."""

    family: Family
    since: datetime | None = None
    by: str = ""


async def choices(db: AsyncSession, actor: Professional) -> list[Choice]:
    """Every family, as its page shows it."""
    authorise(db, actor, Action.SEE_POLICY, None)
    chosen = {row.family: row for row in await db.scalars(chosen_by(actor))}
    names = await named(db, {row.chosen_by for row in chosen.values()})
    return [
        Choice(one, row.chosen_at, names[row.chosen_by].name) if row else Choice(one)
        for one in families()
        for row in [chosen.get(one.key)]
    ]


async def choose(db: AsyncSession, actor: Professional, wanted: Collection[str]) -> None:
    """These and no others, for what is deposited from now on."""
    await take_turns(db, f"policy/{actor.structure_id}")
    now = await pro_sign_in.present(db, actor)
    if now.structure_id is None:
        raise Forbidden
    authorise(db, now, Action.SEE_POLICY, None)
    chosen = {row.family: row for row in await db.scalars(chosen_by(now))}
    for family in sorted(set(wanted) - chosen.keys()):
        row = _row(now.structure_id, family, now.id)
        authorise(db, now, Action.CHANGE_POLICY, row, reason=family)
        db.add(row)
    for family in sorted(chosen.keys() - set(wanted)):
        authorise(db, now, Action.CHANGE_POLICY, chosen[family], reason=family)
        chosen[family].ended_by, chosen[family].ended_at = now.id, utcnow()


def _row(structure_id: UUID, family: str, by: UUID) -> WithheldFamily:
    return WithheldFamily(
        id=uuid4(), structure_id=structure_id, family=family, chosen_by=by, chosen_at=utcnow()
    )
